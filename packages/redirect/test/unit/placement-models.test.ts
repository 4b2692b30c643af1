import { EMPTY_HISTORY, isResting, LIMITS, observe } from '@softset/redirect/core/history.js';
import { explain, place, wishDenied } from '@softset/redirect/core/placement.js';
import { expect } from 'chai';
import { chassisOf, moves, placed, stateOf } from '../services.js';

const MIN = 60_000;
/** Two instances on boards 1 and 2, spares behind them. */
const own = (i: number, count: number, boards: number): number[] =>
  Array.from({ length: boards }, (_, at) => (at === i ? 1 : at >= count ? 2 : 3));
const nPlus = (count: number, boards: number) =>
  chassisOf(
    boards,
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [
        `media-${i + 1}`,
        {
          redundancy: 'n+m',
          group: 'media',
          ranks: own(i, count, boards),
          apart: Array.from({ length: count }, (__, j) => `media-${j + 1}`).filter((name) => name !== `media-${i + 1}`),
        },
      ]),
    ),
  );

describe('place: n+1 and n+m', () => {
  const chassis = nPlus(2, 3);

  it('at the start of day each instance comes to its own board, and the spare stays free', () => {
    expect(moves(placed(chassis, stateOf(chassis, { 'media-1': null, 'media-2': null })))).to.deep.equal({
      'media-1': 1,
      'media-2': 2,
    });
  });

  it('a lost board’s instance goes to the spare, and nothing else moves', () => {
    const seen = stateOf(chassis, { 'media-1': null, 'media-2': 2 }, [1]);
    expect(moves(placed(chassis, seen))).to.deep.equal({ 'media-1': 3 });
  });

  it('two boards at once: one instance gets the spare, the other waits for a board and says why', () => {
    const result = placed(chassis, stateOf(chassis, { 'media-1': null, 'media-2': null }, [1, 2]));
    expect(moves(result)).to.deep.equal({ 'media-1': 3 });
    expect(result.unplaced.map(({ service }) => service)).to.deep.equal(['media-2']);
    expect(result.unplaced[0]?.reasons.map(({ why }) => why)).to.deep.equal([
      'refused, it is down',
      'refused, it is down',
      'refused, apart from media-1',
    ]);
  });

  it('when a board returns the waiting instance comes to it, and the other stays where it is', () => {
    const seen = stateOf(chassis, { 'media-1': 3, 'media-2': null }, [2]);
    expect(moves(placed(chassis, seen))).to.deep.equal({ 'media-2': 1 });
  });

  it('three failures at once with two spares: nothing that is held moves', () => {
    const big = nPlus(4, 6);
    const holders = { 'media-1': null, 'media-2': null, 'media-3': null, 'media-4': 4 };
    const result = placed(big, stateOf(big, holders, [1, 2, 3]));
    expect(moves(result)).to.deep.equal({ 'media-1': 5, 'media-2': 6 });
    expect(result.unplaced.map(({ service }) => service)).to.deep.equal(['media-3']);
  });

  it('a board that is on its way to be another’s counts as taken', () => {
    const moving = { phase: 'moving', next: { board: 3, grant: { term: 1, n: 9 } } } as const;
    const result = placed(chassis, stateOf(chassis, { 'media-1': moving, 'media-2': null }, [1, 2]));
    expect(moves(result)).to.deep.equal({});
    const asked = placed(chassis, stateOf(chassis, { 'media-1': null, 'media-2': null }, [1, 2]), {
      aside: { under: { 'media-2': 3 } },
    });
    expect(moves(asked)).to.deep.equal({});
  });

  it('a board whose holder is silent counts as taken: it may answer still', () => {
    const silent = { phase: 'silent', holder: { board: 3, grant: { term: 1, n: 9 } } } as const;
    expect(moves(placed(chassis, stateOf(chassis, { 'media-1': silent, 'media-2': null }, [2])))).to.deep.equal({
      'media-2': 1,
    });
    expect(moves(placed(chassis, stateOf(chassis, { 'media-1': silent, 'media-2': null }, [1, 2])))).to.deep.equal({});
  });
});

