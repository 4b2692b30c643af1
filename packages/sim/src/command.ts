import { availableParallelism } from 'node:os';
import type { SimResult } from './cluster-sim.js';
import { runGroups } from './groups/command.js';
import { RULES, type Rule } from './rules-by-name.js';
import { runPool } from './run-pool.js';
import { type RunSetting, runSeed } from './run-seed.js';
import { scenarioNamed } from './scenarios/index.js';
import { INTERRUPTIONS, steps } from './scenarios/interruptions.js';

interface Options {
  seed: number;
  runs: number;
  seconds: number | undefined;
  boards: number | undefined;
  scenario: string | undefined;
  interruptions: string | undefined;
  jobs: number;
  without: Set<Rule>;
  trace: boolean;
  json: boolean;
}

const USAGE = `usage: softset sim [--seed N] [--runs M | --seconds S] [--boards N] [--jobs N]
                   [--scenario WORDS | --interruptions WORDS | --groups N] [--without RULE] [--trace] [--json]

  --seed N        the first seed (default 1)
  --runs M        how many runs, one seed after another (default 100, or 1 with --trace)
  --seconds S     as many runs as fit into S seconds
  --boards N      2 to 16 boards instead of what each seed draws
  --scenario W    tells a named story, the first whose name has these words, instead of drawing faults
  --interruptions W  every plan with these words in its name, or all, interrupted at every step of it
  --jobs N        how many runs at once (default: one for each core)
  --without RULE  leave a rule out, to see what it is for: ${RULES.join(' ')}
  --trace         print what happens, as it happens
  --groups N[,N…] systems of so many boards, in chassis of 64 with a ring above: what they detect, and when
  --json          one JSON line for each run that failed, and one for the end
`;

/** Exit codes: 0 all clean, 1 a violation, 100 usage. */
export async function runSimCommand(args: string[]): Promise<number> {
  if (args.includes('--groups')) return runGroups(args);
  const options = parse(args);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${USAGE}`);
    return 100;
  }
  const beganMs = performance.now();
  const total: Total = { runs: 0, violations: 0, excused: 0, overlapMsMax: 0 };
  if (options.interruptions !== undefined) return interruptions(options, options.interruptions, total);
  let seed = options.seed;
  const next = (): number | undefined => {
    const spentMs = performance.now() - beganMs;
    const enough =
      options.seconds === undefined ? seed - options.seed >= options.runs : spentMs >= options.seconds * 1000;
    return enough ? undefined : seed++;
  };
  const take = (result: SimResult): void => note(result, options, total);
  const setting: RunSetting = {
    without: [...options.without],
    ...(options.boards === undefined ? {} : { boards: options.boards }),
    ...(options.scenario === undefined ? {} : { scenario: options.scenario }),
  };
  if (options.trace) {
    const trace = (line: string): void => void process.stdout.write(`${line}\n`);
    for (let one = next(); one !== undefined; one = next()) take(runSeed(one, setting, trace));
  } else await runPool(options.jobs, setting, next, take);
  const seconds = Math.round((performance.now() - beganMs) / 1000);
  const last = options.seed + total.runs - 1;
  const end = { ...total, seeds: [options.seed, last], seconds };
  process.stdout.write(options.json ? `${JSON.stringify(end)}\n` : `${lastLine(end)}\n`);
  return total.violations > 0 ? 1 : 0;
}

interface Total {
  runs: number;
  violations: number;
  excused: number;
  overlapMsMax: number;
}

function note(result: SimResult, options: Options, total: Total): void {
  total.runs++;
  total.excused += result.excused === undefined ? 0 : 1;
  total.overlapMsMax = Math.max(total.overlapMsMax, result.overlapMsMax);
  if (result.violations.length === 0) return;
  total.violations++;
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : failure(result, options));
}

/** All steps of all plans with these words: one line for each interruption, and one for the end. */
async function interruptions(options: Options, words: string, total: Total): Promise<number> {
  for (const one of INTERRUPTIONS.filter(({ name }) => words === 'all' || name.includes(words))) {
    const { count, wrong } = steps(one);
    if (wrong !== undefined) {
      total.violations++;
      process.stdout.write(`${one.name}: does not end well when nothing comes between: ${wrong}\n`);
      continue;
    }
    const before = { ...total };
    let seed = 0;
    const next = (): number | undefined => (seed < count ? ++seed : undefined);
    const setting = { without: [...options.without], scenario: one.name };
    const own = { ...options, scenario: one.name };
    await runPool(options.jobs, setting, next, (result) => note(result, own, total));
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ name: one.name, runs: count, violations: total.violations - before.violations })}\n`
        : `${one.name}: ${count} steps, ${total.violations - before.violations} violations\n`,
    );
  }
  const { runs, violations, excused, overlapMsMax } = total;
  const end = `${runs} interruptions, ${violations} violations, ${excused} excused, overlap under (c): max ${Math.round(overlapMsMax)} ms`;
  process.stdout.write(options.json ? `${JSON.stringify(total)}\n` : `${end}\n`);
  return violations > 0 || runs === 0 ? 1 : 0;
}

