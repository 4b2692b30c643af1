import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { rulesProgram } from '../../programs-beside.js';
import { type Measured, makeRow, nothingMeasured, type Row } from '../row.js';
import type { Suite, SuiteOptions } from '../suites.js';

const cases = ['10-rules', '200-rules', '1000-rules'] as const;
const peer = 'json-rules-engine';
const usualRuns = 200;
/** The design's: 200 rules, one changed fact to the decision, p50 at most 1 ms. */
const budgets: Readonly<Record<string, number>> = { '200-rules': 1 };
const limitMs = 120_000;

async function run(options: SuiteOptions): Promise<readonly Row[]> {
  const wanted = cases.filter((id) => options.cases?.includes(id) ?? true);
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
  return rows;
}

export const rules: Suite = {
  name: 'rules',
  summary: 'from one changed fact to the decision, beside json-rules-engine given all rules and facts',
  cases,
  peers: [peer],
  run,
};
