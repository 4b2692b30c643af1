import type { Random } from '@softset/base';
import { type BoardId, NETWORKS, type Network } from '@softset/protocol';
import type { Timeline } from './timeline.js';

/** What can be wrong on the way. Counters, so that faults may overlap; `heal` sets all to zero. */
interface Segment {
  /** Carrier lost, by board. */
  readonly linkDown: Int16Array;
  /** Carrier stands and nothing passes: what the board sends, what it should receive. */
  readonly muteTx: Int16Array;
  readonly muteRx: Int16Array;
  /** From board × 65 + to board. */
  readonly blocked: Int16Array;
  /** Percent of datagrams lost, and of those that come up to 30 ms late. */
  loss: number;
  late: number;
}

const SPAN = 65;

/**
 * The two networks. Each datagram takes 0.1 to 0.6 ms, one in twenty up to 3 ms, one in 500 up to 30 ms, and one in
 * 300 comes twice; nothing keeps them in order.
 */
export class Wire {
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly segments: Record<Network, Segment>;

  constructor(timeline: Timeline, random: Random) {
    this.#timeline = timeline;
    this.#random = random;
    this.segments = { A: segment(), B: segment() };
  }

  carrier(network: Network, board: BoardId): boolean {
    return this.segments[network].linkDown[board] === 0;
  }

  /** Whether a datagram that is not lost by chance passes. */
  passes(network: Network, from: BoardId, to: BoardId): boolean {
    const s = this.segments[network];
    if (s.linkDown[from] !== 0 || s.linkDown[to] !== 0) return false;
    return s.muteTx[from] === 0 && s.muteRx[to] === 0 && s.blocked[from * SPAN + to] === 0;
  }

  bothWays(network: Network, a: BoardId, b: BoardId): boolean {
    return this.passes(network, a, b) && this.passes(network, b, a);
  }

  send(network: Network, from: BoardId, to: BoardId, arrive: () => void): void {
    if (!this.passes(network, from, to)) return;
    const s = this.segments[network];
    const random = this.#random;
    if (s.loss > 0 && random.next() * 100 < s.loss) return;
    this.#timeline.after(this.#delayMs(s), arrive);
    if (random.chance(1 / 300)) this.#timeline.after(this.#delayMs(s), arrive);
  }

  #delayMs(s: Segment): number {
    const random = this.#random;
    const kind = random.next();
    if (s.late > 0 && random.next() * 100 < s.late) return random.next() * 30;
    if (kind < 0.002) return random.next() * 30;
    if (kind < 0.05) return 0.1 + random.next() * 2.9;
    return 0.1 + random.next() * 0.5;
  }

  block(network: Network, from: BoardId, to: BoardId, by: 1 | -1): void {
    const { blocked } = this.segments[network];
    blocked[from * SPAN + to] = (blocked[from * SPAN + to] ?? 0) + by;
  }

  heal(): void {
    for (const network of NETWORKS) this.segments[network] = segment();
  }
}

function segment(): Segment {
  return {
    linkDown: new Int16Array(SPAN),
    muteTx: new Int16Array(SPAN),
    muteRx: new Int16Array(SPAN),
    blocked: new Int16Array(SPAN * SPAN),
    loss: 0,
    late: 0,
  };
}
