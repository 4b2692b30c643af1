import { ClusterSim } from '@softset/sim/cluster-sim.js';
import { expect } from 'chai';

const HOUR_MS = 3_600_000;

describe('the wall clock', () => {
  it('steps by an hour, forth and back, and no core notices: the run is the same', () => {
    const calm = lines();
    const real = globalThis.Date;
    let readings = 0;
    const stepped = (): number => real.UTC(2026, 0, 1) + (++readings % 2 === 0 ? HOUR_MS : -HOUR_MS) * readings;
    globalThis.Date = class extends real {
      constructor() {
        super(stepped());
      }
      static override now = stepped;
    } as DateConstructor;
    try {
      expect(lines()).to.deep.equal(calm);
    } finally {
      globalThis.Date = real;
    }
  }).timeout(60_000);
});

function lines(): string[] {
  const seen: string[] = [];
  new ClusterSim({ seed: 11, boards: 4, faultsMs: 1500, trace: (line) => seen.push(line) }).run();
  return seen;
}
