import type { ClusterEffect } from '@softset/netrack/core/cluster/types.js';
import type { Rule } from '@softset/netrack/core/rules.js';
import type { Alarm, BoardId, Grant, Holding } from '@softset/protocol';
import { expect } from 'chai';
import { bootOf, ClusterWorld, logs, type Options, orders, registerOf, sends, takes } from './cluster-world.js';

/** Board 1 directs; all boards have reported that they hold nothing, and all have its register. */
function director(options: Options = {}): ClusterWorld {
  const world = new ClusterWorld(options).elect();
  for (const board of [3, 4]) world.stockOf(board);
  world.ack(2, 3, 4);
  world.run(20);
  world.ack(2, 3, 4);
  return world;
}

/** And the service is held there. */
function held(service: string, board: BoardId, options: Options = {}): { world: ClusterWorld; grant: Grant } {
  const world = director(options);
  const { grant } = world.serve(service, board);
  if (!grant) throw new Error('not served');
  world.ack(2, 3);
  world.outcome(board, service, grant, 'taken');
  world.ack(2, 3);
  expect(world.entry(service)?.holder).to.deep.equal({ board, grant });
  return { world, grant };
}

function dies(world: ClusterWorld, board: BoardId): void {
  world.set(board, { verdict: 'down', paths: { A: false, B: false } });
  world.report();
}

function phase(world: ClusterWorld, service: string): string | undefined {
  return world.view().services.find((one) => one.service === service)?.phase;
}

describe('the first grant', () => {
  it('M4: is named as next in the register, and ordered once a majority has that', () => {
    const world = director();
    const { grant } = world.serve('media', 2);
    expect(world.entry('media')?.next).to.deep.equal({ board: 2, grant });
    expect(takes(world.run(200)), 'the director alone is no majority').to.deep.equal([]);
    const [order] = takes(world.ack(3));
    expect(order).to.deep.include({ to: 2, service: 'media', grant, term: 1, director: 1 });
    expect(order?.stamp.boot).to.equal(bootOf(2));
  });

  it('M4: acknowledgements of boards without a vote, of older writes and of other lives do not count', () => {
    const world = director();
    world.serve('media', 2);
    const { term, index } = world.state.register;
    world.ack(4);
    world.hear(2, { kind: 'wrote', term, index: index - 1, boot: bootOf(2) });
    world.hear(2, { kind: 'wrote', term: term + 1, index, boot: bootOf(2) });
    world.hear(2, { kind: 'wrote', term, index, boot: bootOf(3) });
    expect(takes(world.run(100))).to.deep.equal([]);
    world.hear(2, { kind: 'wrote', term, index, boot: bootOf(2) });
    expect(takes(world.effects).length).to.equal(1);
  });

  it('its number is the index of the register that first names it, and numbers never come back', () => {
    const world = director();
    const grants = [world.serve('media', 2).grant, world.serve('voice', 4).grant];
    for (const grant of grants) expect(grant?.term).to.equal(1);
    expect(grants[0]?.n).to.be.lessThan(grants[1]?.n ?? 0);
    expect(grants[1]?.n).to.be.at.most(world.state.register.index);
  });

  it('the director takes it itself by way of its own agent', () => {
    const world = director();
    world.serve('media', 1);
    const effects = world.ack(2);
    expect(takes(effects).map(({ to }) => to)).to.deep.equal([1]);
    expect(sends(effects, 'order')).to.deep.equal([]);
  });

  it('is repeated each interval with its first stamp, and made anew with a newer one after a lease (M5)', () => {
    const world = director();
    world.serve('media', 2);
    const [first] = takes(world.ack(3));
    const again = takes(world.run(240));
    expect(again.length).to.equal(24);
    for (const order of again) expect(order.stamp).to.deep.equal(first?.stamp);
    const [anew] = takes(world.run(20)).slice(-1);
    expect(anew?.stamp.sequence).to.be.greaterThan(first?.stamp.sequence ?? 0);
    expect(anew?.grant).to.deep.equal(first?.grant);
  });

  it('M5: no order leaves while the proof does not stand', () => {
    for (const [without, count] of [
      [[], 0],
      [['M5'], 1],
    ] as [Rule[], number][]) {
      const world = director({ without });
      world.serve('media', 2);
      world.proofStands = false;
      world.pace();
      world.ack(3);
      expect(takes(world.effects).length).to.equal(count);
    }
  });

  it('M5: no order leaves on the pace of another term', () => {
    const world = director();
    world.serve('media', 2);
    world.pulse.term = 0;
    world.pace();
    expect(takes(world.ack(3))).to.deep.equal([]);
    world.pulse.term = 1;
    expect(takes(world.pace()).length).to.equal(1);
  });

  it('ends with the report of the new holder, also when its answer was lost', () => {
    const world = director();
    const { grant } = world.serve('media', 2);
    world.ack(3);
    if (!grant) throw new Error('no grant');
    const effects = world.stockOf(2, [{ service: 'media', grant }]);
    expect(logs(effects)).to.include('moved');
    expect(world.entry('media')).to.deep.include({ holder: { board: 2, grant }, abandoned: [] });
    expect(world.entry('media')?.next).to.equal(undefined);
    expect(phase(world, 'media')).to.equal('held');
  });

  const refusals: readonly (readonly [
    title: string,
    ask: (world: ClusterWorld) => string | undefined,
    code: string,
  ])[] = [
    ['a service that is not there', (world) => world.serve('video', 2).code, 'UNKNOWN_SERVICE'],
    ['a board outside the pool', (world) => world.serve('media', 3).code, 'NOT_IN_POOL'],
    [
      'one that moves already',
      (world) => {
        world.serve('media', 2);
        return world.serve('media', 4).code;
      },
      'BUSY',
    ],
    [
      'a board that is down',
      (world) => {
        dies(world, 2);
        return world.serve('media', 2).code;
      },
      'BOARD_UNFIT',
    ],
    [
      'an amnesiac board (T4)',
      (world) => {
        world.set(2, { amnesiac: true });
        world.report();
        return world.serve('media', 2).code;
      },
      'BOARD_UNFIT',
    ],
    [
      'a board whose redirectd is gone',
      (world) => {
        world.set(2, { daemons: ['netrackd', 'psrmd'] });
        world.report();
        return world.serve('media', 2).code;
      },
      'BOARD_UNFIT',
    ],
    [
      'a board that rebooted since it reported (R3)',
      (world) => {
        world.set(2, { boot: 'f'.repeat(16) });
        world.report();
        return world.serve('media', 2).code;
      },
      'BOARD_UNFIT',
    ],
  ];
  for (const [title, ask, code] of refusals) {
    it(`is refused for ${title}`, () => expect(ask(director())).to.equal(code));
  }

  it('is refused by who does not direct', () => {
    expect(new ClusterWorld().start().serve('media', 2).code).to.equal('NOT_DIRECTOR');
  });
});

