import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { debianPackages, environment } from './debian.mjs';
import { DEVIATIONS, RULES, RUNS } from './model-runs.mjs';
import { inWords } from './model-story.mjs';
import { root } from './places.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';

/*
 * The rules of terms, register and lease, checked by spin. Each run is compiled in a folder of its own and bounded in
 * memory and time; two run side by side. Exit 0: all is as it should be; 1: a property does not hold, or a rule that was
 * taken out was not missed; 100: usage; 111: no spin or no C compiler here.
 */

const USAGE = `usage: npm run model -- [--only RUN] [--without RULE | --all-rules | --deviations] [--list]
  (nothing)       the runs that hold, in six minutes
  --only RUN      one of them, by its name
  --without RULE  without a rule: shows the counterexample, and fails
  --all-rules     without each rule in turn: fails where one is not missed
  --deviations    with what the code does or once did otherwise: shows each counterexample
  --list          names of runs and rules`;

/** A run's share of the 8 GB that the whole may take, MB. */
const MEMORY_MB = 3500;
/** States are looked for this deep, steps. */
const DEPTH = 20_000;
/** Bits of the bitstate table: 2^32 bits are 512 MB. */
const BITS = 32;

/** Compiles and runs one. `switches` are names that the model defines or not. */
export async function check(one, switches = [], env = environment()) {
  const folder = mkdtempSync(join(tmpdir(), 'softset-model-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // Whoever is asked to stop does not come to the end of this function.
  process.once('exit', remove);
  try {
    cpSync(join(root, 'model'), folder, { recursive: true });
    const defines = [
      ...Object.entries(one.bounds).map(([name, value]) => `-D${name}=${value}`),
      ...switches.map((name) => `-D${name}`),
    ];
    const spin = await run('spin', ['-a', ...defines, 'lease-model.pml'], { cwd: folder, env });
    if (spin.code !== 0 || !existsSync(join(folder, 'pan.c'))) return broken(one, `spin: ${spin.text.trim()}`);
    const kind = { all: [], bits: ['-DBITSTATE'], shortest: ['-DBFS'] }[one.search];
    const flags = ['-O1', '-w', '-DSAFETY', '-DNOFAIR', `-DMEMLIM=${MEMORY_MB}`, ...kind];
    const gcc = await run('gcc', [...flags, '-o', 'pan', 'pan.c'], { cwd: folder, env });
    if (gcc.code !== 0) return broken(one, `gcc: ${gcc.text.trim()}`);
    const minutes = one.minutes ?? 3;
    const args = ['-n', `-m${one.depth ?? DEPTH}`, `-Q${minutes}`, ...(one.search === 'bits' ? [`-w${BITS}`] : [])];
    const startMs = performance.now();
    const pan = await run('./pan', args, { cwd: folder, env, limitMs: (minutes + 1) * 60_000 });
    const result = { ...read(one, pan.text), seconds: (performance.now() - startMs) / 1000 };
    if (result.verdict !== 'violated') return result;
    const replay = await run('./pan', ['-r', '-n'], { cwd: folder, env, limitMs: 60_000 });
    return { ...result, story: storyOf(replay.text) };
  } finally {
    process.off('exit', remove);
    remove();
  }
}

function broken(one, why) {
  return { name: one.name, shows: one.shows, verdict: 'broken', states: 0, depth: 0, seconds: 0, why };
}

/** What pan says of itself. Nothing is taken for granted: a run without its closing lines did not hold. */
function read(one, text) {
  const number = (pattern) => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  const errors = number(/errors: (\d+)/);
  const states = number(/^\s*([\d.e+]+) states, stored/m);
  const depth = number(/depth reached (\d+)/);
  const stopped = /Search not completed|max search depth too small|time limit|MEMLIM|out of memory/i.test(text);
  const known = { name: one.name, shows: one.shows, states, depth };
  if (errors > 0)
    return { ...known, verdict: 'violated', why: /assertion violated .*?(?= \(at|\n)/.exec(text)?.[0] ?? '' };
  if (Number.isNaN(errors) || !(states > 0))
    return { ...known, verdict: 'broken', why: text.trim().split('\n').at(-1) ?? '' };
  return { ...known, verdict: stopped || one.search !== 'all' ? 'holds so far' : 'holds' };
}

/** The steps of a counterexample, as the model's steps print themselves. */
function storyOf(text) {
  return [...text.matchAll(/^\s*> (.*)$/gm)].map(([, step]) => step);
}

/** Runs them two at a time, and prints each as it ends. */
async function all(jobs, print, side = Math.min(2, availableParallelism())) {
  const results = new Array(jobs.length);
  let next = 0;
  const worker = async () => {
    while (next < jobs.length) {
      const at = next++;
      results[at] = await jobs[at]();
      print(results[at]);
    }
  };
  await Promise.all(Array.from({ length: side }, worker));
  return results;
}

const COLUMNS = [
  ['run', 22, (row) => row.name],
  ['property', 44, (row) => row.shows],
  ['states', 11, (row) => row.states.toLocaleString('en-US')],
  ['depth', 6, (row) => String(row.depth)],
  ['seconds', 8, (row) => row.seconds.toFixed(1)],
  ['verdict', 14, (row) => row.verdict],
];

function line(cell) {
  return COLUMNS.map(([title, width, value]) => {
    const text = cell ? value(cell) : title;
    return ['states', 'depth', 'seconds'].includes(title) ? text.padStart(width) : text.padEnd(width);
  })
    .join(' ')
    .trimEnd();
}

function print(row) {
  process.stdout.write(`${line(row)}\n`);
  if (row.verdict === 'broken') process.stdout.write(`  ${row.why}\n`);
}

function tell(row) {
  process.stdout.write(`\n${row.name}: ${row.why}\n`);
  for (const words of inWords(row.story ?? [])) process.stdout.write(`  ${words}\n`);
  process.stdout.write('\n');
}

const holds = ({ verdict }) => verdict === 'holds' || verdict === 'holds so far';

/** The run of a rule's story, without the rule. */
const withoutRule = (rule) => () => check({ search: 'all', ...RULES[rule], name: `without ${rule}` }, [`NO_${rule}`]);
const deviating = (name) => () => check({ search: 'all', ...DEVIATIONS[name], name }, [name]);

async function main() {
  let options;
  try {
    options = parseArgs({
      options: {
        only: { type: 'string' },
        without: { type: 'string' },
        'all-rules': { type: 'boolean' },
        deviations: { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    say(`${error.message}\n${USAGE}`);
    return 100;
  }
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const known = RUNS;
  if (options.list) {
    for (const { name, shows, bounds, search } of known)
      process.stdout.write(`${name}: ${shows}; ${search}; ${JSON.stringify(bounds)}\n`);
    process.stdout.write(`rules: ${Object.keys(RULES).join(' ')}\ndeviations: ${Object.keys(DEVIATIONS).join(' ')}\n`);
    return 0;
  }
  if (options.without !== undefined && !Object.hasOwn(RULES, options.without)) {
    say(`no rule ${options.without}; there are ${Object.keys(RULES).join(', ')}`);
    return 100;
  }
  if (options.only !== undefined && !known.some(({ name }) => name === options.only)) {
    say(`no run ${options.only}; there are ${known.map(({ name }) => name).join(', ')}`);
    return 100;
  }
  if ((await debianPackages(['model'])).length > 0) return 111;
  process.stdout.write(`${line()}\n`);

  if (options.without !== undefined) {
    const [row] = await all([withoutRule(options.without)], print);
    if (row.verdict !== 'violated') return row.verdict === 'broken' ? 111 : 0;
    tell(row);
    return 1;
  }
  if (options['all-rules'] || options.deviations) {
    const jobs = options.deviations ? Object.keys(DEVIATIONS).map(deviating) : Object.keys(RULES).map(withoutRule);
    const rows = await all(jobs, print);
    if (options.deviations) rows.filter(({ verdict }) => verdict === 'violated').forEach(tell);
    return rows.every(({ verdict }) => verdict === 'violated') ? 0 : 1;
  }
  const runs = options.only === undefined ? RUNS : known.filter(({ name }) => name === options.only);
  const rows = await all(
    runs.map((one) => () => check(one)),
    print,
  );
  for (const row of rows) if (row.verdict === 'violated') tell(row);
  if (rows.some(({ verdict }) => verdict === 'broken')) return 111;
  return rows.every(holds) ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = await main();
