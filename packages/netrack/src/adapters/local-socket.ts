import { ok, type Result } from '@softset/base';
import { closeFd, POLLIN, POLLOUT, type PollSet } from '@softset/linux/fd.js';
import { listenUnix, readFd, type UnixListener, writeFd } from '@softset/linux/unix-stream.js';
import type { DaemonName, PulseMessage, PulseRequest } from '@softset/protocol';
import { encodeFrame, FrameDecoder } from '@softset/protocol/frames.js';

const CONNECTIONS_MAX = 32;
/** Bytes that wait for a reader that does not read; past that it is cut off, and comes back to a whole report. */
const BACKLOG_BYTES_MAX = 1024 * 1024;

interface Connection {
  readonly fd: number;
  readonly frames: FrameDecoder;
  daemon: DaemonName | 'watch';
  pending: Uint8Array[];
  pendingBytes: number;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Requests that only this daemon may make: one that went astray must not follow or create for others. */
const OWNERS: Partial<Record<PulseRequest['kind'], readonly DaemonName[]>> = {
  follow: ['netrackd'],
  lead: ['netrackd'],
  memory: ['netrackd'],
  vouch: ['netrackd'],
  named: ['netrackd'],
  create: ['redirectd'],
  rehome: ['redirectd'],
  release: ['redirectd', 'netrackd'],
  leaving: ['netrackd'],
};

/** The pulse's local server: length-framed JSON on a UNIX stream, inside the pulse's own ppoll loop. */
export class LocalSocket {
  readonly #listener: UnixListener;
  readonly #polls: readonly PollSet[];
  readonly #mayHold: boolean;
  readonly #connections = new Map<number, Connection>();
  readonly #buffer = new Uint8Array(65_536);

  constructor(listener: UnixListener, polls: readonly PollSet[], mayHold: boolean) {
    this.#listener = listener;
    this.#polls = polls;
    this.#mayHold = mayHold;
    for (const poll of polls) poll.add(listener.fd);
  }

  /** Handles one descriptor that ppoll found ready; false when it is not ours. `greet` is sent to a newcomer. */
  ready(
    fd: number,
    take: (from: number, daemon: DaemonName | 'watch', request: PulseRequest) => void,
    greet: () => PulseMessage,
  ): boolean {
    if (fd === this.#listener.fd) {
      this.#accept(greet);
      return true;
    }
    const connection = this.#connections.get(fd);
    if (!connection) return false;
    this.#flush(connection);
    if (this.#connections.has(fd)) this.#read(connection, take);
    return true;
  }

  #accept(greet: () => PulseMessage): void {
    for (let peer = this.#listener.accept(); peer !== undefined; peer = this.#listener.accept()) {
      // The socket file's mode is the first gate; root and our own user are who belongs here.
      const allowed = peer.uid === 0 || peer.uid === process.getuid?.();
      if (!allowed || this.#connections.size >= CONNECTIONS_MAX) {
        closeFd(peer.fd);
        continue;
      }
      const connection: Connection = {
        fd: peer.fd,
        frames: new FrameDecoder(),
        daemon: 'watch',
        pending: [],
        pendingBytes: 0,
      };
      this.#connections.set(peer.fd, connection);
      for (const poll of this.#polls) poll.add(peer.fd);
      this.#write(connection, encode(greet()));
    }
  }

  #read(
    connection: Connection,
    take: (from: number, daemon: DaemonName | 'watch', request: PulseRequest) => void,
  ): void {
    for (;;) {
      const read = readFd(connection.fd, this.#buffer);
      if (!read.ok) {
        if (read.code !== 'EAGAIN') this.#close(connection);
        return;
      }
      if (read.value === 0) {
        this.#close(connection);
        return;
      }
      const payloads = connection.frames.push(this.#buffer.subarray(0, read.value));
      if (!payloads.ok) {
        this.#close(connection);
        return;
      }
      for (const payload of payloads.value) {
        const request = parse(payload);
        if (request === undefined) {
          this.#close(connection);
          return;
        }
        if (request.kind === 'hello') connection.daemon = request.daemon;
        const owners = OWNERS[request.kind];
        if (owners && !owners.some((owner) => owner === connection.daemon)) {
          this.#close(connection);
          return;
        }
        take(connection.fd, connection.daemon, request);
      }
      if (read.value < this.#buffer.length) return;
    }
  }

  send(to: number, message: PulseMessage): void {
    const connection = this.#connections.get(to);
    if (connection) this.#write(connection, encode(message));
  }

  /** To everybody; encoded once. */
  tell(message: PulseMessage): void {
    if (this.#connections.size === 0) return;
    const frame = encode(message);
    for (const connection of [...this.#connections.values()]) {
      if (wants(connection.daemon, message, this.#mayHold)) this.#write(connection, frame);
    }
  }

  #write(connection: Connection, frame: Uint8Array): void {
    connection.pending.push(frame);
    connection.pendingBytes += frame.length;
    this.#flush(connection);
    if (connection.pendingBytes > BACKLOG_BYTES_MAX) this.#close(connection);
  }

  #flush(connection: Connection): void {
    while (connection.pending.length > 0) {
      const [first] = connection.pending;
      if (first === undefined) break;
      const sent = writeFd(connection.fd, first);
      if (!sent.ok) {
        if (sent.code !== 'EAGAIN') {
          this.#close(connection);
          return;
        }
        break;
      }
      connection.pendingBytes -= sent.value;
      if (sent.value < first.length) {
        connection.pending[0] = first.subarray(sent.value);
        break;
      }
      connection.pending.shift();
    }
    const events = connection.pending.length > 0 ? POLLIN | POLLOUT : POLLIN;
    for (const poll of this.#polls) poll.add(connection.fd, events);
  }

  #close(connection: Connection): void {
    if (!this.#connections.delete(connection.fd)) return;
    for (const poll of this.#polls) poll.remove(connection.fd);
    closeFd(connection.fd);
  }

  close(): void {
    for (const connection of [...this.#connections.values()]) this.#close(connection);
    for (const poll of this.#polls) poll.remove(this.#listener.fd);
    this.#listener.close();
  }
}

/**
 * The pace is for who gives orders, reports are for redirectd only where it may hold something, and psrmd only checks in:
 * others would be woken for nothing.
 */
function wants(daemon: DaemonName | 'watch', message: PulseMessage, mayHold: boolean): boolean {
  if (daemon === 'psrmd') return false;
  if (daemon === 'redirectd') return mayHold && message.kind !== 'pace';
  return message.kind !== 'pace' || daemon === 'netrackd';
}

function encode(message: PulseMessage): Uint8Array {
  const frame = encodeFrame(encoder.encode(JSON.stringify(message)), Number.MAX_SAFE_INTEGER);
  if (!frame.ok) throw new Error(frame.message);
  return frame.value;
}

/** Local daemons are trusted to speak our protocol; what does not even look like it ends the connection. */
function parse(payload: Uint8Array): PulseRequest | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(payload));
    const shaped = typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
    return shaped ? (value as PulseRequest) : undefined;
  } catch {
    return undefined;
  }
}

/** `mayHold`: this board is in the pool of a service. Errors: errno's names. */
export function openLocalSocket(path: string, polls: readonly PollSet[], mayHold: boolean): Result<LocalSocket> {
  const listener = listenUnix(path, 16, 0o660);
  return listener.ok ? ok(new LocalSocket(listener.value, polls, mayHold)) : listener;
}
