import { seededRandom } from '@softset/base';
import { emptyRegister, initialCluster } from '@softset/netrack/core/cluster/state.js';
import { stepCluster } from '@softset/netrack/core/cluster/step.js';
import type {
  ClusterConfig,
  ClusterEffect,
  ClusterEvent,
  ClusterState,
  VoteMemory,
} from '@softset/netrack/core/cluster/types.js';
import { NOTHING_LEFT_OUT, type Rule } from '@softset/netrack/core/rules.js';
import type {
  Board,
  BoardId,
  BoardMessage,
  Cluster,
  Grant,
  Holding,
  NetrackState,
  Order,
  OrderOutcome,
  Program,
  PulseBoard,
  PulseReport,
  Register,
  Stock,
} from '@softset/protocol';

export const OWN_BOOT = 'aaaaaaaaaaaaaaaa';
export const CLUSTER_NUMBER = 4711;

/**
 * Boards 1 to 4, of which 1, 2 and 3 vote; `media` moves fast and `voice` strictly, each between boards 1, 2 and 4. Their
 * program runs on one board at a time, unless it `runsEverywhere`: then a planned move goes from hand to hand (M8).
 */
export function clusterOf(runsEverywhere = false): Cluster {
  const boards = [1, 2, 3, 4].map(
    (id): Board => ({
      name: `b${id}`,
      id,
      role: 'node',
      addresses: { A: `10.1.0.${id}`, B: `20.1.0.${id}` },
      devices: { A: 'a', B: 'b' },
      vote: id <= 3,
      disk: true,
    }),
  );
  const service = (name: string, index: number, takeover: 'fast' | 'strict') =>
    ({
      name,
      index,
      addresses: [{ ip: `192.168.1.${index + 1}`, length: 32 }],
      pool: [1, 2, 4],
      redundancy: '2n',
      programs: ['server'],
      takeover,
      announce: ['arp'],
      failback: 'manual',
    }) as const;
  return {
    name: 'test',
    number: CLUSTER_NUMBER,
    keyFile: 'key',
    timing: { intervalMs: 10, leaseMs: 250, proofMs: 50 },
    ports: { beat: 1, relay: 2, alert: 3 },
    networks: { A: { subnet: { ip: '10.1.0.0', length: 16 } }, B: { subnet: { ip: '20.1.0.0', length: 16 } } },
    boards,
    outside: [],
    services: [service('media', 0, 'fast'), service('voice', 1, 'strict')],
    programs: [{ ...SERVER, exclusive: runsEverywhere ? 'address' : 'program' }],
  };
}

const SERVER: Program = {
  name: 'server',
  command: ['/bin/true'],
  environment: {},
  directory: '/',
  after: [],
  requires: [],
  log: { bytesMax: 1_048_576 },
  exclusive: 'program',
  restart: 'permanent',
  exits: { normal: [0], final: [], again: [] },
  pause: { minMs: 50, maxMs: 1000, quietMs: 10_000 },
  giveUp: { deaths: 3, withinMs: 10_000 },
  stop: { signal: 'TERM', timeoutMs: 3000 },
  boards: [1, 2, 4],
};

export function bootOf(board: BoardId): string {
  return `${board}`.repeat(16);
}

export interface Options {
  readonly without?: readonly Rule[];
  /** `null` for a board that lost it. */
  readonly memory?: VoteMemory | null;
  readonly register?: Register;
  readonly releaseMs?: number;
  readonly self?: BoardId;
  readonly runsEverywhere?: boolean;
}

/**
 * netrackd's core of board 1 (or `self`), with a pulse that answers at once, a disk that keeps at once unless
 * `diskWorks` is false, and an agent that confirms at once if `agentWorks`. Others speak only when a test lets them.
 */
export class ClusterWorld {
  nowMs = 50_000;
  readonly config: ClusterConfig;
  readonly state: ClusterState;
  readonly effects: ClusterEffect[] = [];
  diskWorks = true;
  agentWorks = true;
  proofStands = true;
  /** The pulse confirms whom it vouches for; its answers are kept back otherwise. */
  vouchWorks = true;
  readonly vouchings: ClusterEvent[] = [];
  /** The pulse's own. */
  pulse = { term: 0, director: 0, elected: false, sequence: 100, isolated: false, doubt: false };
  held: Holding[] = [];
  refused: Holding[] = [];
  /** Receipt of the last beat that was echoed, as the pulse tells it with each vouching. */
  readonly echoedMs = new Map<BoardId, number>();
  readonly boards = new Map<BoardId, PulseBoard>();
  alarms: PulseReport['alarms'] = [];
  #nextServe = 1;

  constructor(options: Options = {}) {
    const cluster = clusterOf(options.runsEverywhere);
    this.config = {
      cluster,
      self: options.self ?? 1,
      random: seededRandom(1),
      releaseMs: options.releaseMs ?? 400,
      without: options.without ? new Set(options.without) : NOTHING_LEFT_OUT,
    };
    const empty: VoteMemory = { cluster: CLUSTER_NUMBER, term: 0, candidate: 0 };
    const memory = options.memory === null ? undefined : (options.memory ?? empty);
    this.state = initialCluster(this.config, { memory, register: options.register }, this.nowMs);
    for (const { id } of cluster.boards) if (id !== this.config.self) this.boards.set(id, upBoard(id, this.nowMs));
  }

