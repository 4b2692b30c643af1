import { type Random, seededRandom } from '@softset/base';
import { expect } from 'chai';
import fc from 'fast-check';

const draw = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.next());

describe('seededRandom', () => {
  it('a seed replays the run', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(draw(seededRandom(seed), 50)).to.deep.equal(draw(seededRandom(seed), 50));
      }),
    );
  });

  it('neighbouring seeds give other runs', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), (seed) => {
        expect(draw(seededRandom(seed), 4)).to.not.deep.equal(draw(seededRandom(seed + 1), 4));
      }),
    );
  });

  it('the run of a seed never changes: a seed in a bug report must replay for years', () => {
    const first = (seed: number): number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 6 }, () => random.integer(0, 999));
    };
    expect(first(1)).to.deep.equal([505, 103, 60, 253, 957, 639]);
    expect(first(-20250101)).to.deep.equal([119, 760, 971, 856, 798, 475]);
  });

  it('numbers stay in their range', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: -50, max: 50 }), fc.nat(50), (seed, low, width) => {
        const random = seededRandom(seed);
        for (let i = 0; i < 20; i++) {
          expect(random.next()).to.be.within(0, 1).and.not.equal(1);
          const n = random.integer(low, low + width);
          expect(Number.isInteger(n) && n >= low && n <= low + width, String(n)).to.equal(true);
        }
      }),
    );
  });

  it('both ends of an integer range, and each item of a list, come up', () => {
    const random = seededRandom(7);
    const seen = new Set(Array.from({ length: 200 }, () => random.integer(3, 6)));
    expect([...seen].sort()).to.deep.equal([3, 4, 5, 6]);
    const picked = new Set(Array.from({ length: 200 }, () => random.pick(['a', 'b', 'c'])));
    expect([...picked].sort()).to.deep.equal(['a', 'b', 'c']);
  });

  it('chance: never at 0, always at 1, and about as often as asked between', () => {
    const random = seededRandom(11);
    const often = (p: number): number => Array.from({ length: 2000 }, () => random.chance(p)).filter(Boolean).length;
    expect(often(0)).to.equal(0);
    expect(often(1)).to.equal(2000);
    // 2000 × 0.3 ± 5 standard deviations; the seed is fixed, so this cannot fail by bad luck.
    expect(often(0.3)).to.be.within(498, 702);
  });

  it("a pick from nothing is a programmer's error", () => {
    expect(() => seededRandom(1).pick([])).to.throw(RangeError);
  });
});
