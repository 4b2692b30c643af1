import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { patience, run } from './bench.js';

const program = fileURLToPath(new URL('../../packages/cli/bin/softset.js', import.meta.url));

describe('softset bench', function () {
  this.timeout(120_000 * patience);

  it('plays one round of one case, and prints its row', () => {
    const args = ['bench', 'failover', '--runs', '1', '--cases', 'planned', '--peers', 'none', '--json'];
    const { code, out, err } = run(program, args, 110_000);
    expect(code, err).to.equal(0);
    const rows = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { suite: string; case: string; unit: string; ours: { n: number } });
    expect(rows.map((row) => [row.suite, row.case, row.unit, row.ours.n])).to.deep.equal([
      ['failover', 'planned', 'ms', 1],
    ]);
  });
});
