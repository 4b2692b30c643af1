/**
 * Samples of a measuring thread, which never stops to talk: it writes (time, tag) pairs into shared memory, and another
 * thread reads them. One writer. When the ring is full the oldest go; readers see at most `capacity`.
 */
export class SampleRing {
  readonly memory: SharedArrayBuffer;
  readonly #count: BigInt64Array;
  readonly #samples: Float64Array;
  readonly #capacity: number;

  /** `from` is a capacity, or the memory of the other thread's ring. */
  constructor(from: number | SharedArrayBuffer) {
    this.memory = typeof from === 'number' ? new SharedArrayBuffer(8 + from * 16) : from;
    this.#capacity = (this.memory.byteLength - 8) / 16;
    this.#count = new BigInt64Array(this.memory, 0, 1);
    this.#samples = new Float64Array(this.memory, 8);
  }

  push(atMs: number, tag: number): void {
    const at = (Number(this.#count[0]) % this.#capacity) * 2;
    this.#samples[at] = atMs;
    this.#samples[at + 1] = tag;
    // The count is told last: whoever sees it sees the sample.
    Atomics.add(this.#count, 0, 1n);
  }

  /** In order of writing. Those that the writer may be overwriting meanwhile are left out. */
  read(): { readonly atMs: number; readonly tag: number }[] {
    const end = Number(Atomics.load(this.#count, 0));
    const margin = Math.min(1_000, Math.floor(this.#capacity / 10));
    const start = end > this.#capacity ? end - this.#capacity + margin : 0;
    const found = [];
    for (let i = start; i < end; i++) {
      const at = (i % this.#capacity) * 2;
      found.push({ atMs: this.#samples[at] ?? 0, tag: this.#samples[at + 1] ?? 0 });
    }
    return found;
  }
}
