import type { Fault } from '@softset/protocol/methods/netrack.js';

/**
 * Boards learn that another fell silent some milliseconds apart, and until all have, it looks like a direction that
 * does not pass. A one-way fault is told once it has stood for so many intervals.
 */
const ONE_WAY_INTERVALS = 5;

/** Remembers when each fault began, for as long as it stands. Faults are told apart by kind and target. */
export class FaultBook {
  readonly #oneWayMs: number;
  #since = new Map<string, number>();

  constructor(intervalMs: number) {
    this.#oneWayMs = intervalMs * ONE_WAY_INTERVALS;
  }

  /** The faults that are to be told now, each with the time it began. */
  note(faults: readonly Fault[], nowMs: number): Fault[] {
    const since = new Map<string, number>();
    for (const fault of faults) {
      const key = `${fault.kind} ${fault.target}`;
      since.set(key, this.#since.get(key) ?? fault.sinceMs);
    }
    this.#since = since;
    const stamped = faults.map((fault) => ({ ...fault, sinceMs: since.get(`${fault.kind} ${fault.target}`) ?? nowMs }));
    return stamped.filter((fault) => fault.kind !== 'one-way' || nowMs - fault.sinceMs >= this.#oneWayMs);
  }

  /** When a fault that is held back will be told, if it still stands; undefined when none is. Ask after `note`. */
  nextMs(nowMs: number): number | undefined {
    const waiting = [...this.#since].filter(
      ([key, since]) => key.startsWith('one-way ') && since + this.#oneWayMs > nowMs,
    );
    return waiting.length === 0 ? undefined : Math.min(...waiting.map(([, since]) => since + this.#oneWayMs));
  }
}
