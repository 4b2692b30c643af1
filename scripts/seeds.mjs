import { join } from 'node:path';
import { root } from './places.mjs';
import { run } from './run.mjs';
import { empty } from './tally.mjs';

/** Beyond the seconds that it is given, for a run under way and the threads to end, ms. */
const GRACE_MS = 30_000;

/**
 * Runs whole simulated clusters for some seconds, from a seed on, one at a time, as it runs beside other tests; prints
 * at its end how many there were. A violation is a failure.
 */
export async function simulateFor(seconds, firstSeed, env) {
  const args = ['--seconds', String(seconds), '--seed', String(firstSeed), '--jobs', '1'];
  return simulate(args, seconds * 1000 + GRACE_MS, env, 'hold');
}

/** `softset sim` with these arguments, counted as one test. */
export async function simulate(args, limitMs, env, output = 'show') {
  const program = join(root, 'packages/cli/bin/softset.js');
  const hold = output === 'hold';
  const { code, timedOut, text } = await run(process.execPath, [program, 'sim', ...args], {
    cwd: root,
    env,
    limitMs,
    output: hold ? 'collect' : output,
  });
  if (hold) process.stdout.write(`\nsimulator\n${text}`);
  if (code === 0) return { ...empty, passed: 1 };
  const why = timedOut ? `was ended after ${limitMs / 1000} s` : `ended with code ${code}`;
  return { ...empty, failed: 1, failures: [`simulator: the run ${why}`] };
}

/** One commit always tries the same seeds, and another one others: its first 24 bits. 1 where there is no git. */
export async function seedOfCommit() {
  const { code, text } = await run('git', ['rev-parse', '--short=6', 'HEAD'], { cwd: root });
  const seed = Number.parseInt(text.slice(0, 6), 16);
  return code === 0 && Number.isInteger(seed) ? seed : 1;
}
