import { LiveLine } from '../demo/show.js';
import { exitCodes } from '../exit-codes.js';
import { print, refuse } from '../say.js';
import { machine } from './machine.js';
import type { Row } from './row.js';
import { table } from './show.js';
import { type Suite, type SuiteOptions, suites } from './suites.js';

export interface BenchOptions {
  readonly json?: boolean;
  readonly runs?: string;
  readonly cases?: string;
  readonly peers?: string;
}

const runsMax = 1_000;

/** Names that were asked for; a failure's sentence when one of them does not exist. */
export function chosen(
  what: string,
  wanted: string | undefined,
  known: readonly string[],
): readonly string[] | undefined | { readonly message: string } {
  if (wanted === undefined) return undefined;
  const names = wanted.split(',').map((name) => name.trim());
  const stray = names.find((name) => !known.includes(name));
  return stray === undefined ? names : { message: `there is no ${what} "${stray}"; there are ${known.join(', ')}` };
}

function read(suite: Suite, options: BenchOptions): Omit<SuiteOptions, 'say'> | { readonly message: string } {
  const runs = options.runs === undefined ? undefined : Number(options.runs);
  if (runs !== undefined && !(Number.isInteger(runs) && runs >= 1 && runs <= runsMax)) {
    return { message: `--runs ${options.runs}: a whole number from 1 to ${runsMax} is needed` };
  }
  const cases = chosen('case', options.cases, suite.cases);
  if (cases !== undefined && 'message' in cases) return cases;
  const peers = options.peers === 'none' ? [] : chosen('peer', options.peers, suite.peers);
  if (peers !== undefined && 'message' in peers) return peers;
  return { runs, cases, peers };
}

/** Resolves to the exit code: 0 done, 100 usage. Throws `LabError` where a lab cannot be made. */
export async function runBench(name: string | undefined, options: BenchOptions): Promise<number> {
  const loaders = name === undefined ? Object.values(suites) : [suites[name]];
  const live = new LiveLine(options.json ? process.stderr : process.stdout);
  for (const load of loaders) {
    if (load === undefined) {
      return refuse({
        code: 'USAGE',
        message: `there is no suite "${name}"; there are ${Object.keys(suites).join(', ')}`,
      });
    }
    const suite = await load();
    const setting = read(suite, options);
    if ('message' in setting) return refuse({ code: 'USAGE', message: setting.message });
    const where = machine();
    const beganMs = performance.now();
    let rows: readonly Row[];
    try {
      rows = await suite.run({ ...setting, say: (doing) => live.set(doing) });
    } finally {
      live.clear();
    }
    const tookS = Math.round((performance.now() - beganMs) / 1000);
    if (options.json) for (const row of rows) print(JSON.stringify(row));
    else print([`${suite.name}: ${where} at the start; ${tookS} s`, '', ...table(rows)].join('\n'));
  }
  return exitCodes.done;
}
