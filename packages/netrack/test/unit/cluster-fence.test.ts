import type { BoardId } from '@softset/protocol';
import { expect } from 'chai';
import { ClusterWorld, logs, takes } from './cluster-world.js';

/** Board 1 directs, board 2 holds `media` (fast) and `voice` (strict), and both are fenced. */
function fenced(): ClusterWorld {
  const world = new ClusterWorld();
  for (const service of world.config.cluster.services) Object.assign(service, { fencing: 'power' });
  world.elect();
  for (const board of [3, 4]) world.stockOf(board);
  world.ack(2, 3, 4);
  world.run(20);
  world.ack(2, 3, 4);
  for (const service of ['media', 'voice']) {
    const { grant } = world.serve(service, 2);
    if (!grant) throw new Error('not served');
    world.ack(2, 3);
    world.outcome(2, service, grant, 'taken');
    world.ack(2, 3);
  }
  return world;
}
function becomes(world: ClusterWorld, board: BoardId, verdict: 'down' | 'up' | 'stalled' | 'silent'): void {
  const heard = verdict === 'up';
  world.set(board, { verdict, paths: { A: heard, B: heard } });
  world.report();
}
const phase = (world: ClusterWorld, service: string) =>
  world.view().services.find((one) => one.service === service)?.phase;

describe('fencing', () => {
  it('a fast service moves without waiting for it, a strict one is silent until it is confirmed', () => {
    const world = fenced();
    becomes(world, 2, 'down');
    expect([phase(world, 'media'), phase(world, 'voice')]).to.deep.equal(['free', 'silent']);
    world.run(2000);
    expect(phase(world, 'voice'), 'its lease ran out long ago, and that is not enough').to.equal('silent');
    world.step({ kind: 'fenced', board: 2 });
    expect(phase(world, 'voice')).to.equal('free');
  });

  it('and moves then: the old holder is abandoned (M3), and the order says who it was (M6)', () => {
    const world = fenced();
    becomes(world, 2, 'down');
    world.step({ kind: 'fenced', board: 2 });
    world.run(50);
    world.serve('voice', 4);
    world.ack(3);
    const [order] = takes(world.run(50));
    expect(order).to.deep.include({ to: 4, service: 'voice', formerly: 2 });
    expect(world.entry('voice')?.abandoned.map(({ board }) => board)).to.deep.equal([2]);
  });

  for (const verdict of ['up', 'silent'] as const) {
    it(`the word that a board was fenced that is ${verdict} counts for nothing`, () => {
      const world = fenced();
      becomes(world, 2, verdict);
      expect(logs(world.step({ kind: 'fenced', board: 2 }))).to.include('fence-ignored');
      becomes(world, 2, 'down');
      expect(phase(world, 'voice')).to.equal('silent');
    });
  }

  it('a fence says nothing of the next silence of a board that was heard since', () => {
    const world = fenced();
    becomes(world, 2, 'down');
    world.step({ kind: 'fenced', board: 2 });
    becomes(world, 2, 'up');
    becomes(world, 2, 'down');
    expect(phase(world, 'voice')).to.equal('silent');
  });

  it('a stalled holder whose power is gone is no holder', () => {
    const world = fenced();
    becomes(world, 2, 'stalled');
    world.run(2000);
    expect(phase(world, 'voice')).to.equal('silent');
    world.step({ kind: 'fenced', board: 2 });
    expect(phase(world, 'voice')).to.equal('free');
  });

  it('of boards that the register does not name, an ended lease is enough: a dark spare need not be fenced (R3)', () => {
    const world = fenced();
    becomes(world, 4, 'down');
    world.run(1000);
    world.serve('voice', 1);
    world.ack(3);
    world.outcome(2, 'voice', world.entry('voice')?.holder?.grant ?? { term: 0, n: 0 }, 'released');
    world.ack(3);
    expect(
      takes(world.effects)
        .filter(({ service }) => service === 'voice')
        .at(-1)?.to,
    ).to.equal(1);
  });

  it('a board that does not direct notes no fence', () => {
    const world = new ClusterWorld();
    becomes(world, 2, 'down');
    expect(logs(world.step({ kind: 'fenced', board: 2 }))).to.include('fence-ignored');
  });
});
