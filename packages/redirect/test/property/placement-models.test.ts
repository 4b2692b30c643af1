import type { Admin, BoardId, Cluster, NetrackState, Service } from '@softset/protocol';
import { standsBy, unfitToTake } from '@softset/redirect/core/fitness.js';
import { EMPTY_HISTORY } from '@softset/redirect/core/history.js';
import { type Placement, place } from '@softset/redirect/core/placement.js';
import { obeyed } from '@softset/redirect/core/plan.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { chassisOf, stateOf } from '../services.js';

const BOARDS = 5;
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const NOW_MS = 100_000;
const boardId = fc.integer({ min: 1, max: BOARDS });

/** Services with pools, ranks, weights, some of which are apart, or together with the next. */
const anyChassis: fc.Arbitrary<Cluster> = fc
  .record({
    services: fc.array(
      fc.record({
        pool: fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 2 }),
        weight: fc.integer({ min: 0, max: 3 }),
        rank: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
        failback: fc.constantFrom('manual' as const, 'manual' as const, 'auto' as const),
      }),
      { minLength: 2, maxLength: NAMES.length },
    ),
    apart: fc.array(fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 })), { maxLength: 4 }),
    together: fc.option(fc.nat({ max: 4 }), { nil: undefined }),
    capacity: fc.dictionary(fc.constantFrom('1', '2', '3', '4', '5'), fc.integer({ min: 2, max: 6 })),
  })
  .map(({ services, apart, together, capacity }) => {
    const names = NAMES.slice(0, services.length);
    const pair = together === undefined ? [] : names.slice(together, together + 2);
    const pairs = apart.flatMap(([i, j]) => {
      const [one, other] = [names[i], names[j]];
      const joined = pair.length === 2 && pair.includes(one ?? '') && pair.includes(other ?? '');
      return one === undefined || other === undefined || one === other || joined ? [] : [[one, other]];
    });
    const entries = services.map(({ pool, weight, rank, failback }, i): [string, Partial<Service>] => {
      const name = names[i] ?? '';
      const others = pairs.flatMap((both) => (both.includes(name) ? both.filter((one) => one !== name) : []));
      return [
        name,
        {
          pool,
          weight,
          failback,
          failbackStableMs: 1000,
          ...(rank === undefined ? {} : { ranks: pool.map((_, at) => (at === 0 ? 1 : rank)) }),
          ...(others.length === 0 ? {} : { apart: others }),
          ...(pair.length === 2 && pair.includes(name) ? { together: pair.filter((one) => one !== name) } : {}),
        },
      ];
    });
    return chassisOf(BOARDS, Object.fromEntries(entries), capacity);
  });

/** Any holders, some free, some boards down or drained: what is held breaks no rule, for nobody would have made it so. */
const anyGround = anyChassis.chain((chassis) =>
  fc
    .record({
      order: fc.array(fc.option(boardId, { nil: null }), { minLength: NAMES.length, maxLength: NAMES.length }),
      down: fc.subarray([1, 2, 3, 4, 5], { maxLength: 3 }),
      drained: fc.option(boardId, { nil: 0 }),
      standby: fc.subarray([1, 2, 3, 4, 5], { maxLength: 2 }),
    })
    .map(({ order, down, drained, standby }) => {
      const holders: Record<string, BoardId | null> = {};
      for (const [i, service] of chassis.services.entries()) {
        const want = order[i] ?? null;
        holders[service.name] = null;
        if (want === null || down.includes(want) || !service.pool.includes(want)) continue;
        const near = (other: string): boolean => holders[other] === want;
        const far = (service.together ?? []).some((other) => (holders[other] ?? want) !== want);
        if ((service.apart ?? []).some(near) || far) continue;
        holders[service.name] = want;
      }
      const seen = stateOf(chassis, holders, down);
      const adminOf = (board: BoardId): Admin =>
        board === drained ? 'drained' : standby.includes(board) ? 'standby' : 'in-service';
      const boards = seen.boards.map((one) => ({ ...one, admin: adminOf(one.board) }));
      return { chassis, seen: { ...seen, boards } };
    }),
);

const wellSinceMs = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 };
const want = (chassis: Cluster, seen: NetrackState): Placement =>
  place(chassis, seen, { ...EMPTY_HISTORY, wellSinceMs }, NOW_MS);
