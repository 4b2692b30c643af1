import { seededRandom } from '@softset/base';
import { emptyRegister, initialCluster, majorityOf, voters } from '@softset/netrack/core/cluster/state.js';
import { stepCluster } from '@softset/netrack/core/cluster/step.js';
import type { ClusterConfig, ClusterEffect, ClusterEvent } from '@softset/netrack/core/cluster/types.js';
import { NOTHING_LEFT_OUT } from '@softset/netrack/core/rules.js';
import {
  type BoardId,
  type BoardMessage,
  compareGrants,
  compareVersions,
  type Grant,
  type PulseReport,
} from '@softset/protocol';
import { expect } from 'chai';
import fc from 'fast-check';
import { bootOf, CLUSTER_NUMBER, clusterOf, OWN_BOOT } from '../unit/cluster-world.js';

const config: ClusterConfig = {
  cluster: clusterOf(),
  self: 1,
  random: seededRandom(3),
  releaseMs: 100,
  without: NOTHING_LEFT_OUT,
};

/** What may come in, as small numbers, so that terms, boards and grants meet often. */
const board = fc.integer({ min: 2, max: 4 });
const near = fc.integer({ min: -1, max: 2 });
const service = fc.constantFrom('media', 'voice');
const choice = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('tick' as const), ms: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('vote' as const), from: board }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('claim' as const), from: board, term: near }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('stock' as const), from: board, service, holds: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wrote' as const), from: board, index: near }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('write' as const), from: board, term: near, index: near }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('serve' as const), service, board: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('outcome' as const),
      from: board,
      service,
      result: fc.constantFrom('taken', 'released', 'refused'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('see' as const),
      from: board,
      verdict: fc.constantFrom('up', 'silent', 'stalled', 'down'),
      elected: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('disk' as const), works: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('proof' as const), stands: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('agent' as const), up: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pulse' as const), up: fc.boolean() }) },
);
type Choice = typeof choice extends fc.Arbitrary<infer T> ? T : never;

/**
 * Plays choices against the core with a pulse that adopts and answers, and holds it to its invariants after each step:
 *
 * - its term never goes back, nor its register's version (T1, R1);
 * - in one term it votes for one board, itself counted, and each vote was on disk and adopted by the pulse before it left
 *   or, its own, was counted (T1, T3);
 * - grants rise; a take leaves only when a majority of votes acknowledged a register that has it, the director counted
 *   (M4), only while the proof stands (M5), and never for an older term or by who does not direct.
 */