describe('a new director (R3)', () => {
  it('R3: takes every board for a possible holder until it reported, whatever the register says', () => {
    for (const [without, moves] of [
      [[], false],
      [['R3'], true],
    ] as [Rule[], boolean][]) {
      const world = new ClusterWorld({ without }).elect();
      world.ack(2);
      world.run(20);
      world.serve('media', 2);
      world.ack(2);
      // Board 4 is in the pool and has said nothing.
      expect(takes(world.run(100)).length > 0).to.equal(moves);
      if (!moves) expect(takes(world.stockOf(4)).length, 'board 4 holds nothing').to.equal(1);
    }
  });

  it('R3: writes what boards reported, under its own term, before it acts', () => {
    const world = new ClusterWorld().elect();
    const grant = { term: 0, n: 9 };
    const effects = world.stockOf(4, [{ service: 'media', grant }]);
    expect(world.entry('media')?.holder).to.deep.equal({ board: 4, grant });
    expect(sends(effects, 'write').at(-1)?.message.register).to.deep.include({ term: 1 });
  });

  it('R3: where two boards hold one address the later grant stays, and the other is told to let go', () => {
    const world = new ClusterWorld().elect({ held: [{ service: 'media', grant: { term: 0, n: 4 } }] });
    world.stockOf(4, [{ service: 'media', grant: { term: 0, n: 9 } }]);
    expect(world.entry('media')?.holder?.board).to.equal(4);
    const told = orders(world.run(20));
    expect(told.map(({ to, kind, grant }) => [to, kind, grant.n])).to.deep.include([2, 'release', 4]);
    expect(told.map(({ to }) => to)).to.not.include(4);
  });

  it('R3: stock of another life, or of a board that the beats do not show, is not read', () => {
    const world = new ClusterWorld().elect();
    world.hear(4, { kind: 'report', term: 1, stock: { boot: 'f'.repeat(16), held: [], refused: [] } });
    world.hear(4, { kind: 'report', term: 7, stock: { boot: bootOf(4), held: [], refused: [] } });
    expect([...(world.state.lead?.reports.keys() ?? [])]).to.deep.equal([1, 2]);
    world.set(4, { amnesiac: true });
    world.report();
    world.stockOf(4);
    expect(world.state.lead?.reports.has(4), 'amnesiac (T4)').to.equal(false);
  });

  it('R3: a holder of the register whose report says that it holds nothing is gone from it', () => {
    const holder = { board: 2, grant: { term: 0, n: 1 } };
    const world = new ClusterWorld({ register: registerOf({ term: 0, index: 1 }, { holder }) }).elect();
    expect(world.entry('media')?.holder).to.equal(undefined);
  });

  it('a rebooted holder’s new report takes the place of the old one: its kernel forgot', () => {
    const { world } = held('media', 2);
    world.set(2, { boot: 'f'.repeat(16) });
    world.report();
    expect(world.entry('media')?.holder?.board).to.equal(2);
    world.hear(2, { kind: 'report', term: 1, stock: { boot: 'f'.repeat(16), held: [], refused: [] } });
    expect(world.entry('media')?.holder).to.equal(undefined);
  });
});

