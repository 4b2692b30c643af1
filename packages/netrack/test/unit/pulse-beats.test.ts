import { stockOf } from '@softset/netrack/core/pulse/follow.js';
import { inherit } from '@softset/netrack/core/pulse/lease.js';
import { reportOf } from '@softset/netrack/core/pulse/report.js';
import { memoryOf, START_GRACE_MS } from '@softset/netrack/core/pulse/state.js';
import type { PulseMemory } from '@softset/netrack/core/pulse/types.js';
import type { Beat } from '@softset/protocol';
import { expect } from 'chai';
import { OWN_BOOT, of, PulseWorld, sent } from './pulse-world.js';

const NEW_BOOT = 'e'.repeat(16);

describe('beats that come in', () => {
  it('another network’s is dropped: a beat says by which one it was sent', () => {
    const world = new PulseWorld();
    const beat = of(world.run(10), 'send')[0]?.beat;
    if (!beat) throw new Error('no beat');
    world.step({
      kind: 'beat',
      network: 'B',
      arrivedMs: world.nowMs,
      beat: { ...beat, board: 2, network: 'A', mac: '02:00:00:00:0a:02' },
    });
    expect(world.counted('BEAT_WRONG_NETWORK')).to.equal(1);
    world.tick();
    expect(world.verdict(2)).to.equal('unknown');
  });

  it('an unknown board’s is dropped', () => {
    const world = new PulseWorld();
    world.beat(9);
    expect(world.counted('BEAT_UNKNOWN_BOARD')).to.equal(2);
  });

  const cases: readonly (readonly [title: string, fields: Partial<Beat>, code: string])[] = [
    ['L1: an older incarnation’s is dropped', { incarnation: 4, sequence: 999 }, 'BEAT_OLD_INCARNATION'],
    ['a repeated number is dropped', { incarnation: 5, sequence: 100 }, 'BEAT_REPLAYED'],
    ['an older number is dropped', { incarnation: 5, sequence: 3 }, 'BEAT_REPLAYED'],
  ];
  for (const [title, fields, code] of cases) {
    it(title, () => {
      const world = new PulseWorld();
      world.beat(2, { incarnation: 5, sequence: 100 });
      world.nowMs += 15;
      world.beat(2, fields, ['A']);
      expect(world.counted(code)).to.equal(1);
      expect(world.state.peers.get(2)?.heardMs.A, 'and makes nobody heard').to.equal(world.nowMs - 15);
      expect(world.state.peers.get(2)?.beat).to.include({ incarnation: 5, sequence: 100 });
    });
  }

  it('silence is counted from when the kernel received it, and a lease from when it was read (L5)', () => {
    const world = new PulseWorld();
    world.beat(2);
    const beat = world.state.peers.get(2)?.beat;
    if (!beat) throw new Error('no beat');
    world.nowMs += 18;
    const arrivedMs = world.nowMs - 8;
    world.step({ kind: 'beat', network: 'A', arrivedMs, beat: { ...beat, network: 'A', sequence: beat.sequence + 1 } });
    expect(world.state.peers.get(2)?.heardMs.A).to.equal(arrivedMs);
    expect(world.state.peers.get(2)?.beatMs).to.equal(world.nowMs);
  });

  it('one that arrived before what was heard already makes nobody silent', () => {
    const world = new PulseWorld();
    world.beat(2);
    const beat = world.state.peers.get(2)?.beat;
    if (!beat) throw new Error('no beat');
    const heardMs = world.nowMs;
    world.nowMs += 5;
    // The wall clock was set meanwhile, and the kernel's stamps say little.
    const late = { ...beat, network: 'A' as const, sequence: beat.sequence + 1 };
    world.step({ kind: 'beat', network: 'A', arrivedMs: heardMs - 20, beat: late });
    expect(world.state.peers.get(2)?.heardMs.A).to.equal(heardMs);
  });

  it('the same number by the other network is no replay, and an older one there changes no state', () => {
    const world = new PulseWorld();
    world.beat(2, { sequence: 100, health: 3 }, ['A']);
    world.nowMs += 5;
    world.beat(2, { sequence: 99, health: 7 }, ['B']);
    world.beat(2, { sequence: 100, health: 3 }, ['B']);
    expect(world.counted('BEAT_REPLAYED')).to.equal(0);
    expect(world.state.peers.get(2)?.heardMs).to.deep.equal({ A: world.nowMs - 5, B: world.nowMs });
    expect(world.state.peers.get(2)?.beat?.health).to.equal(3);
    expect(world.state.peers.get(2)?.beatMs, 'received when it first came').to.equal(world.nowMs - 5);
  });

  it('a new incarnation counts from its own first number', () => {
    const world = new PulseWorld();
    world.beat(2, { incarnation: 5, sequence: 100 });
    world.beat(2, { incarnation: 6, sequence: 1 }, ['B', 'A']);
    expect(world.state.peers.get(2)?.beat).to.include({ incarnation: 6, sequence: 1 });
    expect(Object.keys(world.state.counters)).to.deep.equal([]);
  });

  it('a new boot while the old one is alive is a duplicate board: refused and alarmed', () => {
    const world = new PulseWorld();
    world.beat(2, { sequence: 100 });
    world.nowMs += 29;
    world.beat(2, { boot: NEW_BOOT, sequence: 1 });
    expect(world.counted('BEAT_DUPLICATE_BOARD')).to.equal(2);
    expect(world.alarms()).to.deep.equal(['DUPLICATE_BOARD board/2']);
    expect(world.state.peers.get(2)?.beat?.boot).to.equal('2'.repeat(16));
  });

  it('a new boot with another MAC while the old MAC still answers ARP is a duplicate board', () => {
    const world = new PulseWorld();
    world.beat(2, { sequence: 100 });
    world.nowMs += 40;
    world.step({ kind: 'answer', network: 'A', board: 2, mac: '02:00:00:00:0a:02' });
    world.beat(2, { boot: NEW_BOOT, sequence: 1, mac: '02:ff:00:00:00:01' }, ['A']);
    expect(world.alarms()).to.deep.equal(['DUPLICATE_BOARD board/2']);
    world.beat(2, { boot: NEW_BOOT, sequence: 1, mac: '02:00:00:00:0a:02' }, ['A']);
    expect(world.state.peers.get(2)?.beat?.boot, 'the same card rebooted: its own answer is no twin').to.equal(
      NEW_BOOT,
    );
  });

  it('a new boot after a silence is a reboot, and the old boot’s late beats stay dead', () => {
    const world = new PulseWorld();
    world.beat(2, { sequence: 100 });
    world.nowMs += 31;
    world.beat(2, { boot: NEW_BOOT, sequence: 1 });
    expect(world.state.peers.get(2)?.beat).to.include({ boot: NEW_BOOT, sequence: 1 });
    world.nowMs += 500;
    world.beat(2, { sequence: 101 });
    expect(world.counted('BEAT_OLD_BOOT')).to.equal(2);
    expect(world.state.peers.get(2)?.beat?.boot).to.equal(NEW_BOOT);
    expect(world.alarms()).to.deep.equal([]);
  });

  it('an old boot that goes on long after the new one fell silent was the true board: a twin came and went', () => {
    const world = new PulseWorld();
    world.beat(2, { sequence: 100 });
    world.nowMs += 31;
    world.beat(2, { boot: NEW_BOOT, sequence: 1 });
    world.nowMs += 4 * 250 - 1;
    world.beat(2, { sequence: 300 });
    expect(world.counted('BEAT_OLD_BOOT'), 'not while the twin may come back').to.equal(2);
    world.nowMs += 1;
    world.beat(2, { sequence: 100 });
    world.beat(2, { sequence: 400, incarnation: 0 });
    expect(world.counted('BEAT_OLD_BOOT'), 'and not what was heard before, or an old incarnation').to.equal(6);
    world.beat(2, { sequence: 301 });
    expect(world.state.peers.get(2)?.beat).to.include({ boot: '2'.repeat(16), sequence: 301 });
    world.nowMs += 31;
    world.beat(2, { boot: NEW_BOOT, sequence: 50 });
    expect(world.state.peers.get(2)?.beat?.boot, 'the twin is the old boot now').to.equal('2'.repeat(16));
  });

  it('one that says it is this board is an echo of ours, or a twin and alarmed', () => {
    const world = new PulseWorld();
    world.beat(1, { boot: OWN_BOOT, incarnation: 1 });
    expect([world.counted('BEAT_OWN'), world.alarms().length]).to.deep.equal([2, 0]);
    world.beat(1, { boot: NEW_BOOT });
    expect(world.alarms()).to.deep.equal(['DUPLICATE_BOARD board/1']);
  });

  it('another cluster file is alarmed, and the board counts all the same', () => {
    const world = new PulseWorld();
    world.beat(2, { config: 78 });
    world.tick();
    expect(world.alarms()).to.deep.equal(['CONFIG_DIFFERS board/2']);
    expect(world.verdict(2)).to.equal('up');
  });

  it('an alarm clears once its condition was not seen for a minute, and the report says so', () => {
    const world = new PulseWorld();
    world.beat(2, { config: 78 });
    world.nowMs += 59_000;
    world.beat(2, { config: 78 });
    world.nowMs += 59_999;
    world.tick();
    expect(
      world.report().alarms.map(({ cause }) => cause),
      'seen again meanwhile',
    ).to.deep.equal(['CONFIG_DIFFERS']);
    world.nowMs += 1;
    world.tick();
    expect(world.report().alarms).to.deep.equal([]);
  });

  it('what the edge refused is counted by its code; forgeries and strangers are alarmed once', () => {
    const world = new PulseWorld();
    for (const code of ['BEAT_SHORT', 'BEAT_FORGED', 'BEAT_FORGED', 'BEAT_FOREIGN_CLUSTER', 'BEAT_UNKNOWN_KEY'])
      world.step({ kind: 'refused', code });
    expect(world.state.counters).to.deep.equal({
      BEAT_SHORT: 1,
      BEAT_FORGED: 2,
      BEAT_FOREIGN_CLUSTER: 1,
      BEAT_UNKNOWN_KEY: 1,
    });
    expect(world.alarms()).to.deep.equal(['FORGED beats', 'FOREIGN_CLUSTER beats']);
    world.tick();
    expect(world.report().refused).to.include({ BEAT_FORGED: 2 });
  });
});

