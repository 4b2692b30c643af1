import type { Holding, PulseMessage, PulseReport, PulseRequest } from '@softset/protocol';
import { initialCluster } from './state.js';
import type { ClusterConfig, ClusterEvent, ClusterState } from './types.js';

/** One turn of the play, ms of its own clock. */
export const TURN_MS = 10;
/** An element that is rehearsed stands this long, ms: longer than any round. */
const HELD_MS = 200;

/** One netrackd core, with a pulse and an agent that do as they are told. */
export class Player {
  readonly config: ClusterConfig;
  readonly inbox: ClusterEvent[] = [];
  readonly held: Holding[] = [];
  state: ClusterState;
  life = 1;
  pulse = { term: 0, director: 0, elected: false };

  constructor(config: ClusterConfig, nowMs: number) {
    this.config = config;
    this.state = this.#begin(nowMs);
  }

  get boot(): string {
    return `${this.config.self}`.padStart(8, '0') + `${this.life}`.padStart(8, '0');
  }

  restart(nowMs: number): void {
    this.life++;
    this.pulse = { term: this.pulse.term, director: 0, elected: false };
    this.inbox.length = 0;
    this.state = this.#begin(nowMs, this.state);
  }

  #begin(nowMs: number, before?: ClusterState): ClusterState {
    const memory = before?.memory ?? { cluster: this.config.cluster.number, term: 0, candidate: 0 };
    const state = initialCluster(this.config, { memory, register: before?.register }, nowMs);
    this.inbox.push({ kind: 'pulse-up' }, { kind: 'agent-up' });
    return state;
  }

  ask(request: PulseRequest, others: readonly Player[], nowMs: number): void {
    const answer = this.#answer(request, others, nowMs);
    if (answer) this.inbox.push({ kind: 'pulse', message: answer });
  }

  #answer(request: PulseRequest, others: readonly Player[], nowMs: number): PulseMessage | undefined {
    if (request.kind === 'vouch') {
      const { id, term, boards } = request;
      const echoed = others.map(({ config }) => ({ board: config.self, lastMs: nowMs }));
      return { kind: 'vouching', id, term, boards, echoed };
    }
    if (request.kind !== 'follow' && request.kind !== 'lead') return undefined;
    const { id, term } = request;
    const director = request.kind === 'lead' ? this.config.self : request.director;
    this.pulse = { term, director, elected: request.kind === 'lead' };
    const stock = { boot: this.boot, held: [...this.held], refused: [] };
    return { kind: 'followed', id, term, director, stock, own: stampOf(this, nowMs) };
  }
}

function stampOf(player: Player, nowMs: number) {
  return { boot: player.boot, incarnation: 1, sequence: Math.floor(nowMs / TURN_MS), sentMs: nowMs };
}

export function paceOf(player: Player, others: readonly Player[], nowMs: number): ClusterEvent {
  const stamps = others.map((other) => ({ board: other.config.self, ...stampOf(other, nowMs) }));
  const pace = { term: player.pulse.term, proofUntilMs: nowMs + 2 * TURN_MS, stamps, own: stampOf(player, nowMs) };
  return { kind: 'pulse', message: { kind: 'pace', pace } };
}

/** What a pulse says that hears everybody on the stage but `lost`; boards that are not on it are down. */
export function reportOf(
  player: Player,
  players: readonly Player[],
  lost: Player | undefined,
  nowMs: number,
): ClusterEvent {
  const both = { A: true, B: true };
  const { cluster, self } = player.config;
  const boards = cluster.boards.flatMap(({ id }): PulseReport['boards'] => {
    if (id === self) return [];
    const other = players.find(({ config }) => config.self === id);
    const up = other !== undefined && other !== lost;
    return [
      {
        board: id,
        verdict: up ? 'up' : 'down',
        sinceMs: nowMs,
        paths: { A: up, B: up },
        boot: other?.boot ?? '',
        incarnation: 1,
        health: 0,
        daemons: ['netrackd', 'redirectd', 'psrmd'],
        amnesiac: false,
        leaving: false,
        ...(other?.pulse ?? { term: 0, director: 0, elected: false }),
        deputy: 0,
        config: 0,
        carrier: both,
        hears: { A: [], B: [] },
        leases: [],
        pulseDead: false,
      },
    ];
  });
  const report: PulseReport = {
    boot: player.boot,
    incarnation: 1,
    ...player.pulse,
    amnesiac: false,
    health: 0,
    doubt: false,
    isolated: false,
    carrier: both,
    boards,
    held: player.held.map((one) => ({ ...one, network: 'A', untilMs: nowMs + HELD_MS })),
    refusedGrants: [],
    daemons: ['netrackd', 'redirectd', 'psrmd'],
    refused: {},
    alarms: [],
  };
  return { kind: 'pulse', message: { kind: 'report', report } };
}
