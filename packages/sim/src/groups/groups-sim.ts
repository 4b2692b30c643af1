import { type Random, seededRandom } from '@softset/base';
import { idOf, present } from '@softset/netrack/core/ring/members.js';
import { initialRing, ringDeadlineMs, stepRing } from '@softset/netrack/core/ring/step.js';
import type {
  Delegate,
  Digest,
  GroupId,
  RingConfig,
  RingEvent,
  RingMessage,
  RingState,
} from '@softset/netrack/core/ring/types.js';
import type { BoardId } from '@softset/protocol';
import { Timeline } from '../timeline.js';

export const GROUP_BOARDS_MAX = 64;
/** The director, its deputy and one more. */
const DELEGATES = 3;

export const RING_TIMING = { periodMs: 200, timeoutMs: 80, gossipMs: 50 } as const;

export interface GroupsOptions {
  readonly boards: number;
  readonly seed: number;
  /** Percent of datagrams lost on each of the two networks. */
  readonly loss: number;
  /** How often a delegate's process stands still for 50 to 1,000 ms, a minute. */
  readonly stallsPerMinute: number;
  /** What a crash takes within a chassis until its director knows, ms, drawn from what real cores took (within.ts). */
  readonly withinMs: (random: Random, director: boolean) => number;
}

interface Node {
  readonly delegate: Delegate;
  readonly config: RingConfig;
  readonly state: RingState;
  readonly inbox: RingMessage[];
  frozenUntilMs: number;
  dead: boolean;
}

interface Group {
  readonly id: GroupId;
  readonly up: Set<BoardId>;
  delegates: BoardId[];
  term: number;
  n: number;
}

/**
 * Thousands of boards: the ring's real core at every delegate, on a virtual clock, over two networks that lose and delay.
 * Boards that are no delegates are what their group's verdict says of them; how long that takes is measured apart.
 */
export class GroupsSim {
  readonly timeline = new Timeline();
  /** Datagrams that delegates sent, both networks together. */
  datagrams = 0;
  /** Verdicts against delegates that live, and suspicions of them. */
  falseDead = 0;
  falseSuspicions = 0;
  falseGone = 0;
  readonly groups = new Map<GroupId, Group>();
  readonly #nodes = new Map<number, Node>();
  readonly #random: Random;
  readonly #options: GroupsOptions;

  constructor(options: GroupsOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    const count = Math.ceil(options.boards / GROUP_BOARDS_MAX);
    for (let id = 0; id < count; id++) {
      const size = Math.floor(options.boards / count) + (id < options.boards % count ? 1 : 0);
      const ids = Array.from({ length: size }, (_, i) => i + 1);
      this.groups.set(id, { id, up: new Set(ids), delegates: ids.slice(0, DELEGATES), term: 1, n: 0 });
    }
    const known = [...this.groups.values()].flatMap(({ id, delegates }) =>
      delegates.map((board) => ({ group: id, board })),
    );
    for (const delegate of known) this.#join(delegate, 1, known);
    for (const group of this.groups.values()) this.#say(group, []);
  }

  get delegates(): number {
    return this.living().length;
  }

  living(): Node[] {
    return [...this.#nodes.values()].filter(({ dead }) => !dead);
  }

  runFor(ms: number): void {
    this.timeline.runUntil(this.timeline.nowMs + ms, () => false);
  }

  /** Runs until it is so, 20 virtual seconds at most; how long it took, ms. */
  until(holds: () => boolean): number | undefined {
    const fromMs = this.timeline.nowMs;
    while (!holds()) {
      if (this.timeline.nowMs - fromMs > 20_000) return undefined;
      this.runFor(1);
    }
    return this.timeline.nowMs - fromMs;
  }

  /** A board loses its power; its own group's verdict follows, and a delegate that is gone has a successor. */
  crash(id: GroupId, board: BoardId): void {
    const group = this.#group(id);
    const directed = group.delegates[0] === board;
    const delegate = group.delegates.includes(board);
    this.#die({ group: id, board });
    this.timeline.after(this.#options.withinMs(this.#random, directed), () => {
      group.up.delete(board);
      if (directed) group.term++;
      group.delegates = group.delegates.filter((one) => one !== board);
      const next = [...group.up].find((one) => !group.delegates.includes(one));
      if (delegate && next !== undefined) {
        group.delegates.push(next);
        const known = [...this.groups.values()].flatMap((one) =>
          one.delegates.map((b) => ({ group: one.id, board: b })),
        );
        this.#join({ group: id, board: next }, Math.round(this.timeline.nowMs), known);
      }
      this.#say(group, [board]);
    });
  }

  /** The whole chassis is without power, or nobody reaches it. */
  lose(id: GroupId): void {
    const group = this.#group(id);
    for (const board of group.delegates) this.#die({ group: id, board });
    group.up.clear();
  }

  /** Whether all that live know of the group what it says last. */
  allKnow(id: GroupId): boolean {
    const { term, n } = this.#group(id);
    return this.living().every(({ state }) => {
      const digest = state.digests.get(id);
      return digest?.term === term && digest.n === n;
    });
  }

  allMiss(id: GroupId): boolean {
    return this.living().every(({ state }) => state.gone.has(id));
  }