  /** One event, and the answers of pulse, disk and agent to what came of it. */
  step(event: ClusterEvent): ClusterEffect[] {
    const effects = stepCluster(this.state, [event], this.nowMs, this.config);
    this.effects.push(...effects);
    const all = [...effects];
    for (const effect of effects) for (const answer of this.#answers(effect)) all.push(...this.step(answer));
    return all;
  }

  #answers(effect: ClusterEffect): ClusterEvent[] {
    if (effect.kind === 'keep-vote') return this.diskWorks ? [{ kind: 'vote-kept', memory: effect.memory }] : [];
    if (effect.kind === 'agent') {
      const { message } = effect;
      return message.kind === 'term' && this.agentWorks ? [{ kind: 'agent-term', term: message.term }] : [];
    }
    if (effect.kind === 'keep-register') {
      const { register, answer } = effect;
      return answer && this.diskWorks ? [{ kind: 'register-kept', term: register.term, index: register.index }] : [];
    }
    if (effect.kind !== 'pulse') return [];
    const { request } = effect;
    if (request.kind === 'follow' || request.kind === 'lead') {
      const { id, term } = request;
      const other = request.kind === 'follow' && this.pulse.director !== 0 && this.pulse.director !== request.director;
      if (term < this.pulse.term || (term === this.pulse.term && other)) {
        return [{ kind: 'pulse', message: { kind: 'refused', id, code: 'PULSE_OLD_TERM', message: 'older' } }];
      }
      this.pulse.elected = request.kind === 'lead';
      this.pulse.term = term;
      if (request.kind === 'follow') this.pulse.director = request.director;
      const { director, sequence } = this.pulse;
      const own = { boot: OWN_BOOT, incarnation: 1, sequence, sentMs: this.nowMs };
      return [{ kind: 'pulse', message: { kind: 'followed', id, term, director, stock: this.stock(), own } }];
    }
    if (request.kind === 'vouch') {
      const { id, term, boards } = request;
      const echoed = [...this.boards.keys()].map((board) => ({ board, lastMs: this.echoedMs.get(board) ?? 0 }));
      const answer: ClusterEvent = { kind: 'pulse', message: { kind: 'vouching', id, term, boards, echoed } };
      if (!this.vouchWorks) this.vouchings.push(answer);
      return this.vouchWorks ? [answer] : [];
    }
    return [];
  }

  stock(): Stock {
    return { boot: OWN_BOOT, held: this.held, refused: this.refused };
  }

  /** The pulse's report as things stand. */
  report(): ClusterEffect[] {
    const { term, director, elected, isolated, doubt } = this.pulse;
    const report: PulseReport = {
      boot: OWN_BOOT,
      incarnation: 1,
      term,
      director,
      elected,
      amnesiac: this.state.amnesiac,
      health: 0,
      doubt,
      isolated,
      carrier: { A: true, B: true },
      boards: [...this.boards.values()],
      held: this.held.map((one) => ({ ...one, network: 'A', untilMs: this.nowMs + 200 })),
      daemons: ['netrackd', 'redirectd', 'psrmd'],
      refusedGrants: this.refused,
      refused: {},
      alarms: this.alarms,
    };
    return this.step({ kind: 'pulse', message: { kind: 'report', report } });
  }

  pace(): ClusterEffect[] {
    const { term } = this.pulse;
    const stamps = [...this.boards.values()].map(({ board, boot, incarnation }) => ({
      board,
      boot,
      incarnation,
      sequence: this.pulse.sequence,
    }));
    const own = { boot: OWN_BOOT, incarnation: 1, sequence: this.pulse.sequence, sentMs: this.nowMs };
    const proofUntilMs = this.proofStands ? this.nowMs + 50 : Number.NEGATIVE_INFINITY;
    return this.step({ kind: 'pulse', message: { kind: 'pace', pace: { term, proofUntilMs, stamps, own } } });
  }

  /** Time passes: a tick each 10 ms, and a pace while the pulse follows this board. */
  run(ms: number): ClusterEffect[] {
    const from = this.effects.length;
    for (let at = 0; at < ms; at += 10) {
      this.nowMs += 10;
      this.pulse.sequence++;
      if (this.pulse.director === this.config.self) this.pace();
      this.step({ kind: 'tick' });
    }
    return this.effects.slice(from);
  }

  /** pulse-up and a first report. */
  start(): this {
    this.step({ kind: 'pulse-up' });
    this.report();
    return this;
  }

  set(board: BoardId, fields: Partial<PulseBoard>): void {
    const before = this.boards.get(board) ?? upBoard(board, this.nowMs);
    const sinceMs = fields.verdict !== undefined && fields.verdict !== before.verdict ? this.nowMs : before.sinceMs;
    this.boards.set(board, { ...before, sinceMs, ...fields });
  }

  hear(from: BoardId, message: BoardMessage): ClusterEffect[] {
    return this.step({ kind: 'message', from, message });
  }

