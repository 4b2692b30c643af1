import { outageAround, type Reply } from '@softset/lab/outage.js';
import { expect } from 'chai';
import fc from 'fast-check';

const replies = (board: string, from: number, to: number): Reply[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ atMs: from + i, board }));

describe('the outage around an instant', () => {
  it('is nothing while each probe is answered', () => {
    expect(outageAround(replies('a', 0, 100), 50, 30, 1, 100).outageMs).to.equal(0);
  });

  it('is the gap between two replies less one interval, and says who answered before and after', () => {
    const seen = [...replies('a', 0, 50), ...replies('b', 88, 200)];
    expect(outageAround(seen, 50.5, 100, 1, 200)).to.deep.equal({
      outageMs: 37,
      lastBeforeMs: 50,
      firstAfterMs: 88,
      boardBefore: 'a',
      boardAfter: 'b',
    });
  });

  it('takes the longest of several', () => {
    const seen = [...replies('a', 0, 10), ...replies('a', 15, 20), ...replies('a', 40, 60)];
    expect(outageAround(seen, 5, 50, 1, 60).outageMs).to.equal(19);
  });

  it('counts a gap that began before the window and one that ends after it, and none outside', () => {
    const seen = [...replies('a', 0, 10), ...replies('a', 30, 60), ...replies('a', 90, 100)];
    expect(outageAround(seen, 20, 5, 1, 100).outageMs).to.equal(19);
    expect(outageAround(seen, 58, 5, 1, 100).outageMs).to.equal(29);
    expect(outageAround(seen, 40, 10, 1, 100).outageMs).to.equal(0);
  });

  it('lasts until now when no reply has come since', () => {
    const seen = outageAround(replies('a', 0, 50), 50, 1_000, 1, 400);
    expect(seen.outageMs).to.equal(349);
    expect(seen.firstAfterMs).to.equal(undefined);
    expect(outageAround([], 50, 1_000, 1, 400)).to.include({ outageMs: 349, lastBeforeMs: undefined });
  });

  it('is never longer than the whole time and never negative', () => {
    const times = fc.array(fc.double({ min: 0, max: 1_000, noNaN: true }), { maxLength: 50 });
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 1_000 }), (atMs, instantMs) => {
        const seen = atMs.sort((a, b) => a - b).map((t) => ({ atMs: t, board: 'a' }));
        const { outageMs } = outageAround(seen, instantMs, 100, 1, 2_000);
        expect(outageMs).to.be.within(0, 2_000);
        // A naive twin: no reply at all in the middle of the window means that the outage covers it.
        const inWindow = seen.some((r) => r.atMs > instantMs && r.atMs < instantMs + 100);
        if (!inWindow) expect(outageMs).to.be.at.least(99);
      }),
    );
  });
});
