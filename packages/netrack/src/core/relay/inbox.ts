import { ReplayWindow } from './replay-window.js';

/** Transmissions whose acknowledgement is remembered: each comes twice, once by each network, and is answered once. */
const ANSWERED_MAX = 64;

export interface Arrival {
  /** Payloads that are due now, in order. */
  readonly deliver: readonly Uint8Array[];
  readonly answer: 'ack' | 'nack' | 'none';
  readonly verdict: 'new' | 'duplicate' | 'late' | 'ahead';
}

/** The receiving half of a stream from one life of a peer: puts messages in order, each at most once. */
export class Inbox {
  readonly datagrams = new ReplayWindow();
  #expected = 1;
  readonly #held = new Map<number, Uint8Array>();
  #gapSinceMs: number | undefined;
  /** Given up by the gap rule: these are refused when they come after all, so that their sender is told. */
  readonly #skipped = new Set<number>();
  readonly #answered: string[] = [];
  readonly #holdMax: number;

  /** `holdMax`: how far ahead a sender can be, which is its own queue. */
  constructor(holdMax: number) {
    this.#holdMax = holdMax;
  }

  accept(sequence: number, floor: number, attempt: number, payload: Uint8Array, nowMs: number): Arrival {
    // What the sender gave up will not come: nobody waits for it.
    const early = this.#advance(floor);
    const arrival = this.#place(sequence, attempt, payload);
    this.#watchGap(nowMs);
    return { ...arrival, deliver: [...early, ...arrival.deliver] };
  }

  #place(sequence: number, attempt: number, payload: Uint8Array): Arrival {
    if (sequence >= this.#expected + this.#holdMax) return { deliver: [], answer: 'none', verdict: 'ahead' };
    const answer = this.#answer(sequence, attempt);
    if (this.#skipped.has(sequence)) return { deliver: [], answer, verdict: 'late' };
    if (sequence < this.#expected || this.#held.has(sequence)) return { deliver: [], answer, verdict: 'duplicate' };
    this.#held.set(sequence, payload);
    return { deliver: this.#run(), answer, verdict: 'new' };
  }

  /** When the gap, if there is one, has been waited for long enough. */
  gapEndsMs(gapMs: number): number | undefined {
    return this.#gapSinceMs === undefined ? undefined : this.#gapSinceMs + gapMs;
  }

  /** Steps over a gap that has lasted `gapMs`. */
  skip(nowMs: number, gapMs: number): { readonly deliver: readonly Uint8Array[]; readonly skipped: number } {
    if (this.#gapSinceMs === undefined || nowMs < this.#gapSinceMs + gapMs) return { deliver: [], skipped: 0 };
    const first = Math.min(...this.#held.keys());
    const skipped = first - this.#expected;
    for (let n = this.#expected; n < first; n++) this.#skipped.add(n);
    // A sender never has one in flight that is further behind than its queue is long.
    for (const n of this.#skipped) if (n < first - this.#holdMax) this.#skipped.delete(n);
    this.#expected = first;
    const deliver = this.#run();
    this.#gapSinceMs = undefined;
    this.#watchGap(nowMs);
    return { deliver, skipped };
  }

  #answer(sequence: number, attempt: number): 'ack' | 'nack' | 'none' {
    const transmission = `${sequence} ${attempt}`;
    if (this.#answered.includes(transmission)) return 'none';
    this.#answered.push(transmission);
    if (this.#answered.length > ANSWERED_MAX) this.#answered.shift();
    return this.#skipped.has(sequence) ? 'nack' : 'ack';
  }

  /** Goes on to `floor`, delivering what is held below it. */
  #advance(floor: number): Uint8Array[] {
    if (floor <= this.#expected) return [];
    const below = [...this.#held.keys()].filter((n) => n < floor).sort((a, b) => a - b);
    const deliver = below.map((n) => this.#take(n));
    this.#expected = floor;
    if (deliver.length > 0) this.#gapSinceMs = undefined;
    return [...deliver, ...this.#run()];
  }

  /** Everything from the expected one on, up to the next gap. */
  #run(): Uint8Array[] {
    const deliver: Uint8Array[] = [];
    while (this.#held.has(this.#expected)) deliver.push(this.#take(this.#expected++));
    if (deliver.length > 0) this.#gapSinceMs = undefined;
    return deliver;
  }

  #take(sequence: number): Uint8Array {
    const payload = this.#held.get(sequence) ?? new Uint8Array(0);
    this.#held.delete(sequence);
    return payload;
  }

  #watchGap(nowMs: number): void {
    if (this.#held.size === 0) this.#gapSinceMs = undefined;
    else this.#gapSinceMs ??= nowMs;
  }
}
