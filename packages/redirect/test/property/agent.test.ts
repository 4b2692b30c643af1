import { compareGrants } from '@softset/protocol';
import { agentWakeMs } from '@softset/redirect/core/agent.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { events } from '../agent-cells.js';
import { AgentRun, config, grantOf, order, TERM } from '../agent-run.js';

/** Any events in any order; orders of grants 1 to 9 and terms around the agent's own, and time that passes. */
const step = fc.oneof(
  fc.constantFrom(...Object.keys(events)).map((name) => ({ kind: 'cell' as const, name })),
  fc.record({
    kind: fc.constant('order' as const),
    take: fc.boolean(),
    n: fc.integer({ min: 1, max: 9 }),
    term: fc.integer({ min: TERM - 1, max: TERM + 2 }),
    formerly: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('time' as const), afterMs: fc.integer({ min: 1, max: 2000 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function play(run: AgentRun, event: Step) {
  switch (event.kind) {
    case 'cell':
      return events[event.name]?.(run) ?? [];
    case 'order': {
      const { take, n, term, formerly } = event;
      const part = { term, grant: grantOf(n, term), ...(formerly ? { formerly: 1 } : {}) };
      return run.do({ kind: 'order', order: order(take ? 'take' : 'release', n, part) });
    }
    case 'time':
      run.nowMs += event.afterMs;
      return run.do({ kind: 'tick' });
  }
}

const runs = fc.array(step, { maxLength: 60 });

describe('agentStep, for any events in any order', () => {
  it('keeps its invariants, and answers `taken` only for what the pulse created', () => {
    fc.assert(
      fc.property(runs, (steps) => {
        const run = new AgentRun().ready();
        for (const event of steps) {
          const before = run.disk.phase;
          for (const effect of play(run, event)) {
            if (effect.kind !== 'outcome' || effect.outcome.result !== 'taken') continue;
            const asked =
              before.kind === 'creating' ? before.order.grant : before.kind === 'held' ? before.grant : undefined;
            expect(asked).to.deep.equal(effect.outcome.grant);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('confirms terms in rising order, each after it was kept', () => {
    fc.assert(
      fc.property(runs, (steps) => {
        const run = new AgentRun().ready();
        for (const event of steps) play(run, event);
        let kept = TERM;
        let confirmed = TERM;
        for (const effect of run.log) {
          if (effect.kind === 'persist-term') kept = effect.term;
          if (effect.kind !== 'confirm-term') continue;
          expect(effect.term).to.be.at.most(kept).and.at.least(confirmed);
          confirmed = effect.term;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('once it said `released`, nothing up to that grant is created again without the pulse being asked to refuse it first', () => {
    fc.assert(
      fc.property(runs, (steps) => {
        const run = new AgentRun().ready();
        for (const event of steps) play(run, event);
        let refused = grantOf(0, 0);
        for (const effect of run.log) {
          if (effect.kind === 'pulse' && effect.request.kind === 'release') {
            if (compareGrants(effect.request.grant, refused) > 0) refused = effect.request.grant;
          }
          if (effect.kind !== 'outcome' || effect.outcome.result !== 'released') continue;
          const { grant } = effect.outcome;
          const later = run.log.some(
            (other) =>
              other.kind === 'pulse' &&
              other.request.kind === 'create' &&
              compareGrants(other.request.order.grant, grant) > 0,
          );
          const adopted = compareGrants(grant, grantOf(5)) < 0;
          expect(later || adopted || compareGrants(grant, refused) <= 0).to.equal(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('sleeps when there is nothing to do: ticks come to an end', () => {
    fc.assert(
      fc.property(runs, (steps) => {
        const run = new AgentRun().ready();
        for (const event of steps) play(run, event);
        run.do({ kind: 'pulse-down' });
        let wakes = 0;
        for (let wake = agentWakeMs(run.state, config); wake !== undefined && wakes < 200; wakes++) {
          run.nowMs = Math.max(run.nowMs, wake);
          run.do({ kind: 'tick' });
          wake = agentWakeMs(run.state, config);
        }
        expect(wakes).to.be.lessThan(200);
      }),
      { numRuns: 300 },
    );
  });
});