function lastLine(end: {
  runs: number;
  violations: number;
  excused: number;
  overlapMsMax: number;
  seeds: number[];
  seconds: number;
}): string {
  const { runs, violations, excused, overlapMsMax, seeds, seconds } = end;
  const [first, last] = seeds;
  return `${runs} runs, ${violations} violations, ${excused} excused, overlap under (c): max ${Math.round(overlapMsMax)} ms, seeds ${first}–${last}, ${seconds} s`;
}

function failure(result: SimResult, options: Options): string {
  const [first] = result.violations;
  const boards = options.boards === undefined ? '' : ` --boards ${options.boards}`;
  const scenario = options.scenario === undefined ? '' : ` --scenario ${JSON.stringify(options.scenario)}`;
  const without = [...options.without].map((rule) => ` --without ${rule}`).join('');
  return [
    `seed ${result.seed}, ${result.boards} boards: ${first?.rule} violated at ${first?.atMs.toFixed(2)} ms`,
    `  ${first?.text}`,
    ...(options.trace ? [] : ['the last events:', ...result.last]),
    `replay: npm run sim -- --seed ${result.seed} --runs 1${boards}${scenario}${without} --trace`,
    '',
  ].join('\n');
}

/** The options, `help`, or what is wrong with them. */
function parse(args: readonly string[]): Options | string {
  const options: Options = {
    seed: 1,
    runs: args.includes('--trace') ? 1 : 100,
    seconds: undefined,
    boards: undefined,
    scenario: undefined,
    interruptions: undefined,
    jobs: availableParallelism(),
    without: new Set(),
    trace: false,
    json: false,
  };
  for (let i = 0; i < args.length; i++) {
    const name = args[i] ?? '';
    if (name === '--trace' || name === '--json') {
      options[name === '--trace' ? 'trace' : 'json'] = true;
      continue;
    }
    if (name === '--help' || name === '-h') return 'help';
    const value = args[++i];
    if (name === '--scenario') {
      options.scenario = scenarioNamed(value ?? '')?.name;
      if (options.scenario === undefined) return `--scenario ${value ?? ''}: no story has these words in its name`;
      continue;
    }
    if (name === '--interruptions') {
      const words = value ?? '';
      if (words !== 'all' && !INTERRUPTIONS.some((one) => one.name.includes(words)))
        return `--interruptions ${words}: no plan has these words in its name; all means all`;
      options.interruptions = words;
      continue;
    }
    if (name === '--without') {
      const rule = RULES.find((one) => one === value);
      if (rule === undefined) return `--without ${value ?? ''}: one of ${RULES.join(' ')}`;
      options.without.add(rule);
      continue;
    }
    const number = Number(value);
    if (name === '--seed' && inRange(number, 0, 0x7fffffff)) options.seed = number;
    else if (name === '--runs' && inRange(number, 1, 10_000_000)) options.runs = number;
    else if (name === '--seconds' && inRange(number, 1, 86_400)) options.seconds = number;
    else if (name === '--jobs' && inRange(number, 1, 256)) options.jobs = number;
    else if (name === '--boards' && inRange(number, 2, 16)) options.boards = number;
    else return `${name} ${value ?? ''}: not understood`;
  }
  return options;
}

function inRange(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}
