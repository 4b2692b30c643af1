interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * The virtual clock and its one heap of events. Time jumps from event to event; what is due at the same time runs in
 * the order in which it was planned, so that a run is the same each time.
 */
export class Timeline {
  /** Virtual ms since the run began; no board reads it, each has a clock of its own. */
  nowMs = 0;
  /** Events performed so far. */
  performed = 0;
  readonly #heap: Entry[] = [];
  #planned = 0;

  at(atMs: number, run: () => void): void {
    const entry = { atMs: Math.max(atMs, this.nowMs), order: this.#planned++, run };
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up] as Entry;
      if (!before(entry, parent)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = entry;
  }

  after(ms: number, run: () => void): void {
    this.at(this.nowMs + ms, run);
  }

  /** Performs everything due up to `untilMs`, or until `stop` says so after an event. */
  runUntil(untilMs: number, stop: () => boolean): void {
    for (let first = this.#heap[0]; first !== undefined && first.atMs <= untilMs; first = this.#heap[0]) {
      this.#pop();
      this.nowMs = first.atMs;
      this.performed++;
      first.run();
      if (stop()) return;
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (!before(heap[child] as Entry, last)) break;
      heap[i] = heap[child] as Entry;
      i = child;
    }
    heap[i] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
