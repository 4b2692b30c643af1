import { figures } from '@softset/cli/bench/figures.js';
import { expect } from 'chai';
import fc from 'fast-check';

describe('bench: figures of samples', () => {
  it('has none of nothing', () => {
    expect(figures([])).to.equal(null);
  });

  const table: readonly [string, readonly number[], readonly [number, number, number]][] = [
    ['one sample is all of them', [7], [7, 7, 7]],
    ['the median of an even number is between the two in the middle', [4, 1, 3, 2], [2.5, 4, 4]],
    ['the median of an odd number is the one in the middle, whatever the order', [30, 1, 2], [2, 30, 30]],
    ['of twenty, the 19th is p95', Array.from({ length: 20 }, (_, index) => 20 - index), [10.5, 19, 20]],
    ['numbers are sorted as numbers', [9, 10, 100], [10, 100, 100]],
    ['hundredths are kept', [1.2345, 1.2345], [1.23, 1.23, 1.23]],
  ];
  for (const [title, samples, [median, p95, max]] of table) {
    it(title, () => {
      expect(figures(samples)).to.deep.equal({ n: samples.length, median, p95, max });
    });
  }

  it('never puts the median above p95, nor p95 above the greatest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (samples) => {
          const of = figures(samples);
          expect(of?.median).to.be.at.most(of?.p95 ?? -1);
          expect(of?.p95).to.be.at.most(of?.max ?? -1);
          expect(of?.max).to.be.closeTo(Math.max(...samples), 0.01);
        },
      ),
    );
  });
});
