import { ok, type Result } from '@softset/base';
import koffi from 'koffi';
import { lastFailure } from './errno.js';
import { closeFd } from './fd.js';
import { AF_UNIX, declare, SOCK_DGRAM, SOCK_NONBLOCK, SOL_SOCKET } from './libc.js';
import { decodeCredentials, type PeerCredentials } from './peer-credentials.js';
import { encodeUnixAddress } from './sockaddr.js';
import { bindSocket, openSocket, prepare, setIntOption } from './socket.js';
import { changeMode, removeFile } from './unix-path.js';

const sendto = declare<(fd: number, b: Uint8Array, n: number, flags: number, to: Uint8Array, m: number) => number>(
  'intptr_t sendto(int fd, const void *bytes, size_t length, int flags, const void *to, unsigned int toLength)',
);
const recvmsg = declare<(fd: number, message: Uint8Array, flags: number) => number>(
  'intptr_t recvmsg(int fd, void *message, int flags)',
);

const SO_PASSCRED = 16;
const SCM_CREDENTIALS = 2;
const MSG_CMSG_CLOEXEC = 0x4000_0000;
const MSG_TRUNC = 0x20;
/** As much as systemd takes: longer messages are dropped there too (NOTIFY_BUFFER_MAX, src/core/manager.c). */
const TEXT_BYTES_MAX = 4096;

/**
 * Tells the supervisor of this process its state, as sd_notify(3) does: `READY=1`, `STOPPING=1`, `STATUS=…`,
 * `WATCHDOG=1`, one per line. Without $NOTIFY_SOCKET nobody asked, and nothing is done. Errors: errno's names.
 */
export function notify(state: string): Result<void> {
  const path = process.env.NOTIFY_SOCKET;
  if (path === undefined || path === '') return ok(undefined);
  const address = encodeUnixAddress(path);
  if (!address.ok) return address;
  const opened = openSocket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, 'socket(AF_UNIX, SOCK_DGRAM)');
  if (!opened.ok) return opened;
  const text = new TextEncoder().encode(state);
  const sent = sendto(opened.value, text, text.length, 0, address.value, address.value.length);
  const result = sent < 0 ? lastFailure(`sendto(NOTIFY_SOCKET ${path})`) : ok(undefined);
  closeFd(opened.value);
  return result;
}

export interface Notification extends PeerCredentials {
  readonly text: string;
}

/** The supervisor's side. Made by `openNotifyServer`. */
export class NotifyServer {
  readonly fd: number;
  readonly #path: string;
  // The kernel is given addresses inside this message, so its parts must not move: Buffers of their own, never pooled.
  readonly #text = Buffer.allocUnsafeSlow(TEXT_BYTES_MAX);
  readonly #control = Buffer.allocUnsafeSlow(256);
  readonly #vector = Buffer.allocUnsafeSlow(16);
  readonly #message = Buffer.allocUnsafeSlow(56);
  #dropped = 0;
  #open = true;

  constructor(fd: number, path: string) {
    this.fd = fd;
    this.#path = path;
    this.#vector.writeBigUInt64LE(koffi.address(this.#text), 0);
    this.#vector.writeBigUInt64LE(BigInt(TEXT_BYTES_MAX), 8);
  }

  /** Messages that were too long, or came without the sender's credentials. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The next message with who sent it, as the kernel vouches for; undefined when none is left. */
  receive(): Notification | undefined {
    for (let tries = 0; tries < 64; tries++) {
      // struct msghdr: name, its length; vector, its length; control, its length; flags.
      this.#message.fill(0);
      this.#message.writeBigUInt64LE(koffi.address(this.#vector), 16);
      this.#message.writeBigUInt64LE(1n, 24);
      this.#message.writeBigUInt64LE(koffi.address(this.#control), 32);
      this.#message.writeBigUInt64LE(BigInt(this.#control.length), 40);
      const length = recvmsg(this.fd, this.#message, MSG_CMSG_CLOEXEC);
      if (length < 0) return undefined;
      const control = this.#control.subarray(0, Number(this.#message.readBigUInt64LE(40)));
      const sender = readControl(control);
      const cut = (this.#message.readUInt32LE(48) & MSG_TRUNC) !== 0;
      if (sender !== undefined && !cut) return { text: this.#text.toString('utf8', 0, length), ...sender };
      this.#dropped++;
    }
    return undefined;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeFd(this.fd);
    removeFile(this.#path);
  }
}

/**
 * Walks the control messages (cmsg(3)). Programs may pass descriptors along (systemd's FDSTORE, BARRIER): we keep none,
 * and an unread descriptor would stay open for ever, so each is closed; closing is what a BARRIER waits for.
 */
export function readControl(control: Uint8Array, close: (fd: number) => void = closeFd): PeerCredentials | undefined {
  const SCM_RIGHTS = 1;
  const view = new DataView(control.buffer, control.byteOffset, control.byteLength);
  let sender: PeerCredentials | undefined;
  let at = 0;
  while (at + 16 <= control.length) {
    const length = view.getUint32(at, true);
    if (length < 16 || at + length > control.length) break;
    const [level, type] = [view.getInt32(at + 8, true), view.getInt32(at + 12, true)];
    if (level === SOL_SOCKET && type === SCM_CREDENTIALS && length >= 28) {
      sender = decodeCredentials(control.subarray(at + 16, at + 28));
    } else if (level === SOL_SOCKET && type === SCM_RIGHTS) {
      for (let fd = at + 16; fd + 4 <= at + length; fd += 4) close(view.getInt32(fd, true));
    }
    at += (length + 7) & ~7;
  }
  return sender;
}

/** Binds `path` (a leading `@`: abstract), which is replaced when it is there: a supervisor owns its folder. */
export function openNotifyServer(path: string, mode = 0o660): Result<NotifyServer> {
  const address = encodeUnixAddress(path);
  if (!address.ok) return address;
  const opened = openSocket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, 'socket(AF_UNIX, SOCK_DGRAM)');
  if (!opened.ok) return opened;
  const fd = opened.value;
  removeFile(path);
  const failure = prepare(fd, [
    () => setIntOption(fd, SOL_SOCKET, SO_PASSCRED, 1, 'setsockopt(SO_PASSCRED)'),
    () => bindSocket(fd, address.value, `bind(${path})`),
    () => changeMode(path, mode),
  ]);
  return failure ?? ok(new NotifyServer(fd, path));
}
