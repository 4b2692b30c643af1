import { expect } from 'chai';
import { dies, director, held } from './cluster-director.js';
import { ClusterWorld, registerOf, takes } from './cluster-world.js';

describe('L5: the end of a lease that nobody confirms', () => {
  /** When the strict service of board 2 moves to board 4, after the death of board 2. */
  function movesAfter(world: ClusterWorld, from: number): number {
    for (let ms = 0; ms < 2000; ms += 10) {
      if (takes(world.run(10)).some(({ to }) => to === 4)) return world.nowMs - from;
      world.ack(3);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Board 2 holds the strict service, was echoed last 30 ms ago, and dies. */
  function holderDies(): { world: ClusterWorld; echoedMs: number } {
    const { world } = held('voice', 2);
    world.run(500);
    const echoedMs = world.nowMs - 30;
    world.echoedMs.set(2, echoedMs);
    dies(world, 2);
    return { world, echoedMs };
  }

  function wish(world: ClusterWorld): void {
    world.serve('voice', 4);
    world.ack(3);
  }

  it('counts from the receipt of the last beat that was echoed', () => {
    const { world, echoedMs } = holderDies();
    wish(world);
    expect(movesAfter(world, echoedMs)).to.be.within(270, 280);
  });

  it('counts only what this board lived through: not what its clock leapt by, and not what it was stopped for', () => {
    const { world, echoedMs } = holderDies();
    wish(world);
    world.run(50);
    for (const ms of [400, 3_600_000]) {
      world.nowMs += ms;
      world.run(50);
    }
    expect(movesAfter(world, echoedMs + 400 + 3_600_000)).to.be.within(270, 290);
  });

  it('a gap after its end changes nothing any more', () => {
    const { world } = holderDies();
    world.run(300);
    world.nowMs += 400;
    world.run(10);
    const fromMs = world.nowMs;
    wish(world);
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
