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
  /** Percent lost from one board to another, at the same place as in `blocked`. */
  readonly lossOf: Int16Array;
  /** Boards whose datagrams come once more, and how many ms later. */
  readonly copies: Map<BoardId, number>;
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
  /** How many faults part the two switches now. */
  trunkCut = 0;

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

  /**
   * Whether a question of `a` for a public address that answers at `b`'s port on `network` is answered: on that network
   * or, over the trunk, from the other one. Boards that a partition parts do not reach one another over the trunk.
   */
  asksFor(network: Network, a: BoardId, b: BoardId): boolean {
    if (this.bothWays(network, a, b)) return true;
    const other = this.segments[network === 'A' ? 'B' : 'A'];
    const here = this.segments[network];
    const parted = NETWORKS.some((n) => !this.#open(n, a, b) || !this.#open(n, b, a));
    return (
      this.trunkCut === 0 &&
      !parted &&
      [other.linkDown[a], other.muteTx[a], other.muteRx[a]].every((faults) => faults === 0) &&
      [here.linkDown[b], here.muteTx[b], here.muteRx[b]].every((faults) => faults === 0)
    );
  }

  #open(network: Network, from: BoardId, to: BoardId): boolean {
    return this.segments[network].blocked[from * SPAN + to] === 0;
  }

  send(network: Network, from: BoardId, to: BoardId, arrive: () => void): void {
    if (!this.passes(network, from, to)) return;
    const s = this.segments[network];
    const random = this.#random;
    const copyMs = s.copies.get(from);
    if (copyMs !== undefined) this.#timeline.after(copyMs + this.#delayMs(s), arrive);
    if (s.loss > 0 && random.next() * 100 < s.loss) return;
    const loss = s.lossOf[from * SPAN + to] ?? 0;
    if (loss > 0 && random.next() * 100 < loss) return;
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

  /** From one board to another alone, percent. */
  lose(network: Network, from: BoardId, to: BoardId, percent: number): void {
    this.segments[network].lossOf[from * SPAN + to] = percent;
  }

  heal(): void {
    this.trunkCut = 0;
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
    lossOf: new Int16Array(SPAN * SPAN),
    copies: new Map(),
  };
}
