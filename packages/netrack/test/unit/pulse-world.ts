import { initialPulse } from '@softset/netrack/core/pulse/state.js';
import { stepPulse } from '@softset/netrack/core/pulse/step.js';
import type {
  PulseConfig,
  PulseEffect,
  PulseEvent,
  PulseMemory,
  PulseState,
} from '@softset/netrack/core/pulse/types.js';
import { NOTHING_LEFT_OUT, type Rule } from '@softset/netrack/core/rules.js';
import type {
  Beat,
  BoardId,
  DaemonName,
  Network,
  Order,
  PulseBoard,
  PulseReport,
  PulseRequest,
} from '@softset/protocol';
import { DAEMONS, NETWORKS } from '@softset/protocol';

export const INTERVAL_MS = 10;
export const LEASE_MS = 250;
export const PROOF_MS = 50;
export const OWN_BOOT = 'aaaaaaaaaaaaaaaa';

/** Board 1 of four; boards 1, 2 and 3 vote. */
export const CONFIG: PulseConfig = {
  self: 1,
  cluster: 4711,
  config: 77,
  boards: [1, 2, 3, 4],
  voters: [1, 2, 3],
  timing: { intervalMs: INTERVAL_MS, leaseMs: LEASE_MS, proofMs: PROOF_MS },
  services: ['media', 'voice'],
  without: NOTHING_LEFT_OUT,
};

export function without(...rules: Rule[]): Partial<PulseConfig> {
  return { without: new Set(rules) };
}

export function macOf(board: BoardId, network: Network = 'A'): string {
  return `02:00:00:00:0${network === 'A' ? 'a' : 'b'}:0${board}`;
}

export function bootOf(board: BoardId): string {
  return `${board}`.repeat(16);
}

/** One pulse under test, and the beats of others as they would come. Time passes only by `run` and `pass`. */
export class PulseWorld {
  nowMs = 10_000;
  readonly config: PulseConfig;
  readonly state: PulseState;
  readonly effects: PulseEffect[] = [];
  readonly #sequences = new Map<BoardId, number>();
  #nextId = 100;

  constructor(
    config: Partial<PulseConfig> = {},
    memory?: PulseMemory,
    life: { boot?: string; incarnation?: number } = {},
  ) {
    this.config = { ...CONFIG, ...config };
    const { boot = OWN_BOOT, incarnation = 1 } = life;
    this.state = initialPulse(this.config, { boot, incarnation, carrier: { A: true, B: true } }, memory, this.nowMs);
  }

  step(event: PulseEvent): PulseEffect[] {
    const effects = stepPulse(this.state, event, this.nowMs, this.config);
    this.effects.push(...effects);
    return effects;
  }

  tick(): PulseEffect[] {
    return this.step({ kind: 'tick' });
  }

