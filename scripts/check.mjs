import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { drift } from './generate.mjs';
import { importRules } from './import-rules.mjs';
import { lintMibs } from './mibs.mjs';
import { runMocha, testFiles } from './mocha.mjs';
import { packages, root } from './places.mjs';
import { run } from './run.mjs';
import { took } from './say.mjs';
import { setup } from './setup.mjs';
import { conclude, empty, sum } from './tally.mjs';

/*
 * Everything but the tests that need a kernel of their own: types, lint and format, import rules, generated files, MIBs,
 * unit and property tests. Each of the first five counts as one, passed or failed; the MIBs are skipped, by name, where
 * smilint is missing.
 */

/** Bounds a run that hangs; several times what it takes on a slow machine. */
const UNIT_LIMIT_MS = 600_000;

/** `onBuilt` is called between the build and the unit tests: what it starts may run beside them. */
export async function check(env, onBuilt = () => {}) {
  const steps = [
    await step('types', () => build({ env }).then(found)),
    await step('lint and format', () => biome(env)),
    await step('import rules', () => importRules().join('\n')),
    await step('generated files', () => drift().then((problems) => problems.join('\n'))),
    await mibs(env),
  ];
  const files = [
    ...packages().flatMap((folder) => testFiles(join(folder, 'dist-test'))),
    ...testFiles(join(root, 'dist-test/house')),
  ].filter((file) => !needsKernel(file));
  onBuilt();
  // In two processes: mocha runs one test at a time, and every machine has two processors. Stories take as long as the rest.
  const stories = files.filter((file) => file.includes('/sim/dist-test/property/scenarios'));
  const others = files.filter((file) => !stories.includes(file));
  const options = { root, human: 'dot', limitMs: UNIT_LIMIT_MS, env };
  const [told, unit] = await Promise.all([
    runMocha({ ...options, name: 'stories', files: stories, hold: true }),
    runMocha({ ...options, name: 'unit', files: others }),
  ]);
  return sum([...steps, unit, told]);
}

/** Tests that touch namespaces, addresses or rules lie in a folder named `kernel`. */
export function needsKernel(file) {
  return file.slice(root.length).includes('/kernel/');
}

async function mibs(env) {
  const linted = await lintMibs(env);
  if (linted.skipped !== undefined) return { ...empty, skipped: [linted.skipped] };
  return step('MIBs', () => linted.problem);
}

const found = ({ code, text }) => (code === 0 ? '' : text || `ended with code ${code}`);

function biome(env) {
  const bin = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = [
    bin,
    'ci',
    '--error-on-warnings',
    '--diagnostic-level=warn',
    '--max-diagnostics=50',
    '--colors=off',
    '.',
  ];
  return run(process.execPath, args, { cwd: root, env }).then(found);
}

/** `work` resolves to what is wrong, as text; '' when all is well. A throw is a failure and not the end. */
async function step(name, work) {
  const startMs = performance.now();
  let problem;
  try {
    problem = await work();
  } catch (error) {
    problem = error.stack ?? String(error);
  }
  const good = problem === '';
  process.stdout.write(`${good ? 'ok    ' : 'FAILED'} ${name} (${took(startMs)})\n`);
  if (!good) process.stdout.write(`${problem.trimEnd()}\n`);
  return good ? { ...empty, passed: 1 } : { ...empty, failed: 1, failures: [`check: ${name}`] };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { env } = await setup(['runtime', 'check']);
  process.exitCode = conclude(await check(env));
}