  /** Board 2 (or another) votes for the claim under way. */
  vote(
    from: BoardId,
    fields: { held?: Holding[]; refused?: Holding[]; register?: Register; sequence?: number } = {},
  ): ClusterEffect[] {
    const { held = [], refused = [], register, sequence = this.pulse.sequence } = fields;
    return this.hear(from, {
      kind: 'vote',
      term: this.state.term,
      stamp: { boot: OWN_BOOT, incarnation: 1, sequence },
      stock: { boot: bootOf(from), held, refused },
      ...(register ? { register } : {}),
    });
  }

  /** Board 1 is elected by the vote of board 2, whose stock is empty; the others have not reported. */
  elect(fields: Parameters<ClusterWorld['vote']>[1] = {}): this {
    this.start();
    for (let tries = 0; tries < 100 && this.state.role !== 'candidate'; tries++) this.run(10);
    this.run(10);
    this.vote(2, fields);
    if (this.state.role !== 'director') throw new Error('not elected');
    for (const board of this.boards.keys()) this.set(board, { term: this.state.term, director: 1 });
    this.report();
    return this;
  }

  /** What a board reports under the term. */
  stockOf(from: BoardId, held: Holding[] = [], refused: Holding[] = []): ClusterEffect[] {
    return this.hear(from, { kind: 'report', term: this.state.term, stock: { boot: bootOf(from), held, refused } });
  }

  /** A board has the register as it stands. */
  ack(...boards: BoardId[]): ClusterEffect[] {
    const { term, index } = this.state.register;
    return boards.flatMap((board) => this.hear(board, { kind: 'wrote', term, index, boot: bootOf(board) }));
  }

  serve(service: string, board: BoardId): { grant?: Grant; code?: string; effects: ClusterEffect[] } {
    const id = this.#nextServe++;
    const effects = this.step({ kind: 'serve', id, service, board, cause: 'test' });
    for (const effect of effects) {
      if (effect.kind === 'served' && effect.id === id) return { grant: effect.grant, effects };
      if (effect.kind === 'not-served' && effect.id === id) return { code: effect.code, effects };
    }
    return { effects };
  }

  outcome(from: BoardId, service: string, grant: Grant, result: OrderOutcome['result']): ClusterEffect[] {
    const outcome = {
      service,
      grant,
      term: this.state.term,
      result,
      ...(result === 'refused' ? { code: 'ORDER_KERNEL' as const } : {}),
    };
    if (from === this.config.self) return this.step({ kind: 'agent-outcome', outcome });
    return this.hear(from, { kind: 'outcome', outcome, boot: bootOf(from) });
  }

  entry(service: string) {
    return this.state.register.services.find((one) => one.service === service);
  }

  /** The phase last published. */
  view(): NetrackState {
    for (const effect of [...this.effects].reverse()) if (effect.kind === 'publish') return effect.state;
    throw new Error('nothing published');
  }
}

function upBoard(board: BoardId, nowMs: number): PulseBoard {
  return {
    board,
    verdict: 'up',
    sinceMs: nowMs - 5000,
    paths: { A: true, B: true },
    boot: bootOf(board),
    incarnation: 1,
    health: 0,
    daemons: ['netrackd', 'redirectd', 'psrmd'],
    amnesiac: false,
    leaving: false,
    term: 0,
    director: 0,
    elected: false,
    deputy: 0,
    config: 7,
    carrier: { A: true, B: true },
    hears: { A: [], B: [] },
    leases: [],
    pulseDead: false,
  };
}

export function sends<K extends BoardMessage['kind']>(
  effects: readonly ClusterEffect[],
  kind: K,
): { to: BoardId | 'all'; message: Extract<BoardMessage, { kind: K }> }[] {
  return effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.kind === kind
      ? [{ to: effect.to, message: effect.message as Extract<BoardMessage, { kind: K }> }]
      : [],
  );
}

/** Orders that left, to whom. */
export function orders(effects: readonly ClusterEffect[], self: BoardId = 1): (Order & { to: BoardId })[] {
  return effects.flatMap((effect) => {
    if (effect.kind === 'agent' && effect.message.kind === 'order') return [{ ...effect.message.order, to: self }];
    if (effect.kind === 'send' && effect.message.kind === 'order' && effect.to !== 'all')
      return [{ ...effect.message.order, to: effect.to }];
    return [];
  });
}

export function takes(effects: readonly ClusterEffect[]): (Order & { to: BoardId })[] {
  return orders(effects).filter(({ kind }) => kind === 'take');
}

export function logs(effects: readonly ClusterEffect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 'log' ? [effect.event] : []));
}

/** A register as another director left it. */
export function registerOf(fields: Partial<Register>, media: Partial<Register['services'][number]> = {}): Register {
  const empty = emptyRegister({
    cluster: clusterOf(),
    self: 1,
    random: seededRandom(1),
    releaseMs: 0,
    without: NOTHING_LEFT_OUT,
  });
  const services = empty.services.map((entry) => (entry.service === 'media' ? { ...entry, ...media } : entry));
  return { ...empty, services, ...fields };
}
