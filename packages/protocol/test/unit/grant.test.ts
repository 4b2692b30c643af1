import { compareGrants, type Grant, NO_GRANT } from '@softset/protocol/grant.js';
import { compareVersions } from '@softset/protocol/register.js';
import { expect } from 'chai';
import fc from 'fast-check';

describe('grants and register versions', () => {
  /** Ascending; each is later than every one before it (M2, M5). */
  const ascending: readonly Grant[] = [
    NO_GRANT,
    { term: 0, n: 1 },
    { term: 1, n: 0 },
    { term: 1, n: 9 },
    { term: 2, n: 1 },
    { term: 10, n: 0 },
  ];

  it('grants are ordered by their term, then by their number', () => {
    for (const [i, a] of ascending.entries()) {
      for (const [j, b] of ascending.entries())
        expect(Math.sign(compareGrants(a, b)), `${i} and ${j}`).to.equal(Math.sign(i - j));
    }
  });

  it('versions are ordered by their term, then by their index (R1)', () => {
    for (const [i, a] of ascending.entries()) {
      for (const [j, b] of ascending.entries()) {
        const sign = Math.sign(compareVersions({ term: a.term, index: a.n }, { term: b.term, index: b.n }));
        expect(sign, `${i} and ${j}`).to.equal(Math.sign(i - j));
      }
    }
  });

  it('sorting never goes back, up to the greatest numbers that the wire carries', () => {
    const number = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(fc.array(fc.record({ term: number, n: number }), { maxLength: 20 }), (grants) => {
        const sorted = [...grants].sort(compareGrants);
        for (const [i, grant] of sorted.entries()) {
          const before = sorted[i - 1];
          if (before)
            expect(before.term < grant.term || (before.term === grant.term && before.n <= grant.n)).to.equal(true);
        }
      }),
    );
  });
});
