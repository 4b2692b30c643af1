import { SCENARIOS } from '@softset/sim/scenarios/index.js';
import { firstViolation, simOf } from '@softset/sim/scenarios/scenario.js';
import { expect } from 'chai';

/** Seeds only move a scenario's times by some ms: these are enough for each to strike where it hurts. */
const SEEDS = 12;

describe('each rule has a story that goes wrong without it', function () {
  this.timeout(240_000);

  for (const scenario of SCENARIOS) {
    it(`${scenario.name}: clean`, () => {
      const found = firstViolation(scenario, scenario.seeds ?? SEEDS, []);
      expect(found?.violations, `${replay(scenario.name, found?.seed)}\n${found?.last.join('\n')}`).to.equal(undefined);
    });

    const { rule } = scenario;
    if (rule === undefined) continue;
    it(`${scenario.name}: violated without ${rule}`, () => {
      const found = firstViolation(scenario, SEEDS, [rule]);
      expect(found, `${rule} was left out and nothing happened`).not.to.equal(undefined);
      const again = simOf(scenario, found?.seed ?? 0, [rule]).run();
      expect(again.violations, 'its seed replays it').to.deep.equal(found?.violations);
    });
  }
});

function replay(name: string, seed: number | undefined): string {
  return `npm run sim -- --scenario ${JSON.stringify(name)} --seed ${seed} --runs 1 --trace`;
}