describe('a move', () => {
  it('planned: the write and the release run side by side, and the take follows both at once', () => {
    const { world, grant } = held('media', 2);
    const { effects } = world.serve('media', 4);
    expect(orders(effects).map(({ to, kind }) => [to, kind])).to.deep.equal([[2, 'release']]);
    expect(
      sends(effects, 'write').map(({ to }) => to),
      'voters and whom it concerns',
    ).to.deep.equal([2, 3, 4]);
    expect(takes(world.ack(3)), 'not before the holder let go').to.deep.equal([]);
    const released = world.outcome(2, 'media', grant, 'released');
    expect(takes(released).map(({ to, formerly }) => [to, formerly])).to.deep.equal([[4, undefined]]);
  });

  it('planned: not before a majority has the write either, whichever comes first', () => {
    const { world, grant } = held('media', 2);
    world.serve('media', 4);
    expect(takes(world.outcome(2, 'media', grant, 'released'))).to.deep.equal([]);
    expect(takes(world.ack(3)).map(({ to }) => to)).to.deep.equal([4]);
  });

  it('M2: “I hold nothing” is no confirmation while an order may be under way; the refusal is', () => {
    for (const [without, believes] of [
      [[], false],
      [['M2'], true],
    ] as [Rule[], boolean][]) {
      const world = director({ without });
      const { grant } = world.serve('voice', 2);
      world.ack(3);
      if (!grant) throw new Error('no grant');
      // The order left. Board 2 loses its daemons, and something else is to have it.
      world.set(2, { daemons: [] });
      world.report();
      world.set(2, { daemons: ['netrackd', 'redirectd'] });
      world.report();
      world.stockOf(2);
      world.serve('voice', 4);
      world.ack(3);
      expect(
        takes(world.run(10)).some(({ to }) => to === 4),
        'said nothing of refusing',
      ).to.equal(believes);
      if (!believes) {
        world.stockOf(2, [], [{ service: 'voice', grant }]);
        world.ack(3);
        expect(takes(world.run(10)).some(({ to }) => to === 4)).to.equal(true);
      }
    }
  });

  it('M2: a report that names an earlier grant does not take a later order off the list (found by the model)', () => {
    const { world, grant } = held('voice', 2);
    const later = { term: grant.term, n: grant.n + 5 };
    // An order for a later grant is under way to the holder of the earlier one.
    world.state.lead?.possible.get(2)?.set('voice', later);
    world.stockOf(2, [{ service: 'voice', grant }]);
    expect(world.state.lead?.possible.get(2)?.get('voice')).to.deep.equal(later);
    world.stockOf(2, [], [{ service: 'voice', grant }]);
    expect(world.state.lead?.possible.get(2)?.get('voice'), 'only the earlier one was given back').to.deep.equal(later);
    world.stockOf(2, [], [{ service: 'voice', grant: later }]);
    expect(world.state.lead?.possible.get(2)?.get('voice')).to.equal(undefined);
  });

  it('M1 (c): at once when no board of a view with quorum reaches its kernel; the old holder is abandoned first (M3)', () => {
    const { world, grant } = held('media', 2);
    dies(world, 2);
    const { effects } = world.serve('media', 4);
    effects.push(...world.ack(3));
    const [order] = takes(effects);
    expect(order).to.include({ to: 4, formerly: 2 });
    expect(world.entry('media')?.abandoned).to.deep.equal([{ board: 2, grant }]);
    const write = sends(world.effects, 'write').findIndex(
      ({ message }) => message.register.services[0]?.abandoned.length === 1,
    );
    expect(write).to.be.at.least(0);
  });

  it('M1 (c): not without a majority of votes in view, nor while our own loop is in doubt', () => {
    for (const change of [
      (world: ClusterWorld) => world.set(3, { verdict: 'down' }),
      (world: ClusterWorld) => Object.assign(world.pulse, { doubt: true }),
      (world: ClusterWorld) => world.set(2, { verdict: 'unheard' }),
      (world: ClusterWorld) => world.set(2, { verdict: 'stalled' }),
    ]) {
      const { world } = held('media', 2);
      dies(world, 2);
      change(world);
      world.report();
      world.serve('media', 4);
      world.ack(3);
      expect(takes(world.run(100))).to.deep.equal([]);
    }
  });

  it('M1: strict waits for the lease where fast does not (L5)', () => {
    const { world } = held('voice', 2);
    world.run(500);
    const diedMs = world.nowMs;
    world.echoedMs.set(2, diedMs - 5);
    dies(world, 2);
    world.serve('voice', 4);
    world.ack(3);
    let movedMs = 0;
    for (let ms = 0; ms < 1000 && movedMs === 0; ms += 10) {
      if (takes(world.run(10)).some(({ to }) => to === 4)) movedMs = world.nowMs;
      world.ack(3);
    }
    expect(movedMs - diedMs).to.be.within(265, 285);
  });

  it('M3: whoever was abandoned is not vouched for until it confirmed, and then is', () => {
    for (const [without, vouched] of [
      [[], false],
      [['M3'], true],
    ] as [Rule[], boolean][]) {
      const { world, grant } = held('media', 2, { without });
      dies(world, 2);
      world.serve('media', 4);
      world.ack(3);
      world.set(2, { verdict: 'up', paths: { A: true, B: true } });
      world.report();
      world.stockOf(2, [{ service: 'media', grant }]);
      world.run(20);
      expect(world.state.lead?.vouching?.has(2)).to.equal(vouched);
      if (vouched) continue;
      expect(orders(world.run(20)).filter(({ to, kind }) => to === 2 && kind === 'release').length).to.be.greaterThan(
        0,
      );
      world.outcome(2, 'media', grant, 'released');
      world.run(20);
      expect(world.entry('media')?.abandoned).to.deep.equal([]);
      expect(world.state.lead?.vouching?.has(2)).to.equal(true);
    }
  });

  it('M1 (b): a live holder that does not let go is left to its lease after releaseMs', () => {
    const { world } = held('media', 2, { releaseMs: 400 });
    world.serve('media', 4);
    world.ack(3);
    expect(logs(world.run(400))).to.not.include('left-to-lease');
    world.echoedMs.set(2, world.nowMs);
    const silencedMs = world.nowMs;
    expect(logs(world.run(10))).to.include('left-to-lease');
    expect(world.state.lead?.vouching?.has(2)).to.equal(false);
    for (let ms = 0; ms < 1000 && takes(world.effects).every(({ to }) => to !== 4); ms += 10) {
      world.run(10);
      world.ack(3);
    }
    expect(world.nowMs - silencedMs).to.be.within(270, 300);
    expect(takes(world.effects).find(({ to }) => to === 4)?.formerly).to.equal(2);
  });

  it('refused by its board: the grant is given back before anything else is tried', () => {
    const world = director();
    const { grant } = world.serve('media', 2);
    world.ack(3);
    if (!grant) throw new Error('no grant');
    const effects = world.outcome(2, 'media', grant, 'refused');
    expect(logs(effects)).to.include('order-refused');
    expect(world.entry('media')?.next).to.equal(undefined);
    world.run(20);
    world.serve('media', 4);
    world.ack(3);
    expect(
      takes(world.run(50)).filter(({ to }) => to === 4),
      'board 2 has not confirmed',
    ).to.deep.equal([]);
    expect(orders(world.effects).filter(({ to, kind }) => to === 2 && kind === 'release').length).to.be.greaterThan(0);
    world.outcome(2, 'media', grant, 'released');
    world.ack(3);
    expect(takes(world.run(10)).filter(({ to }) => to === 4).length).to.be.greaterThan(0);
  });

  it('a refusal of another grant, or by another board, changes nothing', () => {
    const world = director();
    const { grant } = world.serve('media', 2);
    world.ack(3);
    if (!grant) throw new Error('no grant');
    world.outcome(4, 'media', grant, 'refused');
    world.outcome(2, 'media', { ...grant, n: grant.n - 1 }, 'refused');
    expect(world.state.lead?.moves.has('media')).to.equal(true);
  });

  it('whose target dies after it was ordered leaves it abandoned: it may have obeyed', () => {
    const world = director();
    const { grant } = world.serve('media', 2);
    world.ack(3);
    dies(world, 2);
    expect(logs(world.effects)).to.include('move-failed');
    expect(world.entry('media')?.abandoned).to.deep.equal([{ board: 2, grant }]);
  });

  it('whose target dies before it was ordered leaves nothing', () => {
    const world = director();
    world.serve('media', 2);
    dies(world, 2);
    expect(logs(world.effects)).to.include('move-failed');
    expect(world.entry('media')?.abandoned).to.deep.equal([]);
  });
});

