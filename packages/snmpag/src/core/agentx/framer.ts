import { ok, type Result } from '@softset/base';
import { type DecodeError, decodeHead } from './decode.js';
import { HEAD_BYTES } from './pdu.js';

/**
 * Cuts a stream into PDUs by the length in each header (RFC 2741 §6.1): a read may hold half of one, or several. After
 * a failure the stream has no boundary left, and stays failed. Waits for at most one PDU's bytes, and copies each once.
 */
export class AgentxFramer {
  #chunks: Uint8Array[] = [];
  #have = 0;
  #failure: Extract<Result<never, DecodeError>, { ok: false }> | undefined;

  /** Bytes that wait for the rest of their PDU. */
  get pendingBytes(): number {
    return this.#have;
  }

  /** The PDUs that `chunk` completes. Errors: those of `decodeHead`; the PDUs in front of it are lost with the stream. */
  push(chunk: Uint8Array): Result<readonly Uint8Array[], DecodeError> {
    if (this.#failure !== undefined) return this.#failure;
    if (chunk.length > 0) this.#chunks.push(chunk);
    this.#have += chunk.length;
    const frames: Uint8Array[] = [];
    while (this.#have >= HEAD_BYTES) {
      const head = decodeHead(this.#peek(HEAD_BYTES));
      if (!head.ok) {
        this.#chunks = [];
        this.#have = 0;
        this.#failure = head;
        return head;
      }
      const length = HEAD_BYTES + head.value.payloadBytes;
      if (this.#have < length) break;
      frames.push(this.#peek(length).slice());
      this.#drop(length);
    }
    return ok(frames);
  }

  /** The first `count` bytes in one piece; joins chunks only when they have come. */
  #peek(count: number): Uint8Array {
    const first = this.#chunks[0] ?? new Uint8Array(0);
    if (first.length >= count) return first.subarray(0, count);
    let joined = 0;
    let used = 0;
    while (joined < count) joined += this.#chunks[used++]?.length ?? count;
    const whole = new Uint8Array(joined);
    let at = 0;
    for (const chunk of this.#chunks.splice(0, used)) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks.unshift(whole);
    return whole.subarray(0, count);
  }

  #drop(count: number): void {
    const first = this.#chunks[0] ?? new Uint8Array(0);
    if (first.length === count) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(count);
    this.#have -= count;
  }
}
