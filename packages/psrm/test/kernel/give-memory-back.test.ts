import { giveMemoryBack } from '@softset/psrm/adapters/give-memory-back.js';
import { expect } from 'chai';

const heapMb = (): number => process.memoryUsage().heapTotal / 1e6;

/** The heap while there is much in it that nobody holds any more when this returns. */
function filledMb(): number {
  const garbage = Array.from({ length: 500_000 }, (_, i) => ({ i, text: `number ${i}` }));
  return garbage.length > 0 ? heapMb() : 0;
}

describe('memory that only the start needed', function () {
  this.timeout(60_000);

  it('goes back, the schemas of the cluster file with it, and they serve again when they are needed', async () => {
    const { parseClusterFile } = await import('@softset/protocol/cluster-file.js');
    const wrong = (): string => {
      const read = parseClusterFile('version: 2\n', 'x.yaml');
      return read.ok ? '' : read.message;
    };
    const before = wrong();
    const fullMb = filledMb();
    await new Promise((resolve) => setTimeout(resolve, 1));
    giveMemoryBack();
    expect(heapMb()).to.be.lessThan(fullMb - 20);
    expect(before).to.contain('x.yaml:1');
    expect(wrong()).to.equal(before);
    expect('gc' in globalThis).to.equal(false);
  });
});
