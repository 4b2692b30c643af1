import { GroupsSim } from '@softset/sim/groups/groups-sim.js';
import { crashWithin } from '@softset/sim/groups/within.js';
import { expect } from 'chai';
import fc from 'fast-check';

const withinMs = (): number => 35;

describe('chassis above chassis', function () {
  this.timeout(120_000);

  it('a crash is known to every delegate, no chassis that lives is called gone, and all agree in the end', () => {
    const weather = fc.record({
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      loss: fc.integer({ min: 0, max: 30 }),
      stallsPerMinute: fc.integer({ min: 0, max: 6 }),
    });
    fc.assert(
      fc.property(weather, ({ seed, loss, stallsPerMinute }) => {
        const sim = new GroupsSim({ boards: 6 * 64, seed, loss, stallsPerMinute, withinMs });
        sim.runFor(2000);
        const director = sim.groups.get(1)?.delegates[0] ?? 0;
        for (const [group, board] of [
          [0, 40],
          [1, director],
          [2, 3],
        ] as const) {
          const { n } = sim.groups.get(group) ?? { n: 0 };
          sim.crash(group, board);
          const tookMs = sim.until(() => (sim.groups.get(group)?.n ?? 0) > n && sim.allKnow(group));
          expect(tookMs, `the crash of board ${board} in group ${group}`).to.not.equal(undefined);
        }
        sim.lose(5);
        expect(
          sim.until(() => sim.allMiss(5)),
          'a chassis is gone',
        ).to.not.equal(undefined);
        expect(
          sim.until(() => sim.agreed()),
          'all agree',
        ).to.not.equal(undefined);
        sim.runFor(3000);
        expect(sim.falseGone).to.equal(0);
        // One that stands still for up to a second may be called dead, seldom, and takes it back (docs/adr/0024).
        if (stallsPerMinute === 0) expect(sim.falseDead).to.equal(0);
      }),
      { numRuns: 10 },
    );
  });

  it('in a chassis of 12 boards with its real cores a crash is seen by all, and nobody else is called down', () => {
    const found = crashWithin(12, 1, 'other');
    expect(found?.falseDown).to.equal(0);
  });
});
