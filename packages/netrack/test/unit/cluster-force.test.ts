import type { BoardId, Register } from '@softset/protocol';
import { expect } from 'chai';
import { led } from './cluster-director.js';
import { CLUSTER_NUMBER, ClusterWorld, logs, type Options, OWN_BOOT, registerOf, sends } from './cluster-world.js';

const gone = ({ members }: Register): BoardId[] => members.filter(({ left }) => left).map(({ board }) => board);

/** Board 1, with 4, which never votes; 2 and 3 are down. */
function alone(options: Options = {}): ClusterWorld {
  const world = new ClusterWorld(options);
  for (const board of [2, 3]) world.set(board, { verdict: 'down', paths: { A: false, B: false } });
  return world.start();
}

function force(world: ClusterWorld): string {
  const effects = world.step({ kind: 'force', id: 7, who: 'root (uid 0, pid 1)' });
  const refused = effects.find(({ kind }) => kind === 'not-forced');
  return refused?.kind === 'not-forced' ? refused.code : 'asked';
}

describe('softset quorum force', () => {
  it('takes the votes that are not there, says so in an alarm, and the ordinary election follows', () => {
    const world = alone();
    world.run(500);
    expect(world.state.role).to.equal('follower');
    expect(force(world)).to.equal('asked');
    expect(sends(world.effects, 'remember').length, 'what others know is asked first').to.be.greaterThan(0);
    const effects = world.run(600);
    const done = effects.find(({ kind }) => kind === 'forced');
    expect(done).to.deep.equal({ kind: 'forced', id: 7, left: [2, 3] });
    world.run(200);
    expect(world.state.role).to.equal('director');
    expect(gone(world.state.register)).to.deep.equal([2, 3]);
    const [alarm] = world.state.register.alarms;
    expect(alarm).to.include({ cause: 'QUORUM_FORCED', severity: 'critical', raisedBy: 1 });
    expect(alarm?.text).to.match(/root \(uid 0, pid 1\) forced a quorum on b1: votes of b2, b3/);
  });

  it('gives boards that lost their memory a new one, and keeps register and vote on disk', () => {
    const world = alone({ memory: null });
    force(world);
    const effects = world.run(600);
    expect(world.state.amnesiac).to.equal(false);
    expect(effects.map(({ kind }) => kind)).to.include.members(['keep-register', 'keep-vote', 'forced']);
    const kept = effects.find(({ kind }) => kind === 'keep-register');
    expect(kept?.kind === 'keep-register' && gone(kept.register)).to.deep.equal([2, 3]);
  });

  it('goes on from the newest register that anybody there has, in a term above every one heard of', () => {
    const world = alone({ register: registerOf({ term: 3, index: 1 }) });
    world.set(2, { verdict: 'up', amnesiac: true });
    world.report();
    force(world);
    const newer = registerOf({ term: 4, index: 2 }, { pin: 4 });
    world.hear(2, { kind: 'remembered', boot: OWN_BOOT, incarnation: 1, term: 9, amnesiac: true, register: newer });
    const told = sends(world.run(600), 'force');
    expect(told[0]?.to).to.equal(2);
    expect(told[0]?.message.register).to.include({ term: 10, index: 1 });
    expect(told[0]?.message.register.services[0]?.pin).to.equal(4);
    expect(gone(world.state.register), 'who is there keeps its vote').to.deep.equal([3]);
  });

  const refused: readonly [string, string, () => ClusterWorld][] = [
    ['where a majority is there', 'HAS_QUORUM', () => new ClusterWorld().start()],
    [
      'on a board that never votes',
      'NO_VOTE',
      () => {
        const world = new ClusterWorld({ self: 4 });
        for (const board of [2, 3]) world.set(board, { verdict: 'down' });
        return world.start();
      },
    ],
    [
      'before all boards are judged',
      'NOT_READY',
      () => {
        const world = alone();
        world.set(4, { verdict: 'unknown' });
        world.report();
        return world;
      },
    ],
    [
      'while its own loop is late',
      'NOT_READY',
      () => {
        const world = alone();
        world.pulse.doubt = true;
        world.report();
        return world;
      },
    ],
    [
      'twice at a time',
      'NOT_READY',
      () => {
        const world = alone();
        force(world);
        return world;
      },
    ],
  ];
  for (const [what, code, make] of refused) {
    it(`is refused ${what}: ${code}`, () => expect(force(make())).to.equal(code));
  }

  it('does nothing if a majority came back while it was asked for', () => {
    const world = alone();
    force(world);
    world.set(2, { verdict: 'up' });
    world.report();
    const effects = world.run(600);
    expect(effects.find(({ kind }) => kind === 'not-forced')).to.include({ code: 'HAS_QUORUM' });
    expect(gone(world.state.register)).to.deep.equal([]);
  });

  describe('where it is told', () => {
    const forced = (term: number, ...left: BoardId[]): Register => {
      const register = registerOf({ term, index: 1 });
      const members = register.members.map((one) => (left.includes(one.board) ? { ...one, left: true as const } : one));
      return { ...register, members };
    };

    it('is obeyed by a board that follows nobody who is well, amnesiac or not', () => {
      for (const memory of [null, { cluster: CLUSTER_NUMBER, term: 5, candidate: 3 }]) {
        const world = alone({ memory });
        world.set(2, { verdict: 'up' });
        world.report();
        const effects = world.hear(2, { kind: 'force', register: forced(9, 3) });
        expect(logs(effects)).to.include('quorum-forced');
        expect(gone(world.state.register)).to.deep.equal([3]);
        const kept = effects.flatMap((effect) => (effect.kind === 'keep-vote' ? [effect.memory] : []));
        expect(kept[0], 'it votes in higher terms only').to.include({ term: 9, candidate: 0 });
        expect(world.state.amnesiac).to.equal(false);
      }
    });

    it('is ignored by who follows a director that is well, by one that directs, by who loses its vote, and when it is old', () => {
      const well = led();
      expect(logs(well.hear(2, { kind: 'force', register: forced(9, 3) }))).to.include('force-ignored');
      const directs = new ClusterWorld().elect();
      directs.pace();
      expect(logs(directs.hear(2, { kind: 'force', register: forced(9, 3) }))).to.include('force-ignored');
      expect(directs.state.role).to.equal('director');
      const lost = alone();
      lost.hear(2, { kind: 'force', register: forced(9, 1, 3) });
      expect(gone(lost.state.register)).to.deep.equal([]);
      const old = alone({ memory: { cluster: CLUSTER_NUMBER, term: 9, candidate: 0 } });
      old.hear(2, { kind: 'force', register: forced(9, 3) });
      expect(gone(old.state.register)).to.deep.equal([]);
    });
  });
});
