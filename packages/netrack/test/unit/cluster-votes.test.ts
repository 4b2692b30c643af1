import type { BoardId, Register } from '@softset/protocol';
import { expect } from 'chai';
import { claim, director, held, led } from './cluster-director.js';
import { CLUSTER_NUMBER, ClusterWorld, logs, OWN_BOOT, registerOf, sends } from './cluster-world.js';

const leave = (world: ClusterWorld, board: BoardId) => world.step({ kind: 'amend', change: { kind: 'leave', board } });
const comeBack = (world: ClusterWorld, board: BoardId) =>
  world.step({ kind: 'amend', change: { kind: 'return', board } });
const gone = ({ members }: Register): BoardId[] => members.filter(({ left }) => left).map(({ board }) => board);
function without(register: Register, ...boards: BoardId[]): Register {
  const members = register.members.map((one) => (boards.includes(one.board) ? { ...one, left: true as const } : one));
  return { ...register, members };
}

describe('a board leaves for good', () => {
  it('its vote is taken by a write, and counts for nothing from there on', () => {
    const world = director();
    const effects = leave(world, 3);
    expect(logs(effects)).to.include('board-left');
    const { register } = world.state;
    expect(gone(register)).to.deep.equal([3]);
    expect(sends(effects, 'write').map(({ message }) => gone(message.register))).to.deep.include([3]);
    // Two votes are left, and a majority of them is both.
    world.ack(3);
    expect(world.view().register.committed, 'its own acknowledgement is none any more').to.be.lessThan(register.index);
    world.ack(2);
    expect(world.view().register.committed).to.equal(register.index);
    expect(world.view().quorum).to.deep.equal({ present: 2, needed: 2, votes: 2 });
    expect(world.view().boards.find(({ board }) => board === 3)?.left).to.equal(true);
  });

  it('R2: it is on disk before it is acknowledged', () => {
    const world = director();
    world.diskWorks = false;
    leave(world, 3);
    world.ack(2);
    expect(world.view().register.committed, 'of two votes, one and an unwritten disk').to.be.lessThan(
      world.state.register.index,
    );
  });

  it('the pulse is told whose echoes prove that it directs (L2)', () => {
    const world = director();
    const told = leave(world, 3).flatMap((effect) =>
      effect.kind === 'pulse' && effect.request.kind === 'named' ? [effect.request.voters] : [],
    );
    expect(told.at(-1)).to.deep.equal([1, 2]);
  });

  it('services first: not while it holds one, and at once when it gave it back', () => {
    const { world, grant } = held('media', 2);
    expect(logs(leave(world, 2))).to.not.include('board-left');
    world.run(50);
    expect(gone(world.state.register)).to.deep.equal([]);
    const moved = world.serve('media', 1).grant;
    world.ack(2, 3);
    world.outcome(2, 'media', grant, 'released');
    world.run(20);
    expect(gone(world.state.register), 'the next holder is on its way').to.deep.equal([]);
    world.held = [{ service: 'media', grant: moved ?? grant }];
    world.outcome(1, 'media', moved ?? grant, 'taken');
    world.report();
    world.ack(2, 3);
    world.run(20);
    world.ack(2, 3);
    world.run(20);
    expect(gone(world.state.register)).to.deep.equal([2]);
  });

  it('a dead one leaves when its lease has run out, and not when it is only called unreachable', () => {
    const { world } = held('media', 2);
    world.set(2, { verdict: 'down', paths: { A: false, B: false } });
    world.report();
    leave(world, 2);
    world.run(100);
    expect(gone(world.state.register)).to.deep.equal([]);
    // Still named as its holder: somebody else has to have it first.
    world.run(400);
    expect(gone(world.state.register)).to.deep.equal([]);
    const { grant } = world.serve('media', 1);
    if (!grant) throw new Error('not served');
    world.ack(3);
    world.held = [{ service: 'media', grant }];
    world.outcome(1, 'media', grant, 'taken');
    world.report();
    world.ack(3);
    world.run(400);
    world.ack(3);
    world.run(20);
    expect(gone(world.state.register)).to.deep.equal([2]);
  });

  it('R4: one vote at a time, the next when a majority has the one before; without the rule both at once', () => {
    const world = director();
    leave(world, 3);
    leave(world, 2);
    world.run(50);
    expect(gone(world.state.register)).to.deep.equal([3]);
    world.ack(2);
    world.run(10);
    expect(gone(world.state.register)).to.deep.equal([2, 3]);
    const bold = director({ without: ['R4'] });
    leave(bold, 3);
    leave(bold, 2);
    expect(gone(bold.state.register)).to.deep.equal([2, 3]);
  });

  it('R4: not before a majority has what the director found when it was elected', () => {
    const world = new ClusterWorld().elect();
    for (const board of [3, 4]) world.stockOf(board);
    leave(world, 3);
    world.run(50);
    expect(gone(world.state.register)).to.deep.equal([]);
    world.ack(2);
    world.run(10);
    expect(gone(world.state.register)).to.deep.equal([3]);
  });

  it('never the last vote', () => {
    const world = director();
    for (const board of [3, 2, 1]) {
      leave(world, board);
      world.ack(2);
      world.run(20);
    }
    expect(gone(world.state.register)).to.deep.equal([2, 3]);
    expect(world.state.role).to.equal('director');
  });

  it('a director that left makes room when a majority knows it, and stands no more', () => {
    const world = director();
    leave(world, 1);
    expect(gone(world.state.register)).to.deep.equal([1]);
    world.ack(2);
    world.run(20);
    expect(world.state.role, 'of votes 2 and 3 one knows').to.equal('director');
    world.ack(2, 3);
    world.run(20);
    expect(world.state.role).to.equal('follower');
    expect(logs(world.run(3000))).to.not.include('stands');
  });

  it('returns: its vote counts again', () => {
    const world = director();
    leave(world, 3);
    world.ack(2);
    world.run(10);
    expect(logs(comeBack(world, 3))).to.include('board-returned');
    expect(gone(world.state.register)).to.deep.equal([]);
    expect(world.view().quorum.votes).to.equal(3);
  });

  it('what is so already writes nothing', () => {
    const world = director();
    const { index } = world.state.register;
    comeBack(world, 3);
    world.run(20);
    expect(world.state.register.index).to.equal(index);
  });
});