describe('beats that leave', () => {
  it('one each interval, by both networks, with rising numbers', () => {
    const world = new PulseWorld();
    const effects = world.run(100);
    const beats = sent(effects);
    expect(beats.length).to.be.within(10, 11);
    expect(beats.map(({ sequence }) => sequence)).to.deep.equal(beats.map((_, i) => i + 1));
    expect(of(effects, 'send').filter(({ network, beat }) => network === 'B' && beat.network === 'B').length).to.equal(
      beats.length,
    );
  });

  it('after a stall one at once, and no burst to make up for it', () => {
    const world = new PulseWorld();
    world.run(50);
    world.nowMs += 200;
    expect(sent(world.tick()).length).to.equal(1);
    expect(sent(world.run(50)).length).to.equal(5);
  });

  /** One thing happens just after a beat; the tick right after it must send an extra one, or must not. */
  const news: readonly (readonly [title: string, extra: boolean, happens: (world: PulseWorld) => void])[] = [
    ['nothing happened', false, () => undefined],
    ['a carrier is lost', true, (world) => world.step({ kind: 'carrier', network: 'B', up: false })],
    ['a term is adopted', true, (world) => world.beat(2, { term: 2, director: 2, elected: true })],
    ['a board is newly heard', false, (world) => world.beat(4)],
    ['a lease came', true, (world) => world.create({ director: 2, term: 1 })],
  ];
  for (const [title, extra, happens] of news) {
    it(`${extra ? 'an extra one at once' : 'no extra one'} when ${title}`, () => {
      const world = new PulseWorld();
      world.follow(2);
      world.run(55, world.hearing(2, 3));
      expect(sent(world.tick()), 'none is due').to.deep.equal([]);
      world.nowMs += 1;
      happens(world);
      expect(sent(world.tick()).length).to.equal(extra ? 1 : 0);
    });
  }

  it('an extra one at once when a board is heard no more on any network', () => {
    const world = new PulseWorld();
    world.run(100, world.hearing(2, 3));
    const before = sent(world.effects).at(-1)?.hears;
    expect(before).to.deep.equal({ A: 0b110n, B: 0b110n });
    // Last heard two milliseconds behind a beat of ours: the silence is over between two of ours.
    world.nowMs += 2;
    world.beat(2);
    world.nowMs -= 2;
    world.run(30, world.hearing(3));
    world.nowMs += 2;
    expect(sent(world.tick()).map(({ hears }) => hears)).to.deep.equal([{ A: 0b100n, B: 0b100n }]);
  });

  /** Board 3 is heard no more, a little behind one of our beats, while board 2 directs and 4 is its deputy. */
  function loses(board: number): PulseWorld {
    const world = new PulseWorld();
    world.follow(2);
    const beats = (boards: readonly number[]) => () => {
      for (const one of boards) world.beat(one, one === 2 ? { director: 2, elected: true, deputy: 4 } : {});
    };
    world.run(100, beats([2, 3, 4]));
    world.nowMs += 2;
    world.beat(board, board === 2 ? { director: 2, elected: true, deputy: 4 } : {});
    world.nowMs -= 2;
    world.run(30, beats([2, 3, 4].filter((one) => one !== board)));
    world.nowMs += 2;
    return world;
  }

  it('that a board is heard no more goes to the director and its deputy alone: nobody else acts on it', () => {
    const extra = of(loses(3).tick(), 'send');
    expect(extra.map(({ network, alert, to }) => ({ network, alert, to }))).to.deep.equal([
      { network: 'A', alert: true, to: [2, 4] },
      { network: 'B', alert: true, to: [2, 4] },
    ]);
  });

  it('that the director or its deputy is heard no more goes to everybody: each may have to vote', () => {
    for (const board of [2, 4]) {
      const extra = of(loses(board).tick(), 'send');
      expect(extra.map(({ alert, to }) => ({ alert, to }))).to.deep.equal([
        { alert: true, to: undefined },
        { alert: true, to: undefined },
      ]);
    }
  });

  it('extra ones at least a millisecond apart: a flood of news is no flood of beats', () => {
    const world = new PulseWorld();
    world.run(55, world.hearing(2, 3));
    let beats = 0;
    for (let i = 0; i < 40; i++) {
      world.nowMs += 0.1;
      world.ask({ kind: 'follow', id: i, term: i + 2, director: 0 });
      beats += sent(world.tick()).length;
    }
    expect(beats).to.be.within(3, 5);
  });

  it('carry the bit of each service whose element stands', () => {
    const world = new PulseWorld();
    world.follow(2);
    world.run(30, world.hearing(2));
    world.create({ service: 'voice' });
    world.run(10, world.hearing(2));
    expect(sent(world.effects).at(-1)?.leases).to.equal(0b10n);
  });

  it('of two boards that say so, who began last holds a service; the other’s next beat is not waited for', () => {
    const world = new PulseWorld();
    const holders = () =>
      reportOf(world.state, world.nowMs, world.config).boards.flatMap(({ board, leases }) =>
        leases.includes('voice') ? [board] : [],
      );
    world.beat(2, { leases: 0b10n });
    world.beat(3);
    expect(holders()).to.deep.equal([2]);
    world.beat(3, { leases: 0b10n });
    expect(holders()).to.deep.equal([3]);
    world.beat(2, { leases: 0b10n });
    expect(holders(), 'that is no beginning').to.deep.equal([3]);
    world.beat(3);
    expect(holders()).to.deep.equal([]);
  });

  it('carry the boards whose kernels answer alone', () => {
    const world = new PulseWorld();
    world.run(50, world.hearing(2, 3, 4));
    world.run(60, () => {
      world.beat(2);
      world.beat(4);
      world.step({ kind: 'answer', network: 'B', board: 3, mac: '02:00:00:00:0b:03' });
    });
    expect(sent(world.effects).at(-1)?.kernels).to.equal(0b100n);
  });

  it('do not name a kernel whose board is merely silent: that is judged at three intervals', () => {
    const world = new PulseWorld();
    world.run(50, world.hearing(2, 3, 4));
    world.run(25, world.hearing(2, 4));
    world.step({ kind: 'answer', network: 'B', board: 3, mac: '02:00:00:00:0b:03' });
    world.tick();
    expect(world.verdict(3)).to.equal('silent');
    const before = sent(world.effects).length;
    world.step({ kind: 'carrier', network: 'B', up: false });
    world.nowMs += 1;
    world.tick();
    expect(sent(world.effects).length).to.equal(before + 1);
    expect([world.verdict(3), sent(world.effects).at(-1)?.kernels]).to.deep.equal(['silent', 0n]);
  });

  it('say that the board leaves on purpose (002 ¶0025)', () => {
    const world = new PulseWorld();
    world.ask({ kind: 'leaving' });
    world.run(10);
    expect(sent(world.effects).at(-1)?.leaving).to.equal(true);
  });
});

