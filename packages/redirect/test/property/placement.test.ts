import type { BoardState, NetrackState, ServiceState } from '@softset/protocol';
import { unfitToTake } from '@softset/redirect/core/fitness.js';
import { EMPTY_HISTORY, type History } from '@softset/redirect/core/history.js';
import { place } from '@softset/redirect/core/placement.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { board, cluster, state } from '../fixture.js';

const chassis = cluster();
const id = fc.integer({ min: 1, max: 4 });
const grant = fc.record({ term: fc.constant(1), n: fc.integer({ min: 1, max: 9 }) });
const serviceNames = chassis.services.map((service) => service.name);

const boardState = (number: number): fc.Arbitrary<BoardState> =>
  fc
    .record({
      verdict: fc.constantFrom(...(['unknown', 'up', 'up', 'up', 'silent', 'stalled', 'unheard', 'down'] as const)),
      daemons: fc.subarray(['netrackd', 'redirectd', 'psrmd'] as const, { minLength: 1 }),
      amnesiac: fc.boolean(),
      leaving: fc.boolean(),
      admin: fc.constantFrom('in-service' as const, 'in-service' as const, 'maintenance' as const),
      programs: fc
        .constantFrom(...(['ready', 'stopped', 'failed', 'starting'] as const))
        .map((mood) => ['echo', 'mirror'].map((program) => ({ program, state: mood, sinceMs: 0, restarts: 0 }))),
    })
    .map((part) => board(number, part));

const serviceState = (service: string): fc.Arbitrary<ServiceState> =>
  fc
    .record(
      {
        service: fc.constant(service),
        phase: fc.constantFrom(...(['held', 'held', 'moving', 'silent', 'free', 'free', 'unknown'] as const)),
        cause: fc.constant(''),
        holder: fc.record({ board: id, grant }),
        pin: id,
      },
      { requiredKeys: ['service', 'phase', 'cause'] },
    )
    .filter((entry) => entry.phase !== 'held' || entry.holder !== undefined);

const anyState: fc.Arbitrary<NetrackState> = fc
  .tuple(fc.tuple(...[1, 2, 3, 4].map(boardState)), fc.tuple(...serviceNames.map(serviceState)))
  .map(([boards, services]) => state({ boards, services }));

const anyHistory: fc.Arbitrary<History> = fc.record({
  moves: fc.array(
    fc.record({ service: fc.constantFrom(...serviceNames), from: id, to: id, atMs: fc.integer({ min: 0, max: 1000 }) }),
  ),
  attempts: fc.array(
    fc.record({
      service: fc.constantFrom(...serviceNames),
      board: id,
      atMs: fc.integer({ min: 0, max: 1000 }),
      times: fc.constant(1),
    }),
  ),
  missing: fc.constant([]),
  holders: fc.constant({}),
  wellSinceMs: fc.constant({}),
});
const anyWishes = fc.uniqueArray(
  fc.record({ id: fc.uuid(), service: fc.constantFrom(...serviceNames), board: id, who: fc.constant('uid 0') }),
  { selector: (wish) => wish.service },
);

const NOW_MS = 2000;
const given = fc.tuple(anyState, anyHistory, anyWishes);

/** The world in which every wanted move has been made. */
function obeyed(before: NetrackState, serves: ReturnType<typeof place>['serve']): NetrackState {
  const services = before.services.map((service): ServiceState => {
    const serve = serves.find((entry) => entry.service === service.service);
    if (serve === undefined) return service;
    return { ...service, phase: 'held', holder: { board: serve.board, grant: { term: 2, n: 1 } } };
  });
  return { ...before, services };
}

describe('place, for any state, history and wishes', () => {
  it('wants one board at most for each service, and of its pool', () => {
    fc.assert(
      fc.property(given, ([seen, history, wishes]) => {
        const { serve } = place(chassis, seen, history, NOW_MS, wishes);
        expect(new Set(serve.map((entry) => entry.service)).size).to.equal(serve.length);
        for (const { service, board: to } of serve) {
          expect(chassis.services.find(({ name }) => name === service)?.pool).to.include(to);
        }
      }),
    );
  });

  it('never wants an unfit board, and only held or free services moved', () => {
    fc.assert(
      fc.property(given, ([seen, history, wishes]) => {
        for (const { service, board: to } of place(chassis, seen, history, NOW_MS, wishes).serve) {
          const about = chassis.services.find(({ name }) => name === service);
          expect(about && unfitToTake(chassis, seen, about, to)).to.equal(undefined);
          expect(seen.services.find((entry) => entry.service === service)?.phase).to.be.oneOf(['held', 'free']);
        }
      }),
    );
  });

  it('moves as little as it can: a holder that might take the service keeps it, unless a wish says otherwise', () => {
    fc.assert(
      fc.property(anyState, anyHistory, (seen, history) => {
        for (const { service } of place(chassis, seen, history, NOW_MS).serve) {
          const now = seen.services.find((entry) => entry.service === service);
          const about = chassis.services.find(({ name }) => name === service);
          if (now?.phase !== 'held' || now.holder === undefined || about === undefined) continue;
          expect(unfitToTake(chassis, seen, about, now.holder.board)).to.not.equal(undefined);
        }
      }),
    );
  });

  it('is content once it was obeyed', () => {
    fc.assert(
      fc.property(given, ([seen, history, wishes]) => {
        const { serve } = place(chassis, seen, history, NOW_MS, wishes);
        expect(place(chassis, obeyed(seen, serve), history, NOW_MS, wishes).serve).to.deep.equal([]);
      }),
    );
  });

  it('places every free service for which a board of its pool is fit, resting or not', () => {
    fc.assert(
      fc.property(anyState, anyHistory, (seen, history) => {
        const { serve } = place(chassis, seen, history, NOW_MS);
        for (const service of chassis.services) {
          const now = seen.services.find((entry) => entry.service === service.name);
          const fit = service.pool.some((member) => unfitToTake(chassis, seen, service, member) === undefined);
          const placed = serve.some((entry) => entry.service === service.name);
          if (now?.phase === 'free') expect(placed).to.equal(fit);
        }
      }),
    );
  });

  it('does not depend on the order in which boards and services are told', () => {
    fc.assert(
      fc.property(given, ([seen, history, wishes]) => {
        const turned = { ...seen, boards: seen.boards.toReversed(), services: seen.services.toReversed() };
        expect(place(chassis, turned, history, NOW_MS, wishes)).to.deep.equal(
          place(chassis, seen, history, NOW_MS, wishes),
        );
      }),
    );
  });

  it('moves no service that rests and has a holder', () => {
    fc.assert(
      fc.property(anyState, fc.constantFrom(...serviceNames), (seen, service) => {
        const moves = [1, 2, 3].map((atMs) => ({ service, from: 1, to: 2, atMs }));
        const { serve, resting } = place(chassis, seen, { ...EMPTY_HISTORY, moves }, NOW_MS);
        expect(resting).to.deep.equal([service]);
        const now = seen.services.find((entry) => entry.service === service);
        if (now?.phase === 'held') expect(serve.map((entry) => entry.service)).to.not.include(service);
      }),
    );
  });
});