describe('votes that were taken, at an election', () => {
  const memory = { cluster: CLUSTER_NUMBER, term: 5, candidate: 3 };
  function candidate(): ClusterWorld {
    const world = new ClusterWorld({ memory });
    world.set(3, { verdict: 'down' });
    world.start();
    for (let tries = 0; tries < 100 && world.state.role !== 'candidate'; tries++) world.run(10);
    world.run(10);
    expect(world.state.role).to.equal('candidate');
    return world;
  }
  const of = (...left: BoardId[]) => without(registerOf({ term: 5, index: 9 }), ...left);

  it('a vote that brings a newer register counts by that: board 3 left, so both others have to vote', () => {
    const world = candidate();
    world.vote(2, { register: of(3) });
    expect(world.state.role).to.equal('director');
    expect(gone(world.state.register)).to.deep.equal([3]);
  });

  it('the vote of a board that left counts for nothing', () => {
    const world = candidate();
    world.vote(2, { register: of(2) });
    expect(world.state.role).to.equal('candidate');
  });

  it('a candidate that hears that it left is not elected', () => {
    const world = candidate();
    world.vote(2, { register: of(1) });
    expect(world.state.role).to.equal('candidate');
  });

  it('a board that left is voted for by nobody who knows it, but by one whose register is older', () => {
    const knows = led(new ClusterWorld({ memory, register: of(2) }));
    knows.set(3, { verdict: 'down' });
    knows.report();
    expect(sends(claim(knows, 2, 9, { term: 5, index: 8 }), 'vote')).to.deep.equal([]);
    expect(sends(claim(knows, 2, 9, { term: 5, index: 10 }), 'vote').length, 'it returned since').to.equal(1);
  });

  it('a board that left votes for nobody', () => {
    const world = led(new ClusterWorld({ memory, register: of(1) }));
    world.set(3, { verdict: 'down' });
    world.report();
    expect(sends(claim(world, 2, 9), 'vote')).to.deep.equal([]);
  });

  it('T5: a board that lost its memory counts answers by the newest register told, keeps that first, and then votes', () => {
    const world = new ClusterWorld({ self: 3, memory: null });
    world.set(2, { term: 8, director: 2, elected: true });
    world.pulse = { ...world.pulse, term: 8, director: 2 };
    world.start();
    const answer = (from: BoardId, register?: Register) =>
      world.hear(from, {
        kind: 'remembered',
        boot: OWN_BOOT,
        incarnation: 1,
        term: 8,
        amnesiac: false,
        ...(register ? { register } : {}),
      });
    world.diskWorks = false;
    world.run(600);
    answer(1, without(registerOf({ term: 8, index: 4 }), 2));
    world.run(50);
    expect(world.state.amnesiac, 'of votes 1 and 3, its own not counted, one is no majority').to.equal(true);
    answer(2, without(registerOf({ term: 8, index: 6 }), 1));
    world.run(50);
    expect(world.state.amnesiac, 'the answer of 1 counts for nothing by the newest').to.equal(true);
    answer(1, registerOf({ term: 8, index: 7 }));
    const kept = world.run(50);
    expect(world.state.amnesiac, 'it is not on disk').to.equal(true);
    expect(sends(kept, 'wrote'), 'T4: nothing is acknowledged meanwhile').to.deep.equal([]);
    world.step({ kind: 'register-kept', term: 8, index: 7 });
    expect(world.state.amnesiac).to.equal(false);
    expect(world.state.register.index).to.equal(7);
  });
});
