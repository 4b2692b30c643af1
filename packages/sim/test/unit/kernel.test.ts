import { BoardClock } from '@softset/sim/board-clock.js';
import { Kernel } from '@softset/sim/kernel.js';
import { expect } from 'chai';

const GRANT = { term: 1, n: 2 };

describe('the model of a lease set (L3)', () => {
  const fresh = () => new Kernel(new BoardClock(1, 0, 5000));

  it('an element ends by itself, and a replacement fails on it', () => {
    const kernel = fresh();
    expect(kernel.add('web', GRANT, 'A', 250, 100)).to.deep.equal({ ok: true, untilMs: 5350 });
    expect(kernel.standing('web', 349)).to.include({ untilMs: 5350 });
    expect(kernel.standing('web', 350)).to.equal(undefined);
    expect(kernel.replace('web', GRANT, 'A', 250, 350).ok).to.equal(false);
  });

  it('a replacement extends one that stands; a plain add does not, and revives one that ran out', () => {
    const kernel = fresh();
    kernel.add('web', GRANT, 'A', 250, 100);
    expect(kernel.add('web', GRANT, 'A', 250, 200)).to.deep.equal({ ok: true, untilMs: 5350 });
    expect(kernel.replace('web', GRANT, 'A', 250, 200)).to.deep.equal({ ok: true, untilMs: 5450 });
    expect(kernel.add('web', GRANT, 'A', 250, 500)).to.deep.equal({ ok: true, untilMs: 5750 });
  });

  it('counts time by its own clock: 4 % slow, a lease of 250 ms lasts 260', () => {
    const kernel = new Kernel(new BoardClock(0.96, 0, 5000));
    kernel.add('web', GRANT, 'A', 250, 0);
    expect(kernel.standing('web', 260)).not.to.equal(undefined);
    expect(kernel.standing('web', 261)).to.equal(undefined);
  });
});