class Referee {
  readonly #state = initialCluster(
    config,
    { memory: { cluster: CLUSTER_NUMBER, term: 0, candidate: 0 }, register: undefined },
    0,
  );
  #nowMs = 0;
  #pulse = { term: 0, director: 0, elected: false, sequence: 1 };
  #pulseUp = false;
  #proofUntilMs = Number.NEGATIVE_INFINITY;
  #proofStands = true;
  #disk = true;
  #agent = 0;
  readonly #seen = new Map<
    BoardId,
    { verdict: 'up' | 'silent' | 'stalled' | 'down'; term: number; elected: boolean; sinceMs: number }
  >();
  readonly #voted = new Map<number, BoardId>();
  readonly #kept = new Set<string>();
  readonly #acked = new Map<string, Set<BoardId>>();
  #term = 0;
  #version = { term: 0, index: 0 };
  #grant: Grant = { term: 0, n: 0 };
  /** What happened at all: a property that never sees an order says nothing of orders. */
  readonly happened = { elected: 0, voted: 0, taken: 0 };

  constructor() {
    for (const id of [2, 3, 4]) this.#seen.set(id, { verdict: 'up', term: 0, elected: false, sinceMs: 0 });
    this.play({ kind: 'pulse', up: true });
  }

  play(one: Choice): void {
    const event = this.#eventOf(one);
    if (event !== undefined) this.#step(event);
    if (one.kind === 'see' || (one.kind === 'pulse' && one.up)) this.#report();
  }

  /** What a choice stands for; undefined where it only changes the world around. */
  #eventOf(one: Choice): ClusterEvent | undefined {
    const { term, index } = this.#state.register;
    const boot = 'from' in one ? bootOf(one.from) : '';
    switch (one.kind) {
      case 'tick':
        this.#nowMs += one.ms;
        this.#pulse.sequence++;
        if (this.#pulse.director === 1 && this.#pulseUp) this.#pace();
        return { kind: 'tick' };
      case 'vote': {
        const stamp = { boot: OWN_BOOT, incarnation: 1, sequence: this.#pulse.sequence };
        const stock = { boot, held: [], refused: [] };
        return said(one.from, { kind: 'vote', term: this.#state.term, stamp, stock });
      }
      case 'claim': {
        const claim = { term: Math.max(0, this.#state.term + one.term), stamp: { boot, incarnation: 1, sequence: 9 } };
        return said(one.from, { kind: 'claim', ...claim, register: { term, index } });
      }
      case 'stock': {
        const place = { service: one.service, grant: this.#grant };
        const stock = { boot, held: one.holds ? [place] : [], refused: one.holds ? [] : [place] };
        return said(one.from, { kind: 'report', term: this.#state.term, stock });
      }
      case 'wrote': {
        const version = { term, index: Math.max(0, index + Math.min(0, one.index)) };
        for (const id of this.#ackers(version)) id.add(one.from);
        return said(one.from, { kind: 'wrote', ...version, boot });
      }
      case 'write': {
        const version = { term: Math.max(0, this.#state.term + one.term), index: Math.max(0, index + one.index) };
        return said(one.from, { kind: 'write', register: { ...emptyRegister(config), ...version } });
      }
      case 'serve':
        return { kind: 'serve', id: 1, service: one.service, board: one.board, cause: '' };
      case 'outcome': {
        const outcome = {
          service: one.service,
          grant: this.#grant,
          term: this.#state.term,
          result: one.result,
        } as const;
        return said(one.from, { kind: 'outcome', outcome, boot });
      }
      case 'see': {
        // Two boards never show the same term as elected: that would be a broken cluster, not a broken core.
        const elected = one.elected && one.verdict === 'up' && this.#pulse.term % 3 === one.from % 3;
        const seen = {
          verdict: one.verdict,
          term: this.#pulse.term + (elected ? 1 : 0),
          elected,
          sinceMs: this.#nowMs,
        };
        this.#seen.set(one.from, seen);
        if (elected) this.#pulse = { ...this.#pulse, term: seen.term, director: one.from, elected: false };
        return undefined;
      }
      case 'disk':
        this.#disk = one.works;
        return undefined;
      case 'proof':
        this.#proofStands = one.stands;
        return undefined;
      case 'agent':
        return { kind: one.up ? 'agent-up' : 'agent-down' };
      case 'pulse':
        this.#pulseUp = one.up;
        return { kind: one.up ? 'pulse-up' : 'pulse-down' };
    }
  }

  /** Sets of boards that have this version or a later one of its term. */
  #ackers(version: { term: number; index: number }): Set<BoardId>[] {
    return Array.from({ length: version.index + 1 }, (_, index) => {
      const key = `${version.term}.${index}`;
      const set = this.#acked.get(key) ?? new Set<BoardId>();
      this.#acked.set(key, set);
      return set;
    });
  }

  #pace(): void {
    const { term, sequence } = this.#pulse;
    const own = { boot: OWN_BOOT, incarnation: 1, sequence, sentMs: this.#nowMs };
    this.#proofUntilMs = this.#proofStands ? this.#nowMs + 50 : Number.NEGATIVE_INFINITY;
    const stamps = [2, 3, 4].map((id) => ({ board: id, boot: bootOf(id), incarnation: 1, sequence }));
    this.#step({
      kind: 'pulse',
      message: { kind: 'pace', pace: { term, proofUntilMs: this.#proofUntilMs, stamps, own } },
    });
  }

  #report(): void {
    if (!this.#pulseUp) return;
    const { term, director, elected } = this.#pulse;
    const report: PulseReport = {
      boot: OWN_BOOT,
      incarnation: 1,
      term,
      director,
      elected,
      amnesiac: false,
      health: 0,
      doubt: false,
      isolated: false,
      carrier: { A: true, B: true },
      boards: [...this.#seen].map(([id, seen]) => ({
        board: id,
        verdict: seen.verdict,
        sinceMs: seen.sinceMs,
        paths: { A: true, B: true },
        boot: bootOf(id),
        incarnation: 1,
        health: 0,
        daemons: ['netrackd', 'redirectd', 'psrmd'],
        amnesiac: false,
        leaving: false,
        term: seen.term,
        director: seen.elected ? id : 0,
        elected: seen.elected,
        deputy: 0,
        config: 1,
        carrier: { A: true, B: true },
        hears: { A: [], B: [] },
        leases: [],
        pulseDead: false,
      })),
      held: [],
      daemons: ['netrackd', 'redirectd', 'psrmd'],
      refusedGrants: [],
      refused: {},
      alarms: [],
    };
    this.#step({ kind: 'pulse', message: { kind: 'report', report } });
  }

  #step(event: ClusterEvent): void {
    const effects = stepCluster(this.#state, [event], this.#nowMs, config);
    const answers = effects.flatMap((effect) => this.#judge(effect));
    expect(this.#state.term, 'the term').to.be.at.least(this.#term);
    this.#term = this.#state.term;
    for (const answer of answers) this.#step(answer);
  }

  /** It asks for votes: its own goes to nobody else, and is counted when it leads. */
  #claim(term: number): void {
    expect(this.#voted.get(term) ?? 1, `votes in term ${term}`).to.equal(1);
    this.#voted.set(term, 1);
    expect(this.#pulse.term, 'the pulse follows').to.be.at.least(term);
  }

  #vote(term: number, candidate: BoardId): void {
    expect(this.#voted.get(term) ?? candidate, `votes in term ${term}`).to.equal(candidate);
    this.#voted.set(term, candidate);
    expect(this.#kept.has(`${term} ${candidate}`), 'the vote is on disk').to.equal(true);
    expect(this.#pulse.term, 'the pulse follows').to.be.at.least(term);
    this.happened.voted++;
  }

  /** Holds one effect to the invariants; its answers. */
  #judge(effect: ClusterEffect): ClusterEvent[] {
    switch (effect.kind) {
      case 'keep-vote': {
        if (!this.#disk) return [];
        this.#kept.add(`${effect.memory.term} ${effect.memory.candidate}`);
        return [{ kind: 'vote-kept', memory: effect.memory }];
      }
      case 'keep-register': {
        expect(compareVersions(effect.register, this.#version), 'the register').to.be.at.least(0);
        this.#version = { term: effect.register.term, index: effect.register.index };
        if (!effect.answer || !this.#disk) return [];
        return [{ kind: 'register-kept', ...this.#version }];
      }
      case 'served':
        expect(compareGrants(effect.grant, this.#grant), 'grants rise').to.be.greaterThan(0);
        this.#grant = effect.grant;
        return [];
      case 'agent':
        if (effect.message.kind === 'order') this.#order(effect.message.order);
        if (effect.message.kind !== 'term') return [];
        this.#agent = effect.message.term;
        return [{ kind: 'agent-term', term: this.#agent }];
      case 'send':
        if (effect.message.kind === 'vote') this.#vote(effect.message.term, effect.to === 'all' ? 0 : effect.to);
        if (effect.message.kind === 'claim') this.#claim(effect.message.term);
        if (effect.message.kind === 'order') this.#order(effect.message.order);
        return [];
      case 'pulse':
        return this.#pulseUp ? this.#ask(effect.request) : [];
      default:
        return [];
    }
  }

  #order(order: { kind: string; term: number; director: number; grant: Grant }): void {
    expect([order.term, order.director, this.#state.role]).to.deep.equal([this.#state.term, 1, 'director']);
    expect(this.#proofUntilMs, 'the proof stands (M5)').to.be.greaterThan(this.#nowMs);
    if (order.kind !== 'take') return;
    const have = new Set([1, ...(this.#acked.get(`${order.term}.${order.grant.n}`) ?? [])]);
    const votes = voters(this.#state, config).filter((id) => have.has(id)).length;
    expect(votes, `votes that have grant ${order.grant.n} (M4)`).to.be.at.least(majorityOf(this.#state, config));
    this.happened.taken++;
  }

  #ask(request: Extract<ClusterEffect, { kind: 'pulse' }>['request']): ClusterEvent[] {
    if (request.kind === 'vouch') {
      const { id, term, boards } = request;
      const echoed = [2, 3, 4].map((one) => ({ board: one, lastMs: 0 }));
      return [{ kind: 'pulse', message: { kind: 'vouching', id, term, boards, echoed } }];
    }
    if (request.kind === 'lead' && !this.#pulse.elected) this.#vote(request.term, 1);
    if (request.kind !== 'follow' && request.kind !== 'lead') return [];
    const { id, term } = request;
    const director = request.kind === 'follow' ? request.director : 1;
    const other = this.#pulse.director !== 0 && this.#pulse.director !== director;
    if (term < this.#pulse.term || (term === this.#pulse.term && other)) {
      return [{ kind: 'pulse', message: { kind: 'refused', id, code: 'PULSE_OLD_TERM', message: '' } }];
    }
    if (request.kind === 'lead') this.happened.elected++;
    this.#pulse = { ...this.#pulse, term, director, elected: request.kind === 'lead' };
    const own = { boot: OWN_BOOT, incarnation: 1, sequence: this.#pulse.sequence, sentMs: this.#nowMs };
    return [
      {
        kind: 'pulse',
        message: { kind: 'followed', id, term, director, stock: { boot: OWN_BOOT, held: [], refused: [] }, own },
      },
    ];
  }
}

function said(from: BoardId, message: BoardMessage): ClusterEvent {
  return { kind: 'message', from, message };
}

describe('netrackd’s core', () => {
  it('keeps its invariants whatever comes, in whatever order', function () {
    this.timeout(120_000);
    const happened = { elected: 0, voted: 0, taken: 0 };
    fc.assert(
      fc.property(fc.array(choice, { minLength: 40, maxLength: 200 }), (choices) => {
        const referee = new Referee();
        for (const one of choices) referee.play(one);
        for (const what of ['elected', 'voted', 'taken'] as const) happened[what] += referee.happened[what];
      }),
      { numRuns: 400 },
    );
    for (const [what, count] of Object.entries(happened)) expect(count, what).to.be.greaterThan(20);
  });
});
