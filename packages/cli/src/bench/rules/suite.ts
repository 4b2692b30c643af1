import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rulesProgram } from '../../programs-beside.js';
import { type Measured, makeRow, nothingMeasured, type Row } from '../row.js';
import type { Suite, SuiteOptions } from '../suites.js';

const decisions = ['10-rules', '200-rules', '1000-rules'] as const;
/** A file of so many rules, as `softset rules check` reads it: the most that are taken, and more, which are refused. */
const loads = { 'load-2000': { count: 2000, code: 0 }, 'refuse-10000': { count: 10_000, code: 1 } } as const;
const cases = [...decisions, ...(Object.keys(loads) as (keyof typeof loads)[])];
const peer = 'json-rules-engine';
const usualRuns = 200;
/** The design's: 200 rules, one changed fact to the decision, p50 at most 1 ms. */
const budgets: Readonly<Record<string, number>> = { '200-rules': 1 };
const loadBudgetMs = 3000;
const loadRuns = 5;
const limitMs = 120_000;

async function run(options: SuiteOptions): Promise<readonly Row[]> {
  const isWanted = (id: string): boolean => options.cases?.includes(id) ?? true;
  const wanted = decisions.filter(isWanted);
  const beside = options.peers?.includes(peer) ?? true;
  const rows: Row[] = [];
  for (const id of wanted) {
    options.say(id);
    const args = [rulesProgram, 'measure', id.split('-')[0] ?? '', '--runs', String(options.runs ?? usualRuns)];
    // A process of its own for each case: one engine's garbage must not be collected in another's time.
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: limitMs });
    const { ours, peer: theirs } = JSON.parse(stdout) as { ours: number[]; peer: number[] };
    const measured = (samples: number[]): Measured => ({ ...nothingMeasured, samples });
    rows.push(
      makeRow({
        ...{ suite: 'rules', case: id, unit: 'ms', budget: budgets[id] ?? null, ours: measured(ours) },
        peers: beside ? { [peer]: measured(theirs) } : {},
      }),
    );
  }
  for (const [id, { count, code }] of Object.entries(loads).filter(([one]) => isWanted(one))) {
    options.say(id);
    const samples = await loadTimes(count, code, Math.min(options.runs ?? loadRuns, loadRuns));
    const ours = { ...nothingMeasured, samples };
    const silent: Measured = { samples: [], notes: ['it reads no files'] };
    rows.push(
      makeRow({
        ...{ suite: 'rules', case: id, unit: 'ms', budget: loadBudgetMs, ours },
        peers: beside ? { [peer]: silent } : {},
      }),
    );
  }
  return rows;
}

/** From the start of the program to its verdict, each time anew; throws where that is another than `code`. */
async function loadTimes(count: number, code: number, runs: number): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'softset-rules-'));
  try {
    const file = join(folder, 'many.yaml');
    const all = '{ all: [ board.io-1.state is down, board.io-2.health > 3, service.media.holder is io-1 ] }';
    const rules = Array.from({ length: count }, (_, i) => `  - { name: r${i}, when: ${all}, do: [ { alarm: x } ] }`);
    writeFileSync(file, `version: 1\nrules:\n${rules.join('\n')}\n`);
    const samples: number[] = [];
    for (let run = 0; run < runs; run++) {
      const startMs = performance.now();
      const done = spawnSync(process.execPath, [rulesProgram, 'check', file], { encoding: 'utf8', timeout: limitMs });
      samples.push(performance.now() - startMs);
      if (done.status !== code) throw new Error(`a file of ${count} rules: exit ${done.status}: ${done.stderr}`);
    }
    return samples;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const rules: Suite = {
  name: 'rules',
  summary: 'from one changed fact to the decision, beside json-rules-engine given all rules and facts; loading many',
  cases,
  peers: [peer],
  run,
};