describe('place: load', () => {
  const weights = {
    a: { weight: 3, ranks: [1, 1, 1] },
    b: { weight: 2, ranks: [1, 1, 1] },
    c: { weight: 1, ranks: [1, 1, 1] },
  };

  it('n-way: the least loaded board, each choice counting those before it', () => {
    const chassis = chassisOf(3, weights, { 1: 4, 2: 4, 3: 8 });
    // a weighs 3 of 8 on board 3 and of 4 elsewhere; then b finds boards 1 and 2 empty.
    expect(moves(placed(chassis, stateOf(chassis, { a: null, b: null, c: null })))).to.deep.equal({ a: 3, b: 1, c: 2 });
  });

  it('a full board is refused, and says how full it would be', () => {
    const chassis = chassisOf(2, { a: { weight: 3 }, b: { weight: 2 } }, { 1: 4, 2: 4 });
    const result = placed(chassis, stateOf(chassis, { a: 1, b: null }, [2]));
    expect(moves(result)).to.deep.equal({});
    expect(result.unplaced[0]?.reasons[0]?.why).to.equal('refused, it is full: load would be 1.25');
  });

  it('what holds more than fits keeps it: a smaller number in the file moves nothing', () => {
    const chassis = chassisOf(2, { a: { weight: 3 }, b: { weight: 3 } }, { 1: 4 });
    expect(moves(placed(chassis, stateOf(chassis, { a: 1, b: 1 })))).to.deep.equal({});
  });

  it('where the first choice leaves another without a board, the other is placed first', () => {
    const chassis = chassisOf(2, { a: { weight: 2, pool: [1, 2] }, b: { weight: 2, pool: [1] } }, { 1: 3, 2: 3 });
    expect(moves(placed(chassis, stateOf(chassis, { a: null, b: null })))).to.deep.equal({ a: 2, b: 1 });
  });
});

describe('place: apart, together, requires', () => {
  it('apart is kept on the other side’s word as well', () => {
    const chassis = chassisOf(2, { a: { apart: ['b'] }, b: { apart: ['a'] } });
    expect(moves(placed(chassis, stateOf(chassis, { a: 1, b: null })))).to.deep.equal({ b: 2 });
  });

  it('together: a free one comes to where the other is, whatever the rank says', () => {
    const chassis = chassisOf(3, { a: { together: ['b'] }, b: { together: ['a'] } });
    expect(moves(placed(chassis, stateOf(chassis, { a: 3, b: null })))).to.deep.equal({ b: 3 });
  });

  it('together: both leave a board that one of them cannot stay on, for the same other', () => {
    const chassis = chassisOf(3, { a: { together: ['b'] }, b: { together: ['a'], pool: [1, 3] } });
    const seen = stateOf(chassis, { a: 1, b: 1 });
    const leaving = { ...seen, boards: seen.boards.map((one) => (one.board === 1 ? { ...one, leaving: true } : one)) };
    expect(moves(placed(chassis, leaving))).to.deep.equal({ a: 3, b: 3 });
  });

  it('together: a wish takes the other along', () => {
    const chassis = chassisOf(3, { a: { together: ['b'] }, b: { together: ['a'] } });
    const wishes = [{ id: 'w', service: 'b', board: 2, who: 'uid 0' }];
    expect(moves(placed(chassis, stateOf(chassis, { a: 1, b: 1 }), { wishes }))).to.deep.equal({ a: 2, b: 2 });
  });

  it('together: one that is on its way binds the other to its goal', () => {
    const chassis = chassisOf(3, { a: { together: ['b'] }, b: { together: ['a'] } });
    const moving = { phase: 'moving', next: { board: 3, grant: { term: 1, n: 9 } } } as const;
    expect(moves(placed(chassis, stateOf(chassis, { a: moving, b: null })))).to.deep.equal({ b: 3 });
    expect(
      moves(placed(chassis, stateOf(chassis, { a: null, b: null }), { aside: { under: { b: 2 } } })),
    ).to.deep.equal({
      a: 2,
    });
  });

  it('together: torn apart, they come together again with one move', () => {
    const chassis = chassisOf(3, { a: { together: ['b'] }, b: { together: ['a'] } });
    expect(Object.keys(moves(placed(chassis, stateOf(chassis, { a: 2, b: 3 }))))).to.have.length(1);
  });

  it('requires: nothing is placed before what it requires is held', () => {
    const chassis = chassisOf(2, { web: { requires: ['store'] }, store: {} });
    const result = placed(chassis, stateOf(chassis, { web: null, store: null }));
    expect(moves(result)).to.deep.equal({ store: 1 });
    expect(result.unplaced).to.deep.equal([
      { service: 'web', why: 'it requires store, which is not held', reasons: [] },
    ]);
    expect(moves(placed(chassis, stateOf(chassis, { web: null, store: 2 })))).to.deep.equal({ web: 1 });
  });

  it('requires: what is held is not given up because what it requires is lost', () => {
    const chassis = chassisOf(2, { web: { requires: ['store'] }, store: { pool: [2] } });
    expect(moves(placed(chassis, stateOf(chassis, { web: 1, store: null }, [2])))).to.deep.equal({});
  });
});