describe('L5: the end of a lease that nobody confirms', () => {
  /** When the strict service of board 2 moves to board 4, after the death of board 2. */
  function movesAfter(world: ClusterWorld, from: number): number {
    for (let ms = 0; ms < 2000; ms += 10) {
      if (takes(world.run(10)).some(({ to }) => to === 4)) return world.nowMs - from;
      world.ack(3);
    }
    return Number.POSITIVE_INFINITY;
  }

  it('counts from the receipt of the last beat that was echoed', () => {
    const { world } = held('voice', 2);
    world.run(500);
    const echoedMs = world.nowMs - 30;
    world.echoedMs.set(2, echoedMs);
    dies(world, 2);
    world.serve('voice', 4);
    world.ack(3);
    expect(movesAfter(world, echoedMs)).to.be.within(270, 280);
  });

  it('counts only what this board lived through: not what its clock leapt by, and not what it was stopped for', () => {
    const { world } = held('voice', 2);
    world.run(500);
    const echoedMs = world.nowMs - 30;
    world.echoedMs.set(2, echoedMs);
    dies(world, 2);
    world.serve('voice', 4);
    world.ack(3);
    world.run(50);
    for (const ms of [400, 3_600_000]) {
      world.nowMs += ms;
      world.run(50);
    }
    expect(movesAfter(world, echoedMs + 400 + 3_600_000)).to.be.within(270, 290);
  });

  it('a gap after its end changes nothing any more', () => {
    const { world } = held('voice', 2);
    world.run(500);
    world.echoedMs.set(2, world.nowMs - 30);
    dies(world, 2);
    world.run(300);
    world.nowMs += 400;
    world.run(10);
    const fromMs = world.nowMs;
    world.serve('voice', 4);
    world.ack(3);
    expect(movesAfter(world, fromMs)).to.be.below(30);
  });

  it('counts from the election and proofMs for a board that was never echoed', () => {
    const holder = { board: 2, grant: { term: 0, n: 1 } };
    const register = registerOf({ term: 0, index: 1 });
    const services = register.services.map((entry) => (entry.service === 'voice' ? { ...entry, holder } : entry));
    const world = new ClusterWorld({ register: { ...register, services } });
    world.start();
    world.run(10);
    world.set(2, { verdict: 'down' });
    world.report();
    world.vote(3);
    const electedMs = world.state.lead?.electedMs ?? 0;
    for (const board of world.boards.keys()) world.set(board, { term: 1, director: 1 });
    world.report();
    world.stockOf(4);
    world.ack(3);
    world.run(10);
    world.serve('voice', 4);
    world.ack(3);
    expect(movesAfter(world, electedMs)).to.be.within(320, 340);
  });

  it('counts from the last order to that board: an order is as good as an echo', () => {
    const world = director();
    world.run(500);
    world.serve('voice', 2);
    world.ack(3);
    const orderedMs = world.nowMs;
    expect(takes(world.effects).at(-1)).to.include({ to: 2, service: 'voice' });
    dies(world, 2);
    world.serve('voice', 4);
    world.ack(3);
    expect(movesAfter(world, orderedMs)).to.be.within(270, 280);
  });

  it('M3: no order leaves before the pulse confirmed that it stopped echoing whoever was abandoned', () => {
    const { world } = held('media', 2);
    world.run(500);
    world.vouchWorks = false;
    dies(world, 2);
    world.serve('media', 4);
    world.ack(3);
    expect(
      takes(world.run(30)).filter(({ to }) => to === 4),
      'its last word was that it vouches for board 2',
    ).to.deep.equal([]);
    world.vouchWorks = true;
    for (const answer of world.vouchings) world.step(answer);
    world.ack(3);
    expect(takes(world.run(10)).filter(({ to }) => to === 4).length).to.be.greaterThan(0);
  });

  it('the pulse’s answer to an earlier question says nothing of a later one', () => {
    const { world } = held('voice', 2);
    for (const board of [3, 4]) world.stockOf(board);
    world.run(10);
    world.vouchWorks = false;
    dies(world, 3);
    dies(world, 2);
    const [first, second] = world.vouchings;
    if (!first || !second) throw new Error('not asked twice');
    world.step(first);
    expect(world.state.lead?.vouching?.has(3), 'as it last confirmed').to.equal(true);
    world.step(second);
    expect([...(world.state.lead?.vouching ?? [])]).to.deep.equal([4]);
  });

  it('does not count before the pulse confirmed that it stopped echoing', () => {
    const { world } = held('voice', 2);
    world.run(500);
    world.serve('voice', 4);
    world.ack(3);
    // It lives and is vouched for: its lease never runs out by waiting.
    expect(world.state.lead?.vouching?.has(2)).to.equal(true);
    expect(takes(world.run(300)).filter(({ to }) => to === 4)).to.deep.equal([]);
  });

  it('L5 left out: moves at once', () => {
    const { world } = held('voice', 2, { without: ['L5'] });
    world.run(500);
    const now = world.nowMs;
    world.echoedMs.set(2, now);
    dies(world, 2);
    world.serve('voice', 4);
    world.ack(3);
    expect(movesAfter(world, now)).to.be.within(0, 20);
  });
});