  someMiss(id: GroupId): boolean {
    return this.living().some(({ state }) => state.gone.has(id));
  }

  #group(id: GroupId): Group {
    const group = this.groups.get(id);
    if (!group) throw new RangeError(`no group ${id}`);
    return group;
  }

  /** Its director tells all delegates of the group, over the relay within the chassis: a few ms. */
  #say(group: Group, down: readonly BoardId[]): void {
    group.n++;
    const [director = 0] = group.delegates;
    const up = [...group.up].reduce((bits, board) => bits | (1n << BigInt(board - 1)), 0n);
    const digest: Digest = { kind: 'digest', group: group.id, term: group.term, n: group.n, director, up };
    for (const board of group.delegates) {
      const node = this.#nodes.get(idOf({ group: group.id, board }));
      this.timeline.after(0.3 + this.#random.next() * 3, () => this.#take(node, { kind: 'group', digest, down }));
    }
  }

  #join(delegate: Delegate, incarnation: number, known: readonly Delegate[]): void {
    const random = seededRandom(this.#random.integer(0, 0x7fffffff));
    const config: RingConfig = { self: delegate, random, ...RING_TIMING };
    const { nowMs } = this.timeline;
    const state = initialRing(config, incarnation, known, nowMs);
    const node: Node = { delegate, config, state, inbox: [], frozenUntilMs: 0, dead: false };
    this.#nodes.set(idOf(delegate), node);
    this.#tickLater(node);
    this.#stallLater(node);
  }

  #die(delegate: Delegate): void {
    const node = this.#nodes.get(idOf(delegate));
    if (node) node.dead = true;
  }

  #stallLater(node: Node): void {
    const { stallsPerMinute } = this.#options;
    if (stallsPerMinute === 0) return;
    const inMs = (-Math.log(1 - this.#random.next()) * 60_000) / stallsPerMinute;
    this.timeline.after(inMs, () => {
      node.frozenUntilMs = this.timeline.nowMs + 50 * 20 ** this.#random.next();
      this.timeline.at(node.frozenUntilMs, () => {
        this.#thaw(node);
        if (!node.dead) this.#stallLater(node);
      });
    });
  }

  #thaw(node: Node): void {
    if (node.dead || this.timeline.nowMs < node.frozenUntilMs) return;
    for (const message of node.inbox.splice(0)) this.#take(node, { kind: 'message', message });
    this.#tick(node);
  }

  #tick(node: Node): void {
    if (node.dead || this.timeline.nowMs < node.frozenUntilMs) return;
    this.#take(node, { kind: 'tick' });
  }

  #tickLater(node: Node): void {
    const atMs = Math.max(ringDeadlineMs(node.state, node.config), this.timeline.nowMs + 1, node.frozenUntilMs);
    this.timeline.at(atMs, () => {
      if (node.dead) return;
      this.#tick(node);
      this.#tickLater(node);
    });
  }

  #take(node: Node | undefined, event: RingEvent): void {
    if (!node || node.dead) return;
    const { nowMs } = this.timeline;
    if (nowMs < node.frozenUntilMs) {
      if (event.kind === 'message') node.inbox.push(event.message);
      else this.timeline.at(node.frozenUntilMs + 0.1, () => this.#take(node, event));
      return;
    }
    const before = event.kind === 'tick' ? this.#accused(node) : undefined;
    for (const effect of stepRing(node.state, event, nowMs, node.config)) {
      if (effect.kind === 'send') this.#send(effect.to, effect.message);
      else if (effect.gone && this.#group(effect.group).up.size > 0) this.falseGone++;
    }
    if (before) this.#countFalse(node, before);
  }

  /** Those whom it accuses itself, on a tick; what it heard from others was counted with them. */
  #accused(node: Node): ReadonlyMap<number, string> {
    return new Map([...node.state.members].map(([id, { status }]) => [id, status]));
  }

  #countFalse(node: Node, before: ReadonlyMap<number, string>): void {
    for (const [id, { status }] of node.state.members) {
      if (status === before.get(id) || status === 'alive' || this.#nodes.get(id)?.dead !== false) continue;
      if (status === 'dead') this.falseDead++;
      else this.falseSuspicions++;
    }
  }

  /** The first of both copies counts: the other is dropped where it arrives. */
  #send(to: Delegate, message: RingMessage): void {
    this.datagrams += 2;
    const random = this.#random;
    const arrivals = [0, 1].flatMap(() => (random.next() * 100 < this.#options.loss ? [] : [delayMs(random)]));
    if (arrivals.length === 0) return;
    const node = this.#nodes.get(idOf(to));
    this.timeline.after(Math.min(...arrivals), () => this.#take(node, { kind: 'message', message }));
  }

  /** For tests: every delegate believes in every other that lives, and in nobody else. */
  agreed(): boolean {
    const living = new Set(this.living().map(({ delegate }) => idOf(delegate)));
    return this.living().every(({ state, delegate }) => {
      const there = present(state).map(idOf);
      return there.length === living.size - 1 && there.every((id) => living.has(id) && id !== idOf(delegate));
    });
  }
}

/** Between chassis of one site: 0.2 to 1.2 ms, one in a hundred up to 20. */
function delayMs(random: Random): number {
  return random.chance(0.01) ? random.next() * 20 : 0.2 + random.next();
}
