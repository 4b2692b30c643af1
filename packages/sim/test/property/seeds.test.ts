import { ClusterSim } from '@softset/sim/cluster-sim.js';
import { expect } from 'chai';

describe('a whole cluster under seeded faults', function () {
  this.timeout(240_000);

  it('is safe all along and whole again after healing, in 40 seeds', () => {
    const failed: string[] = [];
    for (let seed = 1001; seed <= 1040; seed++) {
      const [first] = new ClusterSim({ seed, boards: 2 + (seed % 6) }).run().violations;
      const replay = `npm run sim -- --seed ${seed} --runs 1 --boards ${2 + (seed % 6)} --trace`;
      if (first) failed.push(`${first.rule} at ${first.atMs.toFixed(1)} ms: ${first.text}; replay: ${replay}`);
    }
    expect(failed).to.deep.equal([]);
  });

  it('is the same run each time for one seed', () => {
    const lines = (): string[] => {
      const seen: string[] = [];
      const result = new ClusterSim({ seed: 5, boards: 4, trace: (line) => seen.push(line) }).run();
      return [...seen, `${result.events}`];
    };
    expect(lines()).to.deep.equal(lines());
  });
});
