import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.mjs';
import { empty } from './tally.mjs';

/** All `*.test.js` below `folder`, sorted; none where the folder is missing. */
export function testFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * Runs mocha over `files` in a process of its own, so that a crash costs one group and not the rest.
 * `wrap` is put before the command line (`['unshare', …]`); `limitMs` bounds the whole group.
 * `human` is 'spec', 'dot' or 'silent'; `hold` prints all of it at the end, for a run beside another. `retries`: further tries of a test that fails; each is printed. Returns a tally, with
 * `again`: what to call for a second run of the files in which a test failed. A run that did not end counts as one failure
 * more.
 */
export async function runMocha(options) {
  const { root, name, files, human, hold = false, limitMs, lingerMs = 10_000, retries = 0, env, wrap = [] } = options;
  if (files.length === 0) return empty;
  const folder = mkdtempSync(join(tmpdir(), 'softset-test-'));
  const counts = join(folder, 'counts.json');
  const [command, ...args] = [
    ...wrap,
    process.execPath,
    join(root, 'node_modules/mocha/bin/mocha.js'),
    '--no-config',
    '--forbid-only',
    // Mocha's two seconds would be an assertion of speed; whoever hangs is ended all the same.
    '--timeout',
    '10000',
    '--retries',
    String(retries),
    '--reporter',
    join(root, 'scripts/mocha-reporter.mjs'),
    '--reporter-option',
    `human=${human},counts=${counts},lingerMs=${lingerMs}`,
    ...files,
  ];
  const output = human === 'silent' || hold ? 'collect' : 'show';
  try {
    const { code, signal, text, timedOut } = await run(command, args, { cwd: root, env, output, limitMs });
    if (hold) process.stdout.write(`\n${name}\n${text}`);
    const seen = existsSync(counts)
      ? JSON.parse(readFileSync(counts, 'utf8'))
      : { ...empty, failures: [], ended: false, files: {} };
    if (!seen.ended || (code !== 0 && seen.failed === 0)) {
      const why = timedOut ? `was ended after ${limitMs / 1000} s` : `ended with ${signal ?? `code ${code}`}`;
      seen.failed++;
      seen.failures.push(`the run ${why}`);
    }
    const tally = { ...seen, failures: seen.failures.map((title) => `${name}: ${title}`) };
    return { ...tally, again: (limits) => runAgain({ ...options, ...limits }, tally) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The tally, with the files in which a test failed run once more and counted anew. */
async function runAgain(options, tally) {
  const files = Object.entries(tally.files).filter(([, { failures }]) => failures.length > 0);
  if (files.length === 0) return tally;
  const titles = files.flatMap(([, { failures }]) => failures.map((title) => `${options.name}: ${title}`));
  const second = await runMocha({ ...options, hold: false, files: files.map(([file]) => file) });
  return {
    passed: tally.passed - files.reduce((all, [, { passed }]) => all + passed, 0) + second.passed,
    failed: tally.failed - titles.length + second.failed,
    skipped: [...new Set([...tally.skipped, ...second.skipped])],
    failures: [...tally.failures.filter((title) => !titles.includes(title)), ...second.failures],
  };
}
