import type { Grant } from '@softset/protocol';
import { expect } from 'chai';
import { dies, held } from './cluster-director.js';
import { type ClusterWorld, logs, orders, takes } from './cluster-world.js';

/** Board 2 holds `media`, whose program runs everywhere, and board 4 is to have it: a majority has that. */
function moving(options: { releaseMs?: number } = {}): { world: ClusterWorld; old: Grant; grant: Grant } {
  const { world, grant: old } = held('media', 2, { runsEverywhere: true, ...options });
  const { grant } = world.serve('media', 4);
  if (!grant) throw new Error('not served');
  return { world, old, grant };
}

const said = (effects: Parameters<typeof orders>[0]) =>
  orders(effects).map(({ to, kind, after, heir }) => [to, kind, after?.board ?? heir]);

describe('a planned move from hand to hand (M8)', () => {
  it('makes the heir ready first, once a majority has the grant; only then is the holder told to let go', () => {
    const { world, old, grant } = moving();
    expect(orders(world.run(100)), 'M4: the director alone is no majority').to.deep.equal([]);
    const [ready, ...rest] = orders(world.ack(3));
    expect(rest).to.deep.equal([]);
    expect(ready).to.deep.include({ to: 4, kind: 'take', grant, after: { board: 2, grant: old } });
    expect(
      said(world.run(100)).every(([to]) => to === 4),
      'repeated to the heir alone',
    ).to.equal(true);
    expect(said(world.outcome(4, 'media', grant, 'ready'))).to.deep.equal([[2, 'release', 4]]);
  });

  it('needs no further order where the heir hears the holder itself', () => {
    const { world, old, grant } = moving();
    world.ack(3);
    world.outcome(4, 'media', grant, 'ready');
    expect(takes(world.outcome(2, 'media', old, 'released')), 'it is taking it already').to.deep.equal([]);
    world.outcome(4, 'media', grant, 'taken');
    expect(world.entry('media')?.holder).to.deep.equal({ board: 4, grant });
    expect(takes(world.run(50))).to.deep.equal([]);
  });

  it('names the heir as holder when its word comes first, and goes on until the old one confirmed', () => {
    const { world, old, grant } = moving();
    world.ack(3);
    world.outcome(4, 'media', grant, 'ready');
    world.outcome(4, 'media', grant, 'taken');
    expect(world.entry('media')?.holder).to.deep.equal({ board: 4, grant });
    expect(world.state.lead?.possible.get(2)?.get('media')).to.deep.equal(old);
    expect(said(world.run(20))).to.deep.include([2, 'release', undefined]);
    world.outcome(2, 'media', old, 'released');
    expect(orders(world.run(50))).to.deep.equal([]);
  });

  it('orders it without the holder after an interval, where the heir did not hear it', () => {
    const { world, old, grant } = moving();
    world.ack(3);
    world.outcome(4, 'media', grant, 'ready');
    world.outcome(2, 'media', old, 'released');
    const again = takes(world.run(20));
    expect(again.length).to.be.greaterThan(0);
    for (const order of again) expect(order).to.deep.include({ to: 4, grant }).and.not.have.property('after');
  });

  it('fails, and the holder goes on, where the heir is never ready', () => {
    const { world, old, grant } = moving({ releaseMs: 400 });
    world.ack(3);
    const effects = world.run(420);
    expect(logs(effects)).to.include('move-failed').and.not.include('left-to-lease');
    expect(orders(effects).filter(({ to, kind }) => to === 2 && kind === 'release')).to.deep.equal([]);
    expect(world.entry('media')).to.deep.include({ holder: { board: 2, grant: old } });
    expect(world.entry('media')?.abandoned, 'it may still obey').to.deep.equal([{ board: 4, grant }]);
    world.outcome(4, 'media', grant, 'released');
    expect(world.entry('media')?.abandoned).to.deep.equal([]);
  });

  it('a holder that was asked and does not let go is left to its lease (M1 b)', () => {
    const { world, grant } = moving({ releaseMs: 400 });
    world.ack(3);
    world.run(200);
    world.outcome(4, 'media', grant, 'ready');
    expect(logs(world.run(390)), 'counted from when it was asked').to.not.include('left-to-lease');
    expect(logs(world.run(30))).to.include('left-to-lease');
  });

  it('a holder that dies meanwhile is no longer waited for', () => {
    const { world, old, grant } = moving();
    world.ack(3);
    dies(world, 2);
    world.ack(3);
    const [order] = takes(world.run(20)).slice(-1);
    expect(order).to.deep.include({ to: 4, grant, formerly: 2 }).and.not.have.property('after');
    expect(world.entry('media')?.abandoned).to.deep.equal([{ board: 2, grant: old }]);
  });

  it('a word of readiness for another grant, or by another board, is none', () => {
    const { world, old, grant } = moving();
    world.ack(3);
    world.outcome(3, 'media', grant, 'ready');
    world.outcome(4, 'media', old, 'ready');
    expect(said(world.run(50)).every(([to, kind]) => to === 4 && kind === 'take')).to.equal(true);
  });

  it('is not for a service whose program may run on one board at a time, nor for a holder that is stalled', () => {
    const exclusive = held('media', 2);
    expect(said(exclusive.world.serve('media', 4).effects)).to.deep.equal([[2, 'release', undefined]]);
    const { world } = held('media', 2, { runsEverywhere: true });
    world.set(2, { verdict: 'stalled' });
    world.report();
    world.serve('media', 4);
    expect(said(world.ack(3))).to.not.deep.include([4, 'take', 2]);
  });
});
