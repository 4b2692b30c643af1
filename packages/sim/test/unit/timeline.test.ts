import { Timeline } from '@softset/sim/timeline.js';
import { expect } from 'chai';
import fc from 'fast-check';

describe('timeline', () => {
  it('performs events by time, and those of one time in the order of planning', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (times) => {
        const timeline = new Timeline();
        const seen: [number, number][] = [];
        for (const [i, atMs] of times.entries()) timeline.at(atMs, () => seen.push([atMs, i]));
        timeline.runUntil(100, () => false);
        expect(seen).to.deep.equal(
          times.map((atMs, i): [number, number] => [atMs, i]).sort((a, b) => a[0] - b[0] || a[1] - b[1]),
        );
        expect(timeline.nowMs).to.equal(100);
      }),
    );
  });

  it('plans nothing into the past, and stops when it is told to', () => {
    const timeline = new Timeline();
    const seen: number[] = [];
    timeline.at(5, () => timeline.at(1, () => seen.push(timeline.nowMs)));
    timeline.at(9, () => seen.push(9));
    timeline.runUntil(20, () => seen.length === 1);
    expect(seen).to.deep.equal([5]);
  });
});