const holderOf = (seen: NetrackState, name: string): BoardId | undefined => {
  const now = seen.services.find(({ service }) => service === name);
  return now?.phase === 'held' ? now.holder?.board : undefined;
};
const weight = (chassis: Cluster, name: string): number =>
  chassis.services.find((one) => one.name === name)?.weight ?? 1;

/** The naive twin of all rules: which boards may take `service` by what everybody else holds, and nothing else. */
function allowed(chassis: Cluster, seen: NetrackState, service: Service, without: readonly string[] = []): BoardId[] {
  return service.pool.filter((board) => {
    const there = chassis.services.filter(({ name }) => name !== service.name && holderOf(seen, name) === board);
    const used = there.reduce((total, { name }) => total + weight(chassis, name), 0);
    const capacity = chassis.boards.find(({ id }) => id === board)?.capacity ?? Number.POSITIVE_INFINITY;
    return (
      unfitToTake(chassis, seen, service, board) === undefined &&
      there.every(({ name }) => !(service.apart ?? []).includes(name)) &&
      (service.weight === 0 || used + weight(chassis, service.name) <= capacity) &&
      (service.together ?? []).every((name) => {
        const at = holderOf(seen, name);
        return without.includes(name) || at === undefined || at === board;
      })
    );
  });
}

/** The states that come of doing what is wanted, until nothing is. */
function history(chassis: Cluster, start: NetrackState): { states: NetrackState[]; rounds: Placement[] } {
  const states = [start];
  const rounds: Placement[] = [];
  for (let i = 0; i < 12; i++) {
    const seen = states.at(-1) ?? start;
    const placement = want(chassis, seen);
    rounds.push(placement);
    if (placement.serve.length === 0) return { states, rounds };
    states.push(obeyed(seen, placement.serve));
  }
  throw new Error(`it never comes to rest: ${JSON.stringify(rounds.at(-1)?.serve)}`);
}

