import { BoundedQueue } from '@softset/base';

/** What a crash dump tells of the time before: 200 events are some seconds of a busy daemon. */
export const eventRingLimit = 200;

export interface RingEntry {
  /** CLOCK_MONOTONIC, ms. */
  readonly nowMs: number;
  readonly kind: string;
  readonly detail: unknown;
}

/** The last events of a daemon, oldest first. Entries are kept as they are and written out only in a crash. */
export class EventRing {
  readonly #entries: BoundedQueue<RingEntry>;

  constructor(limit: number = eventRingLimit) {
    this.#entries = new BoundedQueue(limit);
  }

  record(nowMs: number, kind: string, detail: unknown): void {
    this.#entries.push({ nowMs, kind, detail });
  }

  entries(): readonly RingEntry[] {
    return this.#entries.toArray();
  }
}