describe('place: drained boards and the gateway', () => {
  const chassis = chassisOf(3, { a: {}, b: {} });

  it('a drained board gives up all that others can take, and is given nothing', () => {
    const seen = stateOf(chassis, { a: 1, b: null });
    const drained = {
      ...seen,
      boards: seen.boards.map((one) => (one.board === 1 ? { ...one, admin: 'drained' as const } : one)),
    };
    expect(moves(placed(chassis, drained))).to.deep.equal({ a: 2, b: 2 });
  });

  it('a board that does not reach the gateway stands behind the others, and is better than none', () => {
    const blind = (ids: readonly number[]) => {
      const seen = stateOf(chassis, { a: null, b: 1 });
      const boards = seen.boards.map((one) => ({ ...one, gateway: !ids.includes(one.board) }));
      return moves(placed(chassis, { ...seen, boards }));
    };
    expect(blind([1, 2])).to.deep.equal({ a: 3 });
    expect(blind([1, 2, 3])).to.deep.equal({ a: 1 });
  });
});

describe('place: failback', () => {
  const auto = chassisOf(3, { a: { failback: 'auto', failbackStableMs: MIN } });
  const nowMs = 10 * MIN;

  it('manual: nothing moves back by itself', () => {
    const chassis = chassisOf(3, { a: {} });
    expect(moves(placed(chassis, stateOf(chassis, { a: 2 }), { nowMs, wellSinceMs: { 1: 0 } }))).to.deep.equal({});
  });

  it('auto: to the better rank, once it was well for long enough', () => {
    const at = (sinceMs: number) =>
      moves(placed(auto, stateOf(auto, { a: 2 }), { nowMs, wellSinceMs: { 1: sinceMs } }));
    expect(at(nowMs - MIN + 1)).to.deep.equal({});
    expect(at(nowMs - MIN)).to.deep.equal({ a: 1 });
  });

  it('auto: not to a board of worse rank, however well', () => {
    const result = placed(auto, stateOf(auto, { a: 1 }), { nowMs, wellSinceMs: { 2: 0, 3: 0 } });
    expect(moves(result)).to.deep.equal({});
  });

  it('auto: not away from the pinned board, and to it from any other', () => {
    const pinned = (holder: number) =>
      ({ phase: 'held', pin: 3, holder: { board: holder, grant: { term: 1, n: 1 } } }) as const;
    const wellSinceMs = { 1: 0, 2: 0, 3: 0 };
    expect(moves(placed(auto, stateOf(auto, { a: pinned(3) }), { nowMs, wellSinceMs }))).to.deep.equal({});
    expect(moves(placed(auto, stateOf(auto, { a: pinned(1) }), { nowMs, wellSinceMs }))).to.deep.equal({ a: 3 });
  });

  it('auto with equal ranks: back to an empty board, and never to and fro', () => {
    const part = { failback: 'auto', failbackStableMs: MIN, ranks: [1, 1] } as const;
    const chassis = chassisOf(2, { a: part, b: part, c: part });
    const wellSinceMs = { 1: 0, 2: 0 };
    const go = (holders: Readonly<Record<string, number>>) =>
      moves(placed(chassis, stateOf(chassis, holders), { nowMs, wellSinceMs }));
    expect(go({ a: 1, b: 1, c: 1 })).to.deep.equal({ a: 2 });
    expect(go({ a: 2, b: 1, c: 1 })).to.deep.equal({});
  });

  it('daily: in the ten minutes after its time, past midnight too, and not without a clock', () => {
    const chassis = chassisOf(2, { a: { failback: 'daily', failbackStableMs: MIN, failbackAtMin: 1435 } });
    const at = (minuteOfDay?: number) =>
      moves(
        placed(chassis, stateOf(chassis, { a: 2 }), {
          nowMs,
          wellSinceMs: { 1: 0 },
          ...(minuteOfDay === undefined ? {} : { aside: { minuteOfDay } }),
        }),
      );
    expect([at(1434), at(1435), at(4), at(5), at()]).to.deep.equal([{}, { a: 1 }, { a: 1 }, {}, {}]);
  });
});

describe('explain', () => {
  it('says of each board what it would be if the service had to go', () => {
    const chassis = chassisOf(3, { a: { apart: ['b'] }, b: { apart: ['a'] } });
    const seen = stateOf(chassis, { a: 1, b: 2 });
    const [service] = chassis.services;
    const [now] = seen.services;
    if (service === undefined || now === undefined) throw new Error('a is there');
    expect(explain(chassis, seen, EMPTY_HISTORY, service, now)).to.deep.equal({
      board: 3,
      reasons: [
        { board: 1, chosen: false, why: 'holds it' },
        { board: 2, chosen: false, why: 'refused, apart from b' },
        { board: 3, chosen: true, why: 'chosen, rank 3, load 0.01' },
      ],
    });
  });
});