  /** A beat of a board, new unless `fields` says which; by the given networks at once. */
  beat(board: BoardId, fields: Partial<Beat> = {}, networks: readonly Network[] = NETWORKS): PulseEffect[] {
    const sequence = fields.sequence ?? (this.#sequences.get(board) ?? 0) + 1;
    this.#sequences.set(board, Math.max(sequence, this.#sequences.get(board) ?? 0));
    return networks.flatMap((network) =>
      this.step({
        kind: 'beat',
        network,
        arrivedMs: this.nowMs,
        beat: {
          board,
          network,
          boot: bootOf(board),
          incarnation: 1,
          sequence,
          cluster: 4711,
          config: 77,
          health: 0,
          intervalMs: INTERVAL_MS,
          term: 0,
          director: 0,
          deputy: 0,
          elected: false,
          amnesiac: false,
          leaving: false,
          carrier: { A: true, B: true },
          daemons: [...DAEMONS],
          leases: 0n,
          hears: { A: 0n, B: 0n },
          kernels: 0n,
          mac: macOf(board, network),
          echo: undefined,
          gone: [],
          echoes: [],
          ...fields,
        },
      }),
    );
  }

  /** Lets time pass: a tick each 5 ms, and each 10 ms what `others` does just before it. */
  run(ms: number, others: (world: PulseWorld) => void = () => undefined): PulseEffect[] {
    const from = this.effects.length;
    for (let at = 0; at < ms; at += 5) {
      this.nowMs += 5;
      if (at % 10 === 5) others(this);
      this.tick();
    }
    return this.effects.slice(from);
  }

  /** All of these boards beat on both networks. */
  hearing(...boards: BoardId[]): (world: PulseWorld) => void {
    return () => {
      for (const board of boards) this.beat(board);
    };
  }

  /** What a daemon asks; the answer, if any. */
  ask(request: PulseRequest, daemon: DaemonName | 'watch' = 'netrackd') {
    const effects = this.step({ kind: 'request', from: 1, daemon, request });
    // The shell performs `create` at once and says so.
    for (const effect of effects) {
      if (effect.kind === 'create')
        effects.push(...this.step({ kind: 'made', lease: effect.lease, answer: effect.answer }));
    }
    return of(effects, 'answer').map(({ answer }) => answer)[0];
  }

  /** This board remembers its votes and follows `director`. */
  follow(director: BoardId, term = 1) {
    this.ask({ kind: 'memory', amnesiac: false });
    return this.ask({ kind: 'follow', id: this.#nextId++, term, director });
  }

  /** This board is elected, and vouches for those. */
  lead(term: number, ...vouched: BoardId[]) {
    this.follow(1, term);
    this.ask({ kind: 'lead', id: this.#nextId++, term, deputy: 2 });
    return this.ask({ kind: 'vouch', id: this.#nextId++, term, boards: vouched });
  }

  /** An order to take `media`, as the director followed would give it now. */
  order(fields: Partial<Order> = {}): Order {
    return {
      kind: 'take',
      service: 'media',
      grant: { term: this.state.term, n: 5 },
      term: this.state.term,
      director: this.state.director === 0 ? 2 : this.state.director,
      stamp: { boot: this.state.boot, incarnation: this.state.incarnation, sequence: this.state.sequence },
      cause: 'test',
      ...fields,
    };
  }

  create(fields: Partial<Order> = {}) {
    return this.ask({ kind: 'create', id: this.#nextId++, order: this.order(fields), network: 'A' }, 'redirectd');
  }

  /** The register of the term followed names this board holder of `media` by grant n. */
  named(n = 5, index = n): void {
    const grants = [{ service: 'media', grant: { term: this.state.term, n } }];
    this.ask({ kind: 'named', term: this.state.term, index, grants });
  }

  /** The newest own beat as others see it. */
  get sequence(): number {
    return this.state.sequence;
  }

  get held(): string[] {
    return [...this.state.leases.keys()];
  }

  counted(code: string): number {
    return this.state.counters[code] ?? 0;
  }

  verdict(board: BoardId): string | undefined {
    return this.state.peers.get(board)?.verdict;
  }

  /** The last report told. */
  report(): PulseReport {
    for (const { message } of of(this.effects, 'tell').reverse()) if (message.kind === 'report') return message.report;
    throw new Error('no report yet');
  }

  reported(board: BoardId): PulseBoard | undefined {
    return this.report().boards.find((one) => one.board === board);
  }

  alarms(): string[] {
    return [...this.state.alarms.values()].map(({ alarm: { cause, object } }) => `${cause} ${object}`);
  }
}

export function of<K extends PulseEffect['kind']>(
  effects: readonly PulseEffect[],
  kind: K,
): Extract<PulseEffect, { kind: K }>[] {
  return effects.filter((effect): effect is Extract<PulseEffect, { kind: K }> => effect.kind === kind);
}

/** Beats that left on network A. */
export function sent(effects: readonly PulseEffect[]) {
  return of(effects, 'send').flatMap(({ network, beat }) => (network === 'A' ? [beat] : []));
}

/** Why leases were lost, as local connections were told. */
export function losses(effects: readonly PulseEffect[]): string[] {
  return of(effects, 'tell').flatMap(({ message }) => (message.kind === 'lost' ? [message.why] : []));
}