describe('place, for any services, pools and failures', function () {
  this.timeout(30_000);

  it('comes to rest, and never to and fro', () => {
    fc.assert(
      fc.property(anyGround, ({ chassis, seen }) => void history(chassis, seen)),
      { numRuns: 1000 },
    );
  });

  it('never brings together what must be apart, and fills no board beyond its capacity', () => {
    fc.assert(
      fc.property(anyGround, ({ chassis, seen }) => {
        const { states, rounds } = history(chassis, seen);
        for (const [i, { serve }] of rounds.entries()) {
          const before = states[i] ?? seen;
          for (const { service, board } of serve) {
            // While it moves both its boards count, and those of all others that move with it.
            const at = (name: string): (BoardId | undefined)[] => [
              holderOf(before, name),
              serve.find((one) => one.service === name)?.board,
            ];
            const about = chassis.services.find(({ name }) => name === service);
            for (const other of about?.apart ?? []) expect(at(other), `${service} and ${other}`).to.not.include(board);
            const used = chassis.services.filter(({ name }) => at(name).includes(board));
            const total = used.reduce((sum, { name }) => sum + weight(chassis, name), 0);
            const capacity = chassis.boards.find(({ id }) => id === board)?.capacity ?? Number.POSITIVE_INFINITY;
            if (weight(chassis, service) > 0) expect(total).to.be.at.most(capacity);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('ends with what goes together on one board, where it did not begin torn', () => {
    fc.assert(
      fc.property(anyGround, ({ chassis, seen }) => {
        const last = history(chassis, seen).states.at(-1) ?? seen;
        for (const { name, together = [] } of chassis.services) {
          for (const other of together) {
            const boards = [holderOf(last, name), holderOf(last, other)].filter((one) => one !== undefined);
            expect(new Set(boards).size, `${name} with ${other}`).to.be.at.most(1);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves nothing free that the naive twin finds a board for', () => {
    fc.assert(
      fc.property(anyGround, ({ chassis, seen }) => {
        const last = history(chassis, seen).states.at(-1) ?? seen;
        for (const service of chassis.services) {
          // Of those that go together a board must fit all: the twin knows one at a time.
          if (holderOf(last, service.name) !== undefined || (service.together ?? []).length > 0) continue;
          expect(allowed(chassis, last, service), service.name).to.deep.equal([]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves nothing on a board that stands by where the naive twin finds an active one', () => {
    fc.assert(
      fc.property(anyGround, ({ chassis, seen }) => {
        const last = history(chassis, seen).states.at(-1) ?? seen;
        for (const service of chassis.services) {
          const holder = holderOf(last, service.name);
          if (holder === undefined || !standsBy(last, holder) || (service.together ?? []).length > 0) continue;
          const active = allowed(chassis, last, service).filter((board) => !standsBy(last, board));
          expect(active, service.name).to.deep.equal([]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('brings nothing to a board that stands by while the naive twin finds an active one', () => {
    fc.assert(
      fc.property(anyGround, ({ chassis, seen }) => {
        const { states, rounds } = history(chassis, seen);
        for (const [i, { serve }] of rounds.entries()) {
          const before = states[i] ?? seen;
          // Of several that move at once one may have been given the last place.
          const [one, ...more] = serve;
          const about = chassis.services.find(({ name }) => name === one?.service);
          if (one === undefined || about === undefined || more.length > 0 || !standsBy(before, one.board)) continue;
          if ((about.together ?? []).length > 0) continue;
          const active = allowed(chassis, before, about).filter((board) => !standsBy(before, board));
          expect(active, one.service).to.deep.equal([]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('moves as little as it can: a holder that may keep it does, but for failback, active boards and what goes with it', () => {
    fc.assert(
      fc.property(anyGround, ({ chassis, seen }) => {
        for (const { service, cause } of want(chassis, seen).serve) {
          const about = chassis.services.find(({ name }) => name === service);
          const holder = holderOf(seen, service);
          if (about === undefined || holder === undefined || (about.together ?? []).length > 0) continue;
          const mayStay = unfitToTake(chassis, seen, about, holder) === undefined;
          if (!mayStay) continue;
          if (standsBy(seen, holder)) expect(cause).to.include('stands by');
          else expect([about.failback, cause.split(':')[0]]).to.deep.equal(['auto', 'failback']);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('moves each service once at most on the way to rest, failback aside; and from a spare to an active board once', () => {
    fc.assert(
      fc.property(anyGround, ({ chassis, seen }) => {
        const manual = {
          ...chassis,
          services: chassis.services.map((one) => ({ ...one, failback: 'manual' as const })),
        };
        const all = history(manual, seen).rounds.flatMap(({ serve }) => serve);
        const alone = all.filter(({ service }) => !manual.services.find(({ name }) => name === service)?.together);
        // An active board that was full may be emptied on the way: then what went to a spare leaves it again.
        for (const relief of [true, false]) {
          const moved = alone
            .filter(({ cause }) => cause.includes('stands by') === relief)
            .map(({ service }) => service);
          expect(new Set(moved).size).to.equal(moved.length);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('chooses among the allowed an active board, then the lowest rank, and of those the least loaded', () => {
    fc.assert(
      fc.property(anyGround, ({ chassis, seen }) => {
        const { serve } = want(chassis, seen);
        const [only, ...more] = serve;
        if (only === undefined || more.length > 0) return;
        const about = chassis.services.find(({ name }) => name === only.service);
        if (about === undefined || about.together || only.cause.startsWith('failback')) return;
        const holder = seen.services.find(({ service }) => service === about.name)?.holder?.board;
        const rank = (board: BoardId): number => {
          const position = about.pool.indexOf(board);
          return about.ranks?.[position] ?? position + 1;
        };
        const load = (board: BoardId): number => {
          const there = chassis.services.filter(({ name }) => holderOf(seen, name) === board);
          const used = there.reduce((sum, { name }) => sum + weight(chassis, name), weight(chassis, about.name));
          return used / (chassis.boards.find(({ id }) => id === board)?.capacity ?? 100);
        };
        const others = allowed(chassis, seen, about)
          .filter((board) => board !== holder)
          .filter((board) => standsBy(seen, only.board) || !standsBy(seen, board));
        for (const board of others) {
          expect(rank(only.board)).to.be.at.most(rank(board));
          if (rank(board) === rank(only.board)) expect(load(only.board)).to.be.at.most(load(board) + 0.001);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('says of every board of the pool what it thought of it, and chooses one', () => {
    fc.assert(
      fc.property(anyGround, ({ chassis, seen }) => {
        for (const { service, board, reasons } of want(chassis, seen).serve) {
          const pools = chassis.services.map(({ pool }) => pool.join());
          expect(pools).to.include(reasons.map((reason) => reason.board).join());
          expect(
            reasons.filter(({ chosen }) => chosen).map((reason) => reason.board),
            service,
          ).to.deep.equal([board]);
        }
      }),
    );
  });
});