describe('the daemons’ bits', () => {
  const alive = (world: PulseWorld, ...daemons: ('netrackd' | 'redirectd' | 'psrmd')[]): void => {
    for (const daemon of daemons) world.ask({ kind: 'alive' }, daemon);
  };

  it('stand for a while after the start: a pulse that comes back calls nobody dead', () => {
    const world = new PulseWorld();
    world.run(START_GRACE_MS + 990);
    expect(sent(world.effects).at(-1)?.daemons).to.deep.equal(['netrackd', 'redirectd', 'psrmd']);
    world.run(20);
    expect(sent(world.effects).at(-1)?.daemons).to.deep.equal([]);
  });

  it('stand as long for one that says hello and goes on loading', () => {
    const world = new PulseWorld();
    world.ask({ kind: 'hello', daemon: 'netrackd' }, 'netrackd');
    world.run(START_GRACE_MS + 990);
    expect(sent(world.effects).at(-1)?.daemons).to.include('netrackd');
    world.run(20);
    expect(sent(world.effects).at(-1)?.daemons).to.not.include('netrackd');
  });

  it('clear a second after the last check-in, told at once by an extra beat, and come back with the next', () => {
    const world = new PulseWorld();
    world.run(START_GRACE_MS + 995);
    alive(world, 'netrackd', 'psrmd');
    const nextBeatMs = world.state.nextBeatMs;
    world.nowMs = nextBeatMs - 2;
    world.state.aliveMs.redirectd = world.nowMs - 1000;
    const [beat] = sent(world.tick());
    expect(beat?.daemons).to.deep.equal(['netrackd', 'psrmd']);
    alive(world, 'redirectd');
    world.run(10);
    expect(sent(world.effects).at(-1)?.daemons).to.include('redirectd');
  });

  it('are news to the board’s own daemons too, when one checks in late', () => {
    const world = new PulseWorld();
    world.run(START_GRACE_MS + 1010);
    world.effects.length = 0;
    alive(world, 'psrmd');
    world.run(10);
    expect(world.report().daemons).to.deep.equal(['psrmd']);
  });

  it('are not set by who only watches', () => {
    const world = new PulseWorld();
    world.run(START_GRACE_MS + 1010, (one) => one.ask({ kind: 'alive' }, 'watch'));
    expect(sent(world.effects).at(-1)?.daemons).to.deep.equal([]);
  });
});

