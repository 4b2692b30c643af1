import { sharedTick } from '@softset/psrm/shared-tick.js';
import { expect } from 'chai';
import fc from 'fast-check';

describe('waits that share their ticks', () => {
  it('a second and less is kept to the millisecond', () => {
    for (const waitMs of [-5, 0, 50, 999.5, 1000])
      expect(sharedTick(777.25 + waitMs, 777.25)).to.equal(777.25 + waitMs);
  });

  it('a longer one never ends early, and by a sixteenth of itself too late at most', () => {
    const wait = fc.double({ min: 1000.001, max: 1e9, noNaN: true });
    const now = fc.double({ min: 0, max: 1e10, noNaN: true });
    fc.assert(
      fc.property(now, wait, (nowMs, waitMs) => {
        const lateMs = sharedTick(nowMs + waitMs, nowMs) - (nowMs + waitMs);
        expect(lateMs).to.be.within(0, waitMs / 16);
      }),
    );
  });

  it('two hundred that are asked every ten seconds wake psrmd twenty times in ten seconds', () => {
    const due = Array.from({ length: 200 }, (_, i) => sharedTick(i * 50 + 10_000, i * 50));
    expect(new Set(due).size).to.be.within(19, 21);
    // Who shares a tick once goes on sharing it.
    const next = due.map((nowMs) => sharedTick(nowMs + 10_000, nowMs));
    expect(new Set(next).size).to.be.at.most(new Set(due).size);
  });
});