describe('the register', () => {
  const follower = (): ClusterWorld => {
    const world = new ClusterWorld({ self: 3 });
    world.pulse = { ...world.pulse, term: 4, director: 2 };
    world.set(2, { term: 4, director: 2, elected: true });
    return world.start();
  };

  it('R1: a follower takes its director’s writes, newest wins, and acknowledges what it has', () => {
    const world = follower();
    const acks = (index: number) => {
      const effects = world.hear(2, { kind: 'write', register: registerOf({ term: 4, index }) });
      return [...new Set(sends(effects, 'wrote').map(({ message }) => message.index))];
    };
    expect(acks(5), 'nothing (0), until the disk has its first membership (R2)').to.deep.equal([0, 5]);
    expect(acks(3), 'an older one does not replace it').to.deep.equal([5]);
    expect(acks(6)).to.deep.equal([6]);
  });

  const strangers: readonly (readonly [title: string, from: BoardId, fields: { term?: number; cluster?: number }])[] = [
    ['another board', 1, {}],
    ['an older term', 2, { term: 3 }],
    ['a higher term than it adopted', 2, { term: 5 }],
    ['another cluster', 2, { cluster: 1 }],
  ];
  for (const [title, from, fields] of strangers) {
    it(`R1: a write of ${title} is neither taken nor acknowledged`, () => {
      const world = follower();
      const effects = world.hear(from, { kind: 'write', register: registerOf({ term: 4, index: 9, ...fields }) });
      expect(sends(effects, 'wrote')).to.deep.equal([]);
      expect(world.state.register.index).to.equal(0);
    });
  }

  it('R2: membership, votes and pins are on disk before they are acknowledged; grants are not waited for', () => {
    const world = follower();
    world.hear(2, { kind: 'write', register: registerOf({ term: 4, index: 1 }) });
    world.diskWorks = false;
    const grants = registerOf({ term: 4, index: 2 }, { holder: { board: 2, grant: { term: 4, n: 2 } } });
    expect(sends(world.hear(2, { kind: 'write', register: grants }), 'wrote')).to.not.deep.equal([]);
    const pinned = registerOf({ term: 4, index: 3 }, { pin: 2 });
    const waiting = [
      ...world.hear(2, { kind: 'write', register: pinned }),
      // The director repeats itself, a report is due, and the next write changes grants alone.
      ...world.hear(2, { kind: 'write', register: pinned }),
      ...world.run(500),
      ...world.hear(2, { kind: 'write', register: registerOf({ term: 4, index: 4 }, { pin: 2, cause: 'other' }) }),
    ];
    expect(sends(waiting, 'wrote').filter(({ message }) => message.index >= 3)).to.deep.equal([]);
    expect(sends(world.step({ kind: 'register-kept', term: 4, index: 2 }), 'wrote'), 'an older one').to.deep.equal([]);
    const kept = sends(world.step({ kind: 'register-kept', term: 4, index: 3 }), 'wrote');
    expect(
      kept.map(({ message }) => message.index),
      'and the one after it, alike in that',
    ).to.deep.equal([4]);
  });

  it('R2: a membership that another overtook on its way to the disk is not acknowledged for it', () => {
    const world = follower();
    world.diskWorks = false;
    world.hear(2, { kind: 'write', register: registerOf({ term: 4, index: 3 }, { pin: 2 }) });
    world.hear(2, { kind: 'write', register: registerOf({ term: 4, index: 4 }, { pin: 1 }) });
    expect(sends(world.step({ kind: 'register-kept', term: 4, index: 3 }), 'wrote')).to.deep.equal([]);
    const kept = sends(world.step({ kind: 'register-kept', term: 4, index: 4 }), 'wrote');
    expect(kept.map(({ message }) => message.index)).to.deep.equal([4]);
  });

  it('R2: a director counts itself once its own disk has the membership; for grants alone it does not wait', () => {
    const world = new ClusterWorld();
    world.diskWorks = false;
    world.start();
    for (let tries = 0; tries < 100 && world.state.role !== 'candidate'; tries++) world.run(10);
    world.step({ kind: 'vote-kept', memory: world.state.memory });
    world.run(10);
    world.vote(2);
    expect(world.state.role).to.equal('director');
    for (const board of world.boards.keys()) world.set(board, { term: world.state.term, director: 1 });
    world.report();
    const { term, index } = world.state.register;
    world.ack(2);
    expect(world.state.lead?.committed, 'one disk of three has it').to.equal(0);
    world.step({ kind: 'register-kept', term, index });
    expect(world.state.lead?.committed).to.equal(index);
    for (const board of [2, 3, 4]) world.stockOf(board);
    const { grant } = world.serve('media', 2);
    world.ack(2);
    expect(world.state.lead?.committed, 'a grant is in memory').to.equal(grant?.n);
  });

  it('M3: tells the pulse what it names this board for, with each write', () => {
    const world = follower();
    const grant = { term: 4, n: 2 };
    const effects = world.hear(2, {
      kind: 'write',
      register: registerOf({ term: 4, index: 2 }, { holder: { board: 3, grant } }),
    });
    expect(effects.flatMap((e) => (e.kind === 'pulse' ? [e.request] : []))).to.deep.equal([
      { kind: 'named', term: 4, index: 2, grants: [{ service: 'media', grant }] },
    ]);
  });

  it('is repeated once an interval to those who have not acknowledged it, and to nobody else', () => {
    const world = director();
    world.serve('media', 2);
    world.ack(2);
    const to = new Set(sends(world.run(50), 'write').map((one) => one.to));
    expect([...to].sort()).to.deep.equal([3, 4]);
  });

  it('reaches a board that has neither a vote nor a part in it when the move is over, and the first of a term at once', () => {
    let world = new ClusterWorld().elect();
    const readers = (ms: number): number[] =>
      [...new Set(sends(world.run(ms), 'write').map(({ to }) => Number(to)))].sort();
    expect(readers(20), 'the first').to.include(4);
    world = director();
    world.run(100);
    world.serve('voice', 2);
    expect(readers(50)).to.deep.equal([2, 3]);
    expect(readers(20)).to.include(4);
  });

  it('alarms are in it: raised once, kept over a change of director, cleared for all', () => {
    const world = director();
    const alarm = {
      object: 'service/media',
      cause: 'ADDRESS_IN_USE',
      severity: 'major',
      text: 'x',
      raisedAtMs: 1,
      raisedBy: 2,
    } as const;
    world.hear(2, { kind: 'alarm', alarm });
    world.hear(2, { kind: 'alarm', alarm });
    expect(world.state.register.alarms).to.deep.equal([alarm]);
    const next = new ClusterWorld({ register: JSON.parse(JSON.stringify(world.state.register)) }).elect();
    expect(next.state.register.alarms).to.deep.equal([alarm]);
    next.hear(3, { kind: 'alarm', alarm: { ...alarm, severity: 'cleared' } });
    expect(next.state.register.alarms).to.deep.equal([]);
  });

  it('what the own pulse sees is in it while it is seen; what another board raised is that board’s to clear', () => {
    const world = director();
    const other = {
      object: 'board/3',
      cause: 'FORGED',
      severity: 'major',
      text: '',
      raisedAtMs: 0,
      raisedBy: 2,
    } as const;
    world.hear(2, { kind: 'alarm', alarm: other });
    const shown = () => world.state.register.alarms.map(({ cause, object }) => `${cause} ${object}`);
    world.alarms = [{ cause: 'CONFIG_DIFFERS', object: 'board/3', text: 'other' }];
    world.report();
    expect(shown()).to.deep.equal(['FORGED board/3', 'CONFIG_DIFFERS board/3']);
    world.alarms = [];
    world.report();
    expect(shown()).to.deep.equal(['FORGED board/3']);
    const agents = { ...other, object: 'service/media', cause: 'ADDRESS_IN_USE', raisedBy: 1 };
    world.step({ kind: 'alarm', alarm: agents });
    world.run(500);
    expect(shown(), 'the agent’s own is not the pulse’s to clear').to.include('ADDRESS_IN_USE service/media');
  });

  it('a follower tells its director that what its pulse saw is over', () => {
    const world = follower();
    const alarm = {
      object: 'board/3',
      cause: 'FORGED',
      severity: 'major',
      text: '',
      raisedAtMs: 0,
      raisedBy: 3,
    } as const;
    const shown = world.hear(2, { kind: 'write', register: registerOf({ term: 4, index: 2, alarms: [alarm] }) });
    expect(sends(shown, 'alarm').map(({ message }) => message.alarm.severity)).to.deep.equal(['cleared']);
    world.hear(2, { kind: 'write', register: registerOf({ term: 4, index: 3 }) });
    expect(sends(world.run(500), 'alarm')).to.deep.equal([]);
  });

  it('a follower repeats its own alarm until the register shows it', () => {
    const world = follower();
    const alarm = {
      object: 'service/media',
      cause: 'LEASE_LOST',
      severity: 'major',
      text: 'x',
      raisedAtMs: 1,
      raisedBy: 3,
    } as const;
    world.step({ kind: 'alarm', alarm });
    expect(sends(world.run(1000), 'alarm').map(({ to }) => to)).to.deep.equal([2, 2, 2, 2, 2]);
    world.hear(2, { kind: 'write', register: registerOf({ term: 4, index: 2, alarms: [alarm] }) });
    expect(sends(world.run(1000), 'alarm')).to.deep.equal([]);
  });

  describe('an alarm that is over before the register shows it', () => {
    const alarm = {
      ...{ object: 'program/echo@b3', cause: 'PROGRAM_GIVEN_UP', text: 'x', raisedAtMs: 1, raisedBy: 3 },
      severity: 'major',
    } as const;
    const over = { ...alarm, severity: 'cleared' } as const;
    const told = (effects: readonly ClusterEffect[]) =>
      sends(effects, 'alarm').map((one) => one.message.alarm.severity);
    const writes = (world: ClusterWorld, index: number, ...alarms: Alarm[]) =>
      world.hear(2, { kind: 'write', register: registerOf({ term: 4, index, alarms }) });

    it('is taken back after it was sent, for it may be on its way; also where a write is silent of it meanwhile', () => {
      const world = follower();
      expect(told(world.step({ kind: 'alarm', alarm }))).to.deep.equal(['major']);
      expect(told(world.step({ kind: 'alarm', alarm: over }))).to.deep.equal(['cleared']);
      writes(world, 2);
      expect(told(world.run(400)), 'repeated, and the alarm is not').to.deep.equal(['cleared', 'cleared']);
      writes(world, 3, alarm);
      expect(told(world.run(5000)).length, 'until the register is rid of it').to.be.greaterThan(20);
      writes(world, 4);
      expect(told(world.run(1000))).to.deep.equal([]);
    });

    it('is taken back for good when its time of doubt is over', () => {
      const world = follower();
      world.step({ kind: 'alarm', alarm });
      world.step({ kind: 'alarm', alarm: over });
      world.run(2000);
      expect(told(world.run(1000))).to.deep.equal([]);
    });

    it('is never told of where nobody was told yet', () => {
      const world = new ClusterWorld({ self: 3 }).start();
      world.step({ kind: 'alarm', alarm });
      world.step({ kind: 'alarm', alarm: over });
      expect(world.state.alarms.size).to.equal(0);
    });

    it('raised again while its end is on its way, it is told of again', () => {
      const world = follower();
      writes(world, 2, alarm);
      expect(told(world.step({ kind: 'alarm', alarm: over }))).to.deep.equal(['cleared']);
      expect(told(world.step({ kind: 'alarm', alarm })), 'though the register shows it still').to.deep.equal(['major']);
      writes(world, 3);
      writes(world, 4, alarm);
      world.run(2000);
      expect(told(world.run(1000))).to.deep.equal([]);
    });

    it('taken back twice, with the first still on its way', () => {
      const world = follower();
      for (const one of [alarm, over]) world.step({ kind: 'alarm', alarm: one });
      world.state.director = 0;
      for (const one of [alarm, over]) world.step({ kind: 'alarm', alarm: one });
      expect([...world.state.alarms.values()].map((one) => one.alarm.severity)).to.deep.equal(['cleared']);
    });
  });

  it('holds 256 alarms, and says so when a further one comes', () => {
    const world = director();
    for (let i = 0; i <= 256; i++) {
      world.hear(2, {
        kind: 'alarm',
        alarm: { object: `o${i}`, cause: 'C', severity: 'minor', text: '', raisedAtMs: 0, raisedBy: 2 },
      });
    }
    expect(world.state.register.alarms.length).to.equal(256);
    expect(logs(world.effects)).to.include('alarm-list-full');
  });
});

