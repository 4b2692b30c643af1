import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { script } from './planted.js';

interface Result {
  readonly verdict: string;
  readonly states: number;
  readonly why?: string;
  readonly story?: readonly string[];
}

interface Run {
  readonly name: string;
  readonly bounds: Record<string, number>;
  readonly search: 'all' | 'bits' | 'shortest';
}

interface Model {
  check(one: Run, switches?: readonly string[], env?: NodeJS.ProcessEnv): Promise<Result>;
}

interface Debian {
  environment(): NodeJS.ProcessEnv;
}

describe('the rules of terms and leases are checked by spin', function () {
  this.timeout(180_000);
  /** Two boards may hold, nobody else may stand, and no time beyond two terms: a second or two. */
  const smallest: Run = { name: 'smallest', bounds: { N: 3, STANDS: 4, POOL: 4 }, search: 'all' };

  async function checked(context: Mocha.Context, switches: readonly string[]): Promise<Result> {
    const { environment } = await script<Debian>('debian.mjs');
    const env = environment();
    const path = (env.PATH ?? '').split(delimiter);
    for (const tool of ['spin', 'gcc']) {
      if (!path.some((folder) => existsSync(join(folder, tool)))) context.skip();
    }
    const { check } = await script<Model>('model.mjs');
    return check(smallest, switches, env);
  }

  it('the smallest run sees all of its states, and no rule is broken', async function () {
    const result = await checked(this, []);
    expect(result, result.why).to.include({ verdict: 'holds' });
    expect(result.states).to.be.greaterThan(10_000);
  });

  it('without L5 it finds two elements, and tells how they came to stand', async function () {
    const result = await checked(this, ['NO_L5']);
    expect(result, result.why).to.include({ verdict: 'violated' });
    expect(result.story?.at(-1)).to.match(/^take\(2, \d\)$/);
  });

  it('what spin does not understand is no success', async function () {
    const result = await checked(this, ['LEASE=(']);
    expect(result.verdict).to.equal('broken');
  });
});
