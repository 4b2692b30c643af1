import { expect } from 'chai';
import { script } from './planted.js';

interface Seeds {
  simulate(
    args: readonly string[],
    limitMs: number,
    env: NodeJS.ProcessEnv,
    output: 'collect',
  ): Promise<{ readonly passed: number; readonly failed: number }>;
}

describe('seeds of the simulator among the tests', function () {
  this.timeout(60_000);
  const story = ['--scenario', 'L5: an address', '--runs', '2'];

  it('clean ones are one test that passed', async () => {
    const { simulate } = await script<Seeds>('seeds.mjs');
    expect(await simulate(story, 50_000, process.env, 'collect')).to.include({ passed: 1, failed: 0 });
  });

  it('a violation is a failure', async () => {
    const { simulate } = await script<Seeds>('seeds.mjs');
    const violated = await simulate([...story, '--without', 'L5'], 50_000, process.env, 'collect');
    expect(violated).to.include({ passed: 0, failed: 1 });
  });

  it('a run that hangs is ended, and is a failure', async () => {
    const { simulate } = await script<Seeds>('seeds.mjs');
    const late = await simulate(['--seconds', '60'], 1000, process.env, 'collect');
    expect(late).to.include({ passed: 0, failed: 1 });
  });
});
