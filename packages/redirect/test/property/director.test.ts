import { ADMINS, type NetrackState, type ServiceState } from '@softset/protocol';
import { directorStep, directorWakeMs } from '@softset/redirect/core/director.js';
import {
  DIRECTOR_START,
  type DirectorEvent,
  type DirectorState,
  directorConfig,
} from '@softset/redirect/core/director-state.js';
import { unfitToTake } from '@softset/redirect/core/fitness.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { board, changed, cluster, state } from '../fixture.js';

const chassis = cluster();
const config = directorConfig({
  ...chassis,
  services: chassis.services.map((service) => ({ ...service, fencing: 'power' as const, failback: 'auto' as const })),
  routers: [{ name: 'r1', tell: ['/bin/true'], timeoutMs: 1000 }],
});
const names = config.cluster.services.map((service) => service.name);

const anyService: fc.Arbitrary<ServiceState> = fc.record({
  service: fc.constantFrom(...names),
  phase: fc.constantFrom('held', 'free', 'moving', 'silent', 'unknown'),
  holder: fc.record({
    board: fc.integer({ min: 1, max: 3 }),
    grant: fc.record({ term: fc.constant(1), n: fc.integer({ min: 1, max: 20 }) }),
  }),
  cause: fc.constantFrom('failed', 'wish of uid 0'),
});
const anyBoard = fc
  .record({
    id: fc.integer({ min: 1, max: 3 }),
    verdict: fc.constantFrom('up' as const, 'up' as const, 'down' as const, 'stalled' as const),
    leaving: fc.boolean(),
  })
  .map(({ id, ...part }) => board(id, part));
const anyState: fc.Arbitrary<NetrackState> = fc
  .tuple(fc.boolean(), fc.array(anyBoard, { maxLength: 3 }), fc.array(anyService, { maxLength: 3 }))
  .map(([directing, boards, services]) => changed(state({ directing }), boards, services));

const call = fc.integer({ min: 1, max: 12 });
const anyEvent: fc.Arbitrary<DirectorEvent> = fc.oneof(
  anyState.map((seen) => ({ kind: 'state' as const, state: seen })),
  fc.record({
    kind: fc.constant('wish' as const),
    id: fc.constantFrom('w1', 'w2', 'w3', 'w4'),
    service: fc.constantFrom(...names, 'nothing'),
    board: fc.integer({ min: 1, max: 5 }),
    who: fc.constant('uid 0'),
  }),
  fc.record({ kind: fc.constant('served' as const), call, grant: fc.record({ term: fc.constant(1), n: call }) }),
  fc.record({
    kind: fc.constant('refused' as const),
    call,
    code: fc.constantFrom('BUSY', 'NOT_IN_POOL', 'TIMEOUT'),
    message: fc.constant(''),
  }),
  fc.record({
    kind: fc.constant('change' as const),
    id: fc.constantFrom('c1', 'c2', 'c3'),
    who: fc.constant('uid 0'),
    change: fc.oneof(
      fc.record({
        kind: fc.constant('admin' as const),
        board: fc.integer({ min: 1, max: 5 }),
        admin: fc.constantFrom(...ADMINS),
      }),
      fc.record({
        kind: fc.constant('pin' as const),
        service: fc.constantFrom(...names, 'nothing'),
        board: fc.integer({ min: 1, max: 5 }),
      }),
      fc.record({ kind: fc.constant('unpin' as const), service: fc.constantFrom(...names) }),
    ),
  }),
  fc.record({
    kind: fc.constant('fenced' as const),
    board: fc.integer({ min: 1, max: 4 }),
    ok: fc.boolean(),
    message: fc.constant(''),
  }),
  fc.record({
    kind: fc.constant('told' as const),
    router: fc.constant('r1'),
    service: fc.constantFrom(...names),
    ok: fc.boolean(),
    message: fc.constant(''),
  }),
  fc.record({ kind: fc.constant('clock' as const), minuteOfDay: fc.integer({ min: 0, max: 1439 }) }),
  fc.constant({ kind: 'netrack-lost' as const }),
  fc.constant({ kind: 'tick' as const }),
);
const runs = fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 400 })), { maxLength: 60 });

describe('directorStep, for any events in any order', () => {
  it('asks only while it directs, for fit boards, and once at a time for each service', () => {
    fc.assert(
      fc.property(runs, (events) => {
        let now: DirectorState = DIRECTOR_START;
        let nowMs = 0;
        for (const [event, afterMs] of events) {
          nowMs += afterMs;
          const before = now;
          const result = directorStep(now, event, nowMs, config);
          now = result.state;
          for (const effect of result.effects) {
            if (effect.kind !== 'serve') continue;
            const service = config.cluster.services.find((entry) => entry.name === effect.service);
            expect(now.seen?.directing).to.equal(true);
            expect(service && now.seen && unfitToTake(config.cluster, now.seen, service, effect.board)).to.equal(
              undefined,
            );
            const under = before.serving[effect.service];
            const answered = (event.kind === 'served' || event.kind === 'refused') && under?.kind === 'asked';
            expect(under?.kind !== 'asked' || (answered && event.call === under.call)).to.equal(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('answers each wish that it takes on once', () => {
    fc.assert(
      fc.property(runs, (events) => {
        let now: DirectorState = DIRECTOR_START;
        let nowMs = 0;
        const open = new Set<string>();
        for (const [event, afterMs] of events) {
          nowMs += afterMs;
          const result = directorStep(now, event, nowMs, config);
          const answered = result.effects.flatMap((effect) => (effect.kind === 'answer-wish' ? [effect.id] : []));
          for (const id of open)
            if (!answered.includes(id)) {
              const { wishes, changes } = result.state;
              expect([...wishes, ...changes].map((wish) => wish.id)).to.include(id);
            }
          now = result.state;
          open.clear();
          for (const wish of [...now.wishes, ...now.changes]) open.add(wish.id);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('sleeps: each wake lies ahead, and what time ends comes to an end', () => {
    fc.assert(
      fc.property(runs, (events) => {
        let now: DirectorState = DIRECTOR_START;
        let nowMs = 0;
        for (const [event, afterMs] of events) {
          nowMs += afterMs;
          now = directorStep(now, event, nowMs, config).state;
        }
        for (let wakes = 0; wakes < 300; wakes++) {
          const wake = directorWakeMs(now, nowMs, config);
          if (wake === undefined) return;
          expect(wake).to.be.greaterThan(nowMs);
          nowMs = wake;
          now = directorStep(now, { kind: 'tick' }, nowMs, config).state;
        }
        expect.fail('it never came to rest');
      }),
      { numRuns: 300 },
    );
  });
});