describe('place: a board that stands by (000 Figs 4, 6)', () => {
  const chassis = chassisOf(3, { media: {}, disk: {} });
  const seen = (holders: Record<string, number | null>, standby: readonly number[], down: readonly number[] = []) => {
    const base = stateOf(chassis, holders, down);
    const boards = base.boards.map((one) =>
      standby.includes(one.board) ? { ...one, admin: 'standby' as const } : one,
    );
    return { ...base, boards };
  };
  const wish = (board: number) => [{ id: 'w', service: 'media', board, who: 'uid 0' }];

  it('is given nothing at the start of day, whatever its rank', () => {
    expect(moves(placed(chassis, seen({ media: null, disk: null }, [1])))).to.deep.equal({ media: 2, disk: 2 });
  });

  it('takes what no active board can', () => {
    expect(moves(placed(chassis, seen({ media: null, disk: 2 }, [3], [1, 2])))).to.deep.equal({ media: 3 });
  });

  it('gives what it holds to an active board that can take it, and says why', () => {
    const given = placed(chassis, seen({ media: 1, disk: 2 }, [1]));
    expect(moves(given)).to.deep.equal({ media: 2 });
    expect(given.serve[0]?.cause).to.equal('io-1 stands by, and an active board can take it');
  });

  it('keeps what it holds while no active board is well', () => {
    expect(moves(placed(chassis, seen({ media: 1, disk: null }, [1, 2], [3])))).to.deep.equal({ disk: 1 });
    const base = seen({ media: 1, disk: 1 }, [1]);
    const boards = base.boards.map((one) => ({ ...one, gateway: one.board === 1 }));
    expect(moves(placed(chassis, { ...base, boards })), 'none of the others reaches the gateway').to.deep.equal({});
  });

  it('never hands to another that stands by, and never fails back to one', () => {
    expect(moves(placed(chassis, seen({ media: 1, disk: 1 }, [1, 2, 3])))).to.deep.equal({});
    const back = chassisOf(2, { media: { failback: 'auto' } });
    const base = stateOf(back, { media: 2 });
    const boards = base.boards.map((one) => (one.board === 1 ? { ...one, admin: 'standby' as const } : one));
    const wellSinceMs = { 1: 0, 2: 0 };
    expect(moves(placed(back, base, { wellSinceMs })), 'but for that it would').to.deep.equal({ media: 1 });
    expect(moves(placed(back, { ...base, boards }, { wellSinceMs }))).to.deep.equal({});
  });

  it('a service that rests stays there', () => {
    const limits = { movesMax: 1, windowMs: 600_000, attemptMs: 1, daemonGraceMs: 300 };
    const history = { ...EMPTY_HISTORY, moves: [{ service: 'media', from: 2, to: 1, atMs: 99_000 }] };
    expect(moves(place(chassis, seen({ media: 1, disk: 2 }, [1]), history, 100_000, [], limits))).to.deep.equal({});
  });

  it('what it gives back counts as no failure: a service that fails over to a spare again and again rests there', () => {
    const cause = placed(chassis, seen({ media: 1, disk: 2 }, [1])).serve[0]?.cause ?? '';
    let history = EMPTY_HISTORY;
    const held = (board: number, why: string, atMs: number) => {
      const base = seen({ media: board, disk: 3 }, [1]);
      const services = base.services.map((one) => (one.service === 'media' ? { ...one, cause: why } : one));
      history = observe(history, { ...base, services }, atMs, LIMITS);
      return isResting(history, 'media', atMs, LIMITS);
    };
    held(2, 'at the start', 0);
    for (const [round, rests] of [false, false, true].entries()) {
      expect(held(1, 'io-2 holds it no more', round * 1000 + 1), `failure ${round + 1}`).to.equal(rests);
      if (!rests) expect(held(2, cause, round * 1000 + 500)).to.equal(false);
    }
  });

  it('a pin to it does not hold a service there', () => {
    const base = seen({ media: 1, disk: 2 }, [1]);
    const services = base.services.map((one) => (one.service === 'media' ? { ...one, pin: 1 } : one));
    expect(moves(placed(chassis, { ...base, services }))).to.deep.equal({ media: 2 });
  });

  it('a wish for it is refused while an active board could take it, for it would come back at once', () => {
    const [media] = chassis.services;
    if (media === undefined) throw new Error('the chassis has media');
    const denied = (state: ReturnType<typeof seen>) => wishDenied(chassis, state, EMPTY_HISTORY, media, 2);
    expect(denied(seen({ media: 1, disk: 3 }, [2]))).to.include('stands by');
    expect(moves(placed(chassis, seen({ media: 1, disk: 3 }, [2]), { wishes: wish(2) }))).to.deep.equal({});
    expect(denied(seen({ media: 1, disk: 1 }, [1, 2], [3])), 'from spare to spare').to.equal(undefined);
  });
});
