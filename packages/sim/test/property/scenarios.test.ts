import { RULE_SCENARIOS } from '@softset/sim/scenarios/index.js';
import { firstViolation } from '@softset/sim/scenarios/scenario.js';
import { STORIES } from '@softset/sim/scenarios/stories.js';
import { expect } from 'chai';

/** Seeds only move a scenario's times by some ms: these are enough for each to strike where it hurts. */
const SEEDS = 12;

describe('each rule has a story that goes wrong without it', function () {
  this.timeout(240_000);

  for (const scenario of [...RULE_SCENARIOS, ...STORIES]) {
    it(`${scenario.name}: clean`, () => {
      const found = firstViolation(scenario, SEEDS, []);
      expect(found?.violations, `seed ${found?.seed}\n${found?.last.join('\n')}`).to.equal(undefined);
    });

    const { rule } = scenario;
    if (rule === undefined) continue;
    it(`${scenario.name}: violated without ${rule}`, () => {
      const found = firstViolation(scenario, SEEDS, [rule]);
      expect(found, `${rule} was left out and nothing happened`).not.to.equal(undefined);
    });
  }
});
