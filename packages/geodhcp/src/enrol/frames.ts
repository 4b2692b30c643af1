import type { Socket } from 'node:net';

/** The longest frame before there are keys: the first sealed one, a question, may come close behind them. */
const CLEAR_MAX = 512;
/** Frames that were read and that nobody took yet: the other side speaks in turn. */
const WAITING_MAX = 4;

/**
 * Frames on a stream: four bytes of length, big-endian, and so many bytes. A frame that is too long, or more of them than
 * anybody asked for, ends the connection: nothing piles up.
 */
export class Frames {
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #frames: Buffer[] = [];
  #taker: ((frame: Buffer | undefined) => void) | undefined;
  #over = false;
  /** The longest frame, in bytes. */
  max = CLEAR_MAX;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => this.end());
    socket.on('close', () => this.end());
  }

  send(frame: Uint8Array): void {
    if (this.#over) return;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    this.#socket.write(Buffer.concat([length, frame]));
  }

  /** The next frame; undefined when there is none any more. */
  next(): Promise<Buffer | undefined> {
    const first = this.#frames.shift();
    if (first !== undefined || this.#over) return Promise.resolve(first);
    return new Promise((taker) => {
      this.#taker = taker;
    });
  }

  /** What was sent is sent; nothing more is read. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.end();
    this.#taker?.(undefined);
    // A peer that keeps its side open keeps nothing of ours.
    setTimeout(() => this.#socket.destroy(), 1000).unref();
  }

  #read(chunk: Buffer): void {
    if (this.#over) return;
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= 4) {
      const length = this.#bytes.readUInt32BE(0);
      if (length > this.max) this.end();
      if (this.#over || this.#bytes.length < 4 + length) return;
      const frame = this.#bytes.subarray(4, 4 + length);
      this.#bytes = this.#bytes.subarray(4 + length);
      const taker = this.#taker;
      this.#taker = undefined;
      if (taker !== undefined) taker(frame);
      else if (this.#frames.push(frame) > WAITING_MAX) this.end();
      if (this.#over) return;
    }
  }
}
