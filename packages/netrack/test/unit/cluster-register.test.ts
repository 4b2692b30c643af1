import type { ClusterEffect } from '@softset/netrack/core/cluster/types.js';
import type { Alarm, BoardId, Holding } from '@softset/protocol';
import { expect } from 'chai';
import { director } from './cluster-director.js';
import { ClusterWorld, logs, registerOf, sends } from './cluster-world.js';

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
      { kind: 'named', term: 4, index: 2, grants: [{ service: 'media', grant }], voters: [1, 2, 3] },
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

  it('what a board runs goes to everybody, where it is to be told, and shows in the view', () => {
    const quiet = director();
    expect(sends(quiet.run(10_000), 'release')).to.deep.equal([]);
    const world = director();
    Object.assign(world.config, { release: '0.1.0' });
    const told = sends(world.run(12_000), 'release');
    expect(told).to.have.length(3);
    expect(told[0]).to.deep.equal({ to: 'all', message: { kind: 'release', release: '0.1.0' } });
    quiet.hear(2, { kind: 'release', release: '0.2.0' });
    quiet.run(10);
    const seen = quiet.view().boards.map(({ board, release }) => [board, release]);
    expect(seen).to.deep.include([2, '0.2.0']).and.deep.include([1, undefined]);
  });
});
