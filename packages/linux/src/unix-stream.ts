import { type Failure, fail, ok, type Result } from '@softset/base';
import { EAGAIN, errnoFailure, lastErrno, lastFailure } from './errno.js';
import { closeFd } from './fd.js';
import { AF_UNIX, declare, MSG_DONTWAIT, MSG_NOSIGNAL, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from './libc.js';
import { peerCredentials } from './peer-credentials.js';
import { encodeUnixAddress } from './sockaddr.js';
import { bindSocket, connectSocket, openSocket, prepare } from './socket.js';
import { changeMode, removeFile, removeSocket } from './unix-path.js';

const listen = declare<(fd: number, backlog: number) => number>('int listen(int fd, int backlog)');
const accept4 = declare<(fd: number, address: null, length: null, flags: number) => number>(
  'int accept4(int fd, void *address, void *length, int flags)',
);
const recv = declare<(fd: number, bytes: Uint8Array, length: number, flags: number) => number>(
  'intptr_t recv(int fd, void *bytes, size_t length, int flags)',
);
const send = declare<(fd: number, bytes: Uint8Array, length: number, flags: number) => number>(
  'intptr_t send(int fd, const void *bytes, size_t length, int flags)',
);

export interface Accepted {
  /** Never blocks; the caller closes it. */
  readonly fd: number;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** A UNIX stream socket that listens (unix(7)). Made by `listenUnix`. */
export class UnixListener {
  readonly fd: number;
  readonly #path: string;
  #lastError: Failure | undefined;
  #open = true;

  constructor(fd: number, path: string) {
    this.fd = fd;
    this.#path = path;
  }

  /** The newest failure that `accept` met, such as `EMFILE`. */
  get lastError(): Failure | undefined {
    return this.#lastError;
  }

  /** The next connection with the credentials of who made it; undefined when none waits. */
  accept(): Accepted | undefined {
    const fd = accept4(this.fd, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      const errno = lastErrno();
      if (errno !== EAGAIN) this.#lastError = errnoFailure('accept4', errno);
      return undefined;
    }
    const peer = peerCredentials(fd);
    if (peer.ok) return { fd, ...peer.value };
    this.#lastError = peer;
    closeFd(fd);
    return undefined;
  }

  /** Also removes the socket's file. Connections that were accepted go on. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    removeFile(this.#path);
    closeFd(this.fd);
  }
}

/**
 * Listens at `path` (a leading `@` means the abstract namespace) with the file's `mode`. A socket file that nobody
 * serves any more is replaced; one that a living process serves is not: `EADDRINUSE`. Two processes that start at the
 * same moment must settle it by a lock file first. Errors: `ENAMETOOLONG` (107 bytes), `ENOENT` (no such folder),
 * `EACCES`.
 */
export function listenUnix(path: string, backlog: number, mode: number): Result<UnixListener> {
  const address = encodeUnixAddress(path);
  if (!address.ok) return address;
  const stale = clearStale(path, address.value);
  if (!stale.ok) return stale;
  const opened = openSocket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, 'socket(AF_UNIX)');
  if (!opened.ok) return opened;
  const fd = opened.value;
  const failure = prepare(fd, [
    () => bindSocket(fd, address.value, `bind(${path})`),
    // Before listen: until then nobody can connect, whatever the file's mode was for a moment.
    () => changeMode(path, mode),
    () => (listen(fd, backlog) < 0 ? lastFailure(`listen(${path})`) : ok(undefined)),
  ]);
  return failure ?? ok(new UnixListener(fd, path));
}

/** Connecting is the only question that tells a served socket file from a forgotten one. */
function clearStale(path: string, address: Uint8Array): Result<void> {
  if (path.startsWith('@')) return ok(undefined);
  const opened = openSocket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, 'socket(AF_UNIX)');
  if (!opened.ok) return opened;
  const connected = connectSocket(opened.value, address, `connect(${path})`);
  closeFd(opened.value);
  // EAGAIN: served, and its backlog is full.
  if (connected.ok || connected.code === 'EAGAIN') return fail('EADDRINUSE', `${path} is served by a living process`);
  if (connected.code === 'ECONNREFUSED') removeSocket(path);
  return ok(undefined);
}

/**
 * Reads what is there from a socket, without waiting: how many bytes, 0 when the other side has ended.
 * Errors: `EAGAIN` (nothing now), `ECONNRESET`.
 */
export function readFd(fd: number, buffer: Uint8Array): Result<number> {
  const length = recv(fd, buffer, buffer.length, MSG_DONTWAIT);
  return length < 0 ? lastFailure(`recv(${fd})`) : ok(length);
}

/**
 * Writes to a socket what it takes now, without waiting: how many bytes, perhaps fewer than given.
 * Errors: `EAGAIN` (full; wait for POLLOUT), `EPIPE` (the other side has gone; no SIGPIPE is raised), `ECONNRESET`.
 */
export function writeFd(fd: number, bytes: Uint8Array): Result<number> {
  const length = send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL);
  return length < 0 ? lastFailure(`send(${fd}, ${bytes.length} bytes)`) : ok(length);
}

/** Connects to a listener of another process; the descriptor never blocks. Errors: `ECONNREFUSED`, `ENOENT`, `EAGAIN`. */
export function connectUnix(path: string): Result<number> {
  const address = encodeUnixAddress(path);
  if (!address.ok) return address;
  const opened = openSocket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, 'socket(AF_UNIX)');
  if (!opened.ok) return opened;
  return prepare(opened.value, [() => connectSocket(opened.value, address.value, `connect(${path})`)]) ?? opened;
}
