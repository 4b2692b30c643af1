import { simOf } from '@softset/sim/scenarios/scenario.js';
import { forcedAgainstTheLiving } from '@softset/sim/scenarios/stories/membership.js';
import { expect } from 'chai';

describe('what softset quorum force warns of', function () {
  this.timeout(60_000);
  const two = (without: boolean) =>
    [1, 2, 3, 4].map((seed) => {
      const story = without ? withoutTheForce() : forcedAgainstTheLiving;
      return simOf(story, seed, [])
        .run()
        .violations.map(({ rule }) => rule)[0];
    });
  const withoutTheForce = () => ({
    ...forcedAgainstTheLiving,
    plan: (...args: Parameters<typeof forcedAgainstTheLiving.plan>) =>
      forcedAgainstTheLiving.plan(...args).filter(({ kind }) => kind !== 'force'),
  });

  it('on the minority side, while the majority lives: two boards answer for a strict service', () => {
    expect(new Set(two(false))).to.deep.equal(new Set(['two-holders']));
  });

  it('and without the force the same cut is clean', () => {
    expect(two(true)).to.deep.equal([undefined, undefined, undefined, undefined]);
  });
});
