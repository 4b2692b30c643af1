import { fail, ok, type Result } from '@softset/base';

/**
 * Messages on a byte stream (the pulse's local socket): a length of 4 bytes, big-endian, then that many bytes.
 * The length counts the payload alone and is never 0.
 */
export const frameHeaderBytes = 4;
/** A local message is some hundred bytes; a length beyond this is a broken or hostile peer, not a message. */
export const framePayloadBytesMax = 65_536;

export type FrameError = 'FRAME_EMPTY' | 'FRAME_TOO_LARGE';

/** Header and payload in one buffer, so that one write sends both. Errors: `FRAME_EMPTY`, `FRAME_TOO_LARGE`. */
export function encodeFrame(
  payload: Uint8Array,
  payloadBytesMax: number = framePayloadBytesMax,
): Result<Uint8Array, FrameError> {
  const bad = checkLength(payload.length, payloadBytesMax);
  if (bad !== undefined) return bad;
  const frame = new Uint8Array(frameHeaderBytes + payload.length);
  new DataView(frame.buffer).setUint32(0, payload.length);
  frame.set(payload, frameHeaderBytes);
  return ok(frame);
}

function checkLength(length: number, payloadBytesMax: number) {
  if (length === 0) return fail('FRAME_EMPTY', 'a frame holds at least one byte');
  if (length > payloadBytesMax)
    return fail('FRAME_TOO_LARGE', `a frame of ${length} bytes, at most ${payloadBytesMax}`);
  return undefined;
}

/** Cuts a stream into payloads. After a failure the stream has no frame boundary left: it stays failed. */
export class FrameDecoder {
  readonly #payloadBytesMax: number;
  #pending = new Uint8Array(0);
  #failure: ReturnType<typeof checkLength>;

  constructor(payloadBytesMax: number = framePayloadBytesMax) {
    this.#payloadBytesMax = payloadBytesMax;
  }

  /** Bytes that wait for the rest of their frame: at most one frame, for the length is checked first. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  /**
   * The payloads that `chunk` completes, in order, as copies. Those in front of a bad length are lost with it:
   * the caller closes the stream either way. Errors: `FRAME_EMPTY`, `FRAME_TOO_LARGE`.
   */
  push(chunk: Uint8Array): Result<readonly Uint8Array[], FrameError> {
    if (this.#failure !== undefined) return this.#failure;
    const bytes = this.#pending.length === 0 ? chunk : joined(this.#pending, chunk);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const payloads: Uint8Array[] = [];
    let at = 0;
    while (bytes.length - at >= frameHeaderBytes) {
      const length = view.getUint32(at);
      this.#failure = checkLength(length, this.#payloadBytesMax);
      if (this.#failure !== undefined) {
        this.#pending = new Uint8Array(0);
        return this.#failure;
      }
      const end = at + frameHeaderBytes + length;
      if (end > bytes.length) break;
      payloads.push(bytes.slice(at + frameHeaderBytes, end));
      at = end;
    }
    this.#pending = bytes.slice(at);
    return ok(payloads);
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
