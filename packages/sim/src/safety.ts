import { type BoardId, type Cluster, compareGrants, type Grant, type Order, type Register } from '@softset/protocol';
import type { Board } from './board.js';
import type { Timeline } from './timeline.js';
import type { Trace } from './trace.js';

export interface Violation {
  readonly atMs: number;
  readonly rule: string;
  readonly text: string;
}

interface Overlap {
  readonly service: string;
  readonly boards: readonly [Board, Board];
  readonly sinceMs: number;
}

/** What clocks and jiffies may add to a lease (L5), ms. */
const MARGIN_MS = 20;

/**
 * The judge of a run: sees every kernel, every order and every election at the moment they happen, and knows nothing
 * of what the cores believe, but for one thing: which boards a director called unreachable when it ordered a take
 * (M1 c). Only such an overlap is allowed, for a lease at most, and never for a strict service.
 */
export class Safety {
  readonly violations: Violation[] = [];
  /** Longest time that two boards answered under M1 (c), ms. */
  overlapMsMax = 0;
  readonly #timeline: Timeline;
  readonly #trace: Trace;
  readonly #cluster: Cluster;
  readonly #boards: ReadonlyMap<BoardId, Board>;
  /** By service and grant: who ordered it, and whom it called unreachable. */
  readonly #orders = new Map<string, { director: BoardId; to: BoardId; unreachable: Set<BoardId> }>();
  readonly #highest = new Map<string, Grant>();
  readonly #directors = new Map<number, string>();
  /** Newest register that each board ever had in memory: what was acknowledged counts, though it may reboot. */
  readonly #registers = new Map<BoardId, { term: number; index: number }>();
  /** Grants of each service that came to stand. */
  readonly #stood = new Map<string, Set<string>>();
  #overlaps: Overlap[] = [];

  constructor(timeline: Timeline, trace: Trace, cluster: Cluster, boards: ReadonlyMap<BoardId, Board>) {
    this.#timeline = timeline;
    this.#trace = trace;
    this.#cluster = cluster;
    this.#boards = boards;
  }