describe('what boards tell of themselves', () => {
  it('T3, R3: stock under a term leaves after the agent confirmed it', () => {
    const world = new ClusterWorld({ self: 3 });
    world.agentWorks = false;
    const media: Holding = { service: 'media', grant: { term: 1, n: 1 } };
    world.held = [media];
    world.start();
    world.step({ kind: 'agent-up' });
    world.pulse = { ...world.pulse, term: 4, director: 2 };
    world.report();
    expect(sends(world.run(50), 'report')).to.deep.equal([]);
    const [report] = sends(world.step({ kind: 'agent-term', term: 4 }), 'report');
    expect(report).to.deep.equal({ to: 2, message: { kind: 'report', term: 4, stock: world.stock() } });
  });

  it('programs go to everybody when they change and each second, and only newer ones count', () => {
    const world = director();
    const ready = { program: 'echo', state: 'ready', sinceMs: 1, restarts: 0 } as const;
    expect(sends(world.step({ kind: 'programs', programs: [ready] }), 'programs').length).to.equal(1);
    expect(sends(world.step({ kind: 'programs', programs: [ready] }), 'programs')).to.deep.equal([]);
    world.hear(2, { kind: 'programs', sequence: 7, programs: [ready] });
    world.hear(2, { kind: 'programs', sequence: 6, programs: [] });
    world.run(10);
    expect(world.view().boards.find(({ board }) => board === 2)?.programs).to.deep.equal([ready]);
  });
});