describe('a pulse that starts again', () => {
  /** What a holder of term 3 leaves in the run directory. */
  function left(): PulseMemory {
    const world = new PulseWorld();
    world.follow(2, 3);
    world.run(30, world.hearing(2));
    world.ask({ kind: 'release', id: 1, service: 'voice', grant: { term: 3, n: 4 } });
    world.named();
    world.create();
    return JSON.parse(JSON.stringify(memoryOf(world.state))) as PulseMemory;
  }

  it('resumes term, director, leases, refusals and what the register names; it is not amnesiac', () => {
    const memory = left();
    const world = new PulseWorld({}, memory, { incarnation: 2 });
    expect(memoryOf(world.state)).to.deep.equal({ ...memory, incarnation: 2 });
    expect(world.held).to.deep.equal(['media']);
    expect(world.ask({ kind: 'follow', id: 1, term: 2, director: 3 })).to.include({ code: 'PULSE_OLD_TERM' });
  });

  it('M2: still refuses what its forerunner gave back', () => {
    const world = new PulseWorld({}, left(), { incarnation: 2 });
    world.run(30, world.hearing(2));
    expect(world.create({ service: 'voice', grant: { term: 3, n: 4 } })).to.include({ code: 'ORDER_REFUSED_BEFORE' });
  });

  it('M2: a lease that ran out while no pulse was there is refused, so that its director hears that it is gone', () => {
    const world = new PulseWorld({}, left(), { incarnation: 2 });
    const [lease] = world.state.leases.values();
    inherit(world.state, []);
    expect(world.held).to.deep.equal([]);
    expect(stockOf(world.state).refused).to.deep.include({ service: 'media', grant: lease?.grant });
  });

  it('keeps the lease whose element stands', () => {
    const world = new PulseWorld({}, left(), { incarnation: 2 });
    inherit(world.state, [...world.state.leases.values()]);
    expect(world.held).to.deep.equal(['media']);
    expect(stockOf(world.state).refused.map(({ service }) => service)).to.deep.equal(['voice']);
  });

  it('L1: renews by echoes of its own life only', () => {
    const world = new PulseWorld({}, left(), { incarnation: 2 });
    const echo = (incarnation: number) => () => {
      const echoes = [{ board: 1, boot: OWN_BOOT, incarnation, sequence: world.sequence }];
      world.beat(2, { term: 3, director: 2, elected: true, echoes });
    };
    expect(of(world.run(60, echo(1)), 'renew'), 'echoes of the life before').to.deep.equal([]);
    expect(of(world.run(60, echo(2)), 'renew')).to.not.deep.equal([]);
  });

  it('forgets it all with another boot of the kernel: amnesiac, term 0, nothing held', () => {
    const world = new PulseWorld({}, left(), { boot: NEW_BOOT });
    expect(memoryOf(world.state)).to.deep.include({ term: 0, director: 0, amnesiac: true, leases: [], refused: [] });
  });

  it('without memory is amnesiac and says so until netrackd knows better', () => {
    const world = new PulseWorld();
    world.run(10);
    expect(sent(world.effects).at(-1)?.amnesiac).to.equal(true);
    world.ask({ kind: 'memory', amnesiac: false });
    world.run(10);
    expect(sent(world.effects).at(-1)?.amnesiac).to.equal(false);
    expect(of(world.effects, 'persist').at(-1)?.memory.amnesiac).to.equal(false);
  });
});
