import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { type Failure, fail, ok, type Result } from '@softset/base';
import { encodeFrame, FrameDecoder } from '@softset/protocol/frames.js';

export interface PulseLinkOptions<In> {
  /** The pulse's socket, `RUN_DIR/pulse.sock`. */
  readonly path: string;
  /** Reads what the pulse sent; it may be of another version than we are. */
  readonly decode: (value: unknown) => Result<In>;
  readonly onMessage: (message: In) => void;
  readonly onUp: () => void;
  /** Once per connection that was up. */
  readonly onDown: () => void;
  /** A message that could not be read (the link stays), or a broken frame (the link is made anew). */
  readonly onBad?: (failure: Failure) => void;
  /** First pause before another attempt (default 5 ms); it doubles up to `retryMsMax` (default 100 ms), without end. */
  readonly retryMs?: number;
  readonly retryMsMax?: number;
  /** How a pause is waited for (default: setTimeout), returning what ends it: for who would not be woken for that alone. */
  readonly later?: (act: () => void, afterMs: number) => () => void;
}

/** What may wait in this process when the pulse does not read: some thousand messages. Then it hangs, and that is a fault. */
const waitingBytesMax = 1024 * 1024;

function pause(act: () => void, afterMs: number): () => void {
  const timer = setTimeout(act, afterMs);
  return () => clearTimeout(timer);
}

/**
 * A daemon's side of the pulse's UNIX stream socket: frames of UTF-8 JSON, reconnected for ever. Messages are not kept
 * across a reconnection: whoever comes up again says afresh what stands.
 */
export class PulseLink<Out, In> {
  readonly #options: PulseLinkOptions<In>;
  #socket: Socket | undefined;
  #up = false;
  #retryMs: number;
  #endPause: (() => void) | undefined;
  #closed = false;

  constructor(options: PulseLinkOptions<In>) {
    this.#options = options;
    this.#retryMs = options.retryMs ?? 5;
    this.#connect();
  }

  get up(): boolean {
    return this.#up;
  }

  /** Errors: `NOT_CONNECTED`; `CONGESTED` when the pulse does not read; `FRAME_TOO_LARGE`. */
  send(message: Out): Result<void> {
    const socket = this.#socket;
    if (socket === undefined || !this.#up) return fail('NOT_CONNECTED', `no pulse answers on ${this.#options.path}`);
    if (socket.writableLength > waitingBytesMax) return fail('CONGESTED', 'the pulse does not read its socket');
    const frame = encodeFrame(Buffer.from(JSON.stringify(message)));
    if (!frame.ok) return frame;
    socket.write(frame.value);
    return ok(undefined);
  }

  close(): void {
    this.#closed = true;
    this.#endPause?.();
    this.#socket?.destroy();
  }

  #connect(): void {
    // To look costs a hundredth of an attempt, and a board may be without that daemon for as long as it stands.
    if (!existsSync(this.#options.path)) {
      this.#connectLater();
      return;
    }
    const decoder = new FrameDecoder();
    const socket = connect(this.#options.path);
    this.#socket = socket;
    socket.on('connect', () => {
      this.#up = true;
      this.#retryMs = this.#options.retryMs ?? 5;
      this.#options.onUp();
    });
    socket.on('data', (chunk: Buffer) => this.#receive(socket, decoder, chunk));
    socket.on('error', () => {}); // 'close' follows, and says all that matters.
    socket.on('close', () => {
      const wasUp = this.#up;
      this.#up = false;
      if (!this.#closed) this.#connectLater();
      if (wasUp) this.#options.onDown();
    });
  }

  #connectLater(): void {
    const later = this.#options.later ?? pause;
    this.#endPause = later(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, this.#options.retryMsMax ?? 100);
  }

  #receive(socket: Socket, decoder: FrameDecoder, chunk: Buffer): void {
    const frames = decoder.push(chunk);
    if (!frames.ok) {
      this.#options.onBad?.(frames);
      socket.destroy();
      return;
    }
    for (const payload of frames.value) {
      if (this.#closed) return;
      const message = this.#decode(payload);
      if (message.ok) this.#options.onMessage(message.value);
      else this.#options.onBad?.(message);
    }
  }

  #decode(payload: Uint8Array): Result<In> {
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'));
    } catch (error) {
      return fail('NOT_JSON', 'a message of the pulse is not JSON', error);
    }
    return this.#options.decode(value);
  }
}
