import type { Grant, Order, PulseBoard, PulseReport } from '@softset/protocol';
import { agentStep } from '@softset/redirect/core/agent.js';
import {
  type AgentEffect,
  type AgentEvent,
  type AgentState,
  agentConfig,
  agentStart,
} from '@softset/redirect/core/agent-state.js';
import { cluster } from './fixture.js';

export const config = agentConfig(cluster(), 2);
export const TERM = 5;
export const grantOf = (n: number, term = TERM): Grant => ({ term, n });

export function order(kind: 'take' | 'release', n: number, part: Partial<Order> = {}): Order {
  const stamp = { boot: '00000000000000aa', incarnation: 1, sequence: 7 };
  return { kind, service: 'disk', grant: grantOf(n), term: TERM, director: 1, stamp, cause: 'test', ...part };
}

export function pulseBoard(board: number, part: Partial<PulseBoard> = {}): PulseBoard {
  return {
    board,
    verdict: 'up',
    sinceMs: 0,
    paths: { A: true, B: true },
    boot: '00000000000000bb',
    incarnation: 1,
    health: 0,
    daemons: [],
    amnesiac: false,
    leaving: false,
    term: TERM,
    director: 1,
    elected: board === 1,
    deputy: 0,
    config: 0,
    carrier: { A: true, B: true },
    hears: { A: [], B: [] },
    leases: [],
    pulseDead: false,
    ...part,
  };
}

export function report(held: PulseReport['held'] = [], part: Partial<PulseReport> = {}): PulseReport {
  return {
    boot: '00000000000000aa',
    incarnation: 1,
    term: TERM,
    director: 1,
    elected: false,
    amnesiac: false,
    health: 0,
    doubt: false,
    isolated: false,
    carrier: { A: true, B: true },
    boards: [pulseBoard(1), pulseBoard(3)],
    held,
    daemons: [],
    refusedGrants: [],
    refused: {},
    alarms: [],
    ...part,
  };
}

export const holding = (n: number, service = 'disk', network: 'A' | 'B' = 'A'): PulseReport['held'][number] => ({
  service,
  grant: grantOf(n),
  network,
  untilMs: 0,
});

export const MACS = {
  own: ['02:00:00:00:00:02'],
  boards: [
    { board: 1, mac: '02:00:00:00:00:01' },
    { board: 3, mac: '02:00:00:00:00:03' },
  ],
};

/** Somebody's answer for an address of `disk`. */
export const STRANGER = [{ ip: '192.168.1.2', network: 'B', mac: '02:00:00:00:00:99' }] as const;

/** An agent that is driven by events, with what it did at each. */
export class AgentRun {
  state: AgentState = agentStart(config, TERM);
  nowMs = 1000;
  /** All effects, oldest first. */
  readonly log: AgentEffect[] = [];
  readonly #config: typeof config;

  /** `mac`: moves along with `disk`. */
  constructor(mac?: string) {
    const services = config.services.map((one) =>
      mac === undefined || one.service !== 'disk' ? one : { ...one, mac },
    );
    this.#config = { ...config, services };
  }

  do(event: AgentEvent): readonly AgentEffect[] {
    const result = agentStep(this.state, event, this.nowMs, this.#config);
    // What crosses sockets and replays must survive JSON.
    this.state = JSON.parse(JSON.stringify(result.state)) as AgentState;
    this.log.push(...result.effects);
    return result.effects;
  }

  /** In step with its pulse, which holds nothing. */
  ready(): this {
    this.do({ kind: 'macs', macs: MACS });
    this.do({ kind: 'pulse-up' });
    this.do({ kind: 'report', report: report() });
    return this;
  }

  take(n: number, part: Partial<Order> = {}): readonly AgentEffect[] {
    return this.do({ kind: 'order', order: order('take', n, part) });
  }

  release(n: number, part: Partial<Order> = {}): readonly AgentEffect[] {
    return this.do({ kind: 'order', order: order('release', n, part) });
  }

  asked(n: number, answers: Extract<AgentEvent, { kind: 'asked' }>['answers'] = []): readonly AgentEffect[] {
    return this.do({ kind: 'asked', service: 'disk', grant: grantOf(n), answers });
  }

  created(n: number): readonly AgentEffect[] {
    const answer = { kind: 'created', id: this.request, service: 'disk', grant: grantOf(n), untilMs: 0 } as const;
    return this.do({ kind: 'answer', answer });
  }

  released(n: number): readonly AgentEffect[] {
    return this.do({
      kind: 'answer',
      answer: { kind: 'released', id: this.request, service: 'disk', grant: grantOf(n) },
    });
  }

  program(want: 'start' | 'stop', ok = true): readonly AgentEffect[] {
    return this.do({
      kind: 'program',
      service: 'disk',
      program: 'mirror',
      want,
      ok,
      message: ok ? '' : 'NOT_CONNECTED',
    });
  }

  /** Takes grant `n` to the end, and the pulse's report of it. */
  hold(n: number): this {
    this.take(n);
    this.asked(n);
    this.created(n);
    this.program('start');
    this.do({ kind: 'report', report: report([holding(n)]) });
    return this;
  }

  /** The newest request to the pulse about `disk`. */
  get request(): number {
    const { phase } = this.disk;
    if (phase.kind === 'creating' || phase.kind === 'releasing') return phase.request;
    return phase.kind === 'held' ? (phase.rehome?.request ?? 0) : 0;
  }

  get disk() {
    const work = this.state.services.disk;
    if (work === undefined) throw new Error('the fixture has a service disk');
    return work;
  }
}

/** An effect in a few words. */
export function words(effect: AgentEffect): string {
  switch (effect.kind) {
    case 'pulse':
      return effect.request.kind;
    case 'announce':
      return `announce ${effect.network}`;
    case 'program':
      return effect.want;
    case 'outcome':
      return `${effect.outcome.result}${effect.outcome.code === undefined ? '' : ` ${effect.outcome.code}`} ${effect.outcome.grant.n}`;
    case 'persist-term':
    case 'confirm-term':
      return `${effect.kind} ${effect.term}`;
    case 'alarm':
      return `${effect.alarm.severity} ${effect.alarm.cause}`;
    default:
      return effect.kind;
  }
}