  violated(rule: string, text: string): void {
    this.#trace.note(0, 'VIOLATION', `${rule}: ${text}`);
    this.violations.push({ atMs: this.#timeline.nowMs, rule, text });
  }

  /** Asked for by scenarios without a fault of power or network: nobody may be called down in them. */
  watchSuspicions = false;

  suspects(board: Board, peer: BoardId): void {
    if (this.watchSuspicions)
      this.violated('false-suspicion', `board ${board.id} calls board ${peer} down, which is well`);
  }

  elected(board: Board, term: number): void {
    const known = this.#directors.get(term);
    const life = `board ${board.id} of boot ${board.boot}`;
    if (known !== undefined) this.violated('one-director', `term ${term} elected ${life} after ${known}`);
    this.#directors.set(term, life);
  }

  /** A register is in a netrackd's memory. */
  written(board: Board, { term, index }: Pick<Register, 'term' | 'index'>): void {
    const known = this.#registers.get(board.id);
    if (!known || known.term < term || (known.term === term && known.index < index)) {
      this.#registers.set(board.id, { term, index });
    }
  }

  ordered(director: Board, to: BoardId, order: Order, unreachable: readonly BoardId[]): void {
    const key = keyOf(order.service, order.grant);
    const known = this.#orders.get(key);
    if (!known)
      this.#trace.note(director.id, 'orders', {
        to,
        service: order.service,
        grant: order.grant,
        unreachable,
        why: order.cause,
      });
    if (known && (known.director !== director.id || known.to !== to)) {
      this.violated('grant-twice', `grant ${key} was ordered by board ${known.director} and ${director.id}`);
    }
    this.#orders.set(key, {
      director: director.id,
      to,
      unreachable: new Set([...(known?.unreachable ?? []), ...unreachable]),
    });
    const { term, n } = order.grant;
    const members = director.netrackd?.state.register.members ?? [];
    const left = new Set(members.filter((member) => member.left === true).map((member) => member.board));
    const voters = this.#cluster.boards.filter(({ id, vote }) => vote && !left.has(id)).map(({ id }) => id);
    const have = voters.filter((id) => {
      const version = this.#registers.get(id);
      return version !== undefined && (version.term > term || (version.term === term && version.index >= n));
    });
    if (have.length * 2 <= voters.length) {
      this.violated(
        'M4',
        `order ${key} left while only boards ${have.join()} of ${voters.join()} had it in their register`,
      );
    }
  }

  /** How often a service was taken so far: once where nothing moved. */
  takes(service: string): number {
    return this.#stood.get(service)?.size ?? 0;
  }

  /** An element begins to stand. */
  stands(board: Board, service: string, grant: Grant): void {
    const key = keyOf(service, grant);
    this.#stood.set(service, (this.#stood.get(service) ?? new Set()).add(key));
    const order = this.#orders.get(key);
    const followed = board.runDir.pulse;
    if (!order || order.to !== board.id) this.violated('no-order', `board ${board.id} created ${key} without an order`);
    else if (followed?.term !== grant.term || followed.director !== order.director) {
      const whom = `board ${followed?.director} in term ${followed?.term}`;
      this.violated(
        'old-order',
        `board ${board.id} created ${key} of board ${order.director} while it follows ${whom}`,
      );
    }
    const highest = this.#highest.get(service);
    if (highest && compareGrants(grant, highest) < 0 && !this.#excused(service, highest, board.id)) {
      this.violated('grants-go-back', `board ${board.id} created ${key} after ${highest.term}.${highest.n}`);
    }
    if (!highest || compareGrants(grant, highest) > 0) this.#highest.set(service, grant);
    this.settle();
    for (const other of this.#boards.values()) {
      const theirs = other === board ? undefined : other.standing(service);
      if (!theirs) continue;
      const [later, earlier] = compareGrants(grant, theirs.grant) > 0 ? [grant, other.id] : [theirs.grant, board.id];
      if (this.#excused(service, later, earlier)) {
        this.#overlaps.push({ service, boards: [board, other], sinceMs: this.#timeline.nowMs });
        this.#trace.note(board.id, 'overlap', { service, with: other.id });
      } else {
        const text = `${service} stands on board ${board.id} (${grant.term}.${grant.n}) and on board ${other.id} (${theirs.grant.term}.${theirs.grant.n})`;
        this.violated('two-holders', text);
      }
    }
  }

  #excused(service: string, later: Grant, board: BoardId): boolean {
    const strict = this.#cluster.services.find((one) => one.name === service)?.takeover === 'strict';
    return !strict && this.#orders.get(keyOf(service, later))?.unreachable.has(board) === true;
  }

  /** Called before an element is taken away. */
  ends(board: Board, service: string): void {
    this.settle();
    const now = this.#timeline.nowMs;
    this.#overlaps = this.#overlaps.filter((one) => {
      if (one.service !== service || !one.boards.includes(board)) return true;
      this.#close(one, now);
      return false;
    });
  }

  /** Its ports are up again: what stands there still can be reached again, and must stand nowhere else. */
  returns(board: Board): void {
    for (const [service, { grant }] of board.kernel.elements) {
      if (!board.standing(service)) continue;
      for (const other of this.#boards.values()) {
        if (other === board || !other.standing(service)) continue;
        this.violated('two-holders', `${service} still stands on board ${board.id} (${grant.term}.${grant.n}), too`);
      }
    }
  }

  endAll(board: Board): void {
    for (const service of board.kernel.elements.keys()) this.ends(board, service);
  }

  /** Closes the overlaps that ended because an element ran out. */
  settle(): void {
    if (this.#overlaps.length === 0) return;
    this.#overlaps = this.#overlaps.filter((one) => {
      const ends = one.boards.flatMap((board) => {
        if (board.standing(one.service)) return [];
        const element = board.kernel.elements.get(one.service);
        return [element ? board.clock.virtual(element.untilMs) : this.#timeline.nowMs];
      });
      if (ends.length > 0) this.#close(one, Math.min(...ends));
      else if (this.#timeline.nowMs - one.sinceMs > this.#limitMs) this.#close(one, this.#timeline.nowMs);
      else return true;
      return false;
    });
  }

  get #limitMs(): number {
    return this.#cluster.timing.leaseMs + MARGIN_MS;
  }

  #close({ service, boards, sinceMs }: Overlap, endMs: number): void {
    const forMs = Math.max(0, endMs - sinceMs);
    this.overlapMsMax = Math.max(this.overlapMsMax, forMs);
    if (forMs <= this.#limitMs) return;
    const both = boards.map((board) => board.id).join(' and ');
    this.violated('overlap-too-long', `${service} answered from boards ${both} for ${Math.round(forMs)} ms`);
  }
}

function keyOf(service: string, { term, n }: Grant): string {
  return `${service} ${term}.${n}`;
}
