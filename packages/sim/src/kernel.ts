import type { Grant, Network } from '@softset/protocol';
import type { BoardClock } from './board-clock.js';

export interface Element {
  readonly grant: Grant;
  network: Network;
  /** Monotonic ms of the board. */
  untilMs: number;
}

/** What became of a transaction: the end of the element, or why there is none. */
export type Committed = { readonly ok: true; readonly untilMs: number } | { readonly ok: false; readonly why: string };

/**
 * The lease set of one board's kernel. It works while the board has power, whatever its processes do, and ends
 * elements by itself. Times are the board's own.
 */
export class Kernel {
  readonly elements = new Map<string, Element>();
  readonly #clock: BoardClock;

  constructor(clock: BoardClock) {
    this.#clock = clock;
  }

  standing(service: string, virtualMs: number): Element | undefined {
    const element = this.elements.get(service);
    return element !== undefined && element.untilMs > this.#clock.local(virtualMs) ? element : undefined;
  }

  /** A plain add: an element that ran out is revived by it, and one that stands keeps its end. */
  add(service: string, grant: Grant, network: Network, timeoutMs: number, virtualMs: number): Committed {
    if (timeoutMs <= 0) return { ok: false, why: 'the lease is over already' };
    const standing = this.standing(service, virtualMs);
    if (standing) return { ok: true, untilMs: standing.untilMs };
    const untilMs = this.#clock.local(virtualMs) + timeoutMs;
    this.elements.set(service, { grant, network, untilMs });
    return { ok: true, untilMs };
  }

  /** Delete and add in one transaction: fails as a whole where no element stands (L3). */
  replace(service: string, grant: Grant, network: Network, timeoutMs: number, virtualMs: number): Committed {
    if (!this.standing(service, virtualMs)) return { ok: false, why: 'no element stands' };
    this.elements.delete(service);
    return this.add(service, grant, network, timeoutMs, virtualMs);
  }
}
