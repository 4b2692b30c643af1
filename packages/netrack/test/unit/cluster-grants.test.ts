import type { Rule } from '@softset/netrack/core/rules.js';
import { expect } from 'chai';
import { dies, director, held, phase } from './cluster-director.js';
import { bootOf, ClusterWorld, logs, orders, registerOf, sends, takes } from './cluster-world.js';

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
