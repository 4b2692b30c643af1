import type { Change } from '@softset/protocol';
import { expect } from 'chai';
import { ClusterWorld, logs, sends } from './cluster-world.js';

function director(): ClusterWorld {
  const world = new ClusterWorld().elect();
  for (const board of [3, 4]) world.stockOf(board);
  world.ack(2, 3, 4);
  return world;
}
const pin: Change = { kind: 'pin', service: 'media', board: 4 };
const drain: Change = { kind: 'admin', board: 2, admin: 'drained' };
const admin = (world: ClusterWorld) => world.view().boards.find(({ board }) => board === 2)?.admin;
const pinOf = (world: ClusterWorld) => world.view().services.find(({ service }) => service === 'media')?.pin;

describe('a change that an operator wished', () => {
  it('is written by the director, shown, and counts when a majority has it', () => {
    const world = director();
    const effects = world.step({ kind: 'amend', change: drain });
    expect(logs(effects)).to.include('register-changed');
    expect(sends(effects, 'write').length).to.be.greaterThan(0);
    const { register } = world.view();
    expect(admin(world)).to.equal('drained');
    expect(register.committed).to.be.lessThan(register.index);
    world.ack(2);
    expect(world.view().register.committed).to.equal(register.index);
  });

  it('R2: the director’s own vote counts only once its disk has it', () => {
    const world = director();
    world.diskWorks = false;
    world.step({ kind: 'amend', change: pin });
    const { index } = world.view().register;
    world.ack(2);
    expect(world.view().register.committed, 'one voter and an unwritten disk').to.be.lessThan(index);
    world.ack(3);
    expect(world.view().register.committed).to.equal(index);
  });

  it('pins and unpins, and leaves the rest of the entry alone', () => {
    const world = director();
    const before = world.entry('media');
    world.step({ kind: 'amend', change: pin });
    expect(pinOf(world)).to.equal(4);
    expect(world.entry('media')).to.deep.equal({ ...before, pin: 4 });
    world.step({ kind: 'amend', change: { kind: 'unpin', service: 'media' } });
    expect(world.entry('media')).to.deep.equal(before);
  });

  it('prefers a network, on disk before it counts, and keeps nothing of it when A is preferred again', () => {
    const world = director();
    world.diskWorks = false;
    world.step({ kind: 'amend', change: { kind: 'prefer', network: 'B' } });
    expect(world.view().prefers).to.equal('B');
    world.ack(2);
    expect(world.view().register.committed, 'one voter and an unwritten disk').to.be.lessThan(
      world.view().register.index,
    );
    world.step({ kind: 'amend', change: { kind: 'prefer', network: 'A' } });
    expect(world.view()).to.not.have.property('prefers');
    expect(world.state.register).to.not.have.property('prefers');
  });

  it('a preferred network is the way to a board that is reached on both, in every word of it', () => {
    const world = director();
    const path = () => world.view().boards.find(({ board }) => board === 2)?.path;
    expect(path()).to.equal('A');
    world.step({ kind: 'amend', change: { kind: 'prefer', network: 'B' } });
    expect(path()).to.equal('B');
  });

  const nothing: readonly [string, Change][] = [
    ['that prefers what is preferred', { kind: 'prefer', network: 'A' }],
    ['that is so already', { kind: 'admin', board: 2, admin: 'in-service' }],
    ['of no pin', { kind: 'unpin', service: 'media' }],
    ['of an unknown service', { kind: 'pin', service: 'nothing', board: 1 }],
    ['for a board outside the pool', { kind: 'pin', service: 'media', board: 3 }],
    ['of an unknown board', { kind: 'admin', board: 60, admin: 'drained' }],
  ];
  for (const [what, change] of nothing) {
    it(`${what} writes nothing`, () => {
      const world = director();
      const { index } = world.state.register;
      world.step({ kind: 'amend', change });
      expect(world.state.register.index).to.equal(index);
    });
  }

  it('on a board that does not direct writes nothing', () => {
    const world = new ClusterWorld();
    const before = world.state.register;
    world.step({ kind: 'amend', change: drain });
    expect(world.state.register).to.equal(before);
  });
});
