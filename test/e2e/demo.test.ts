import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StepReport } from '@softset/cli/demo/step.js';
import { stepIds } from '@softset/cli/demo/step.js';
import { listLabs } from '@softset/lab';
import { expect } from 'chai';
import { patience } from './bench.js';

const softset = fileURLToPath(new URL('../../packages/cli/bin/softset.js', import.meta.url));
const name = 'e2e-demo';

interface Summary {
  readonly step: 'summary';
  readonly ok: boolean;
  readonly holdersMax: number;
}

/** Plays the demonstration as a user does. Each line of standard output is an object. */
async function play(args: readonly string[]): Promise<{ code: number | null; objects: unknown[]; err: string }> {
  const child = spawn(process.execPath, [softset, 'demo', '--json', '--name', name, ...args]);
  let out = '';
  let err = '';
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    err += bytes.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    code,
    objects: out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    err,
  };
}

describe('the demonstration', function () {
  this.timeout(240_000 * patience);
  let played: Awaited<ReturnType<typeof play>>;
  let steps: readonly StepReport[] = [];

  before(async () => {
    // Calm: seven boards' daemons on two processors that a test machine may share; the quick times are the benchmark's.
    played = await play(['--calm']);
    steps = played.objects.slice(0, -1) as StepReport[];
  });

  it('plays every step, in the fixed order, and sums up', () => {
    expect(
      steps.map((step) => step.step),
      played.err,
    ).to.deep.equal([...stepIds]);
    expect((played.objects.at(-1) as Summary).step).to.equal('summary');
  });

  for (const id of stepIds) {
    it(`${id}: recovers, and never has two holders`, () => {
      const step = steps.find((one) => one.step === id);
      expect(step, played.err).to.include.keys('fault', 'diagnosis', 'holderBefore', 'holderAfter', 'budgetMs');
      expect(step?.outageMs).to.be.a('number');
      expect(step?.holdersMax, JSON.stringify(step)).to.equal(1);
      expect(step?.ok, JSON.stringify(step)).to.equal(true);
    });
  }

  const moves = ['crash', 'crash-director', 'program-move', 'daemons-lost', 'freeze', 'planned'];
  it(`moves the service in ${moves.join(', ')}, and in no other step`, () => {
    const moved = steps.filter((step) => step.holderBefore !== step.holderAfter).map((step) => step.step);
    expect(moved).to.deep.equal(moves);
  });

  it('names the three failures of (002 Fig. 8) for what they are', () => {
    const diagnosis = (id: string): string => steps.find((step) => step.step === id)?.diagnosis ?? '';
    expect(diagnosis('network-down')).to.match(/network A (failed|is mute)/);
    expect(diagnosis('network-mute')).to.include('network A is mute');
    expect(diagnosis('link-down')).to.match(/link of cpu-[12] to A failed/);
    expect(diagnosis('crash')).to.match(/board cpu-[12] failed/);
  });

  it('ends with 0, and leaves nothing behind', () => {
    expect(played.objects.at(-1)).to.include({ ok: true, holdersMax: 1 });
    expect(played.code).to.equal(0);
    expect(listLabs().map((lab) => lab.name)).to.not.include(name);
  });
});
