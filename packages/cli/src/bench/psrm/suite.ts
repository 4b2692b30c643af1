import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Measured, makeRow, type Row } from '../row.js';
import type { Suite, SuiteOptions } from '../suites.js';
import { crowdCases, measureCrowds } from './crowd.js';
import { Subject } from './subject.js';
import { installed, type Peer, type SubjectName } from './supervisors.js';

const singleCases = ['restart', 'restart-again'] as const;
const peers: readonly Peer[] = ['spawn', 'runit', 's6'];
const usualRuns = 25;
/** Everybody sleeps again; and by its next turn a program has run for a second, before which two of the peers wait. */
const gapMs = 350;
const againMs = 50;

/** In another order each round, so that none is always measured after the same one. */
function turned<T>(list: readonly T[], round: number): readonly T[] {
  return list.map((_, i) => list[(i + round) % list.length] as T);
}

async function run(options: SuiteOptions): Promise<readonly Row[]> {
  const { runs, say } = options;
  const chosen = peers.filter((name) => options.peers?.includes(name) ?? true);
  const crowds = crowdCases.filter((id) => options.cases?.includes(id) ?? true);
  const root = mkdtempSync(join(tmpdir(), 'softset-bench-psrm-'));
  try {
    const single = await measureSingle(options, chosen, root);
    return [...single, ...(await measureCrowds({ cases: crowds, peers: chosen, root, runs, say }))];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** One program under each supervisor, killed in turn. */
async function measureSingle(options: SuiteOptions, chosen: readonly Peer[], root: string): Promise<readonly Row[]> {
  const wanted = singleCases.filter((id) => options.cases?.includes(id) ?? true);
  if (wanted.length === 0) return [];
  const here = chosen.filter((name) => installed(name, 'one'));
  const names: readonly SubjectName[] = ['psrmd', ...here];
  const subjects = names.map((name) => new Subject({ name, root, count: 1 }));
  const taken = new Map(singleCases.map((id) => [id, new Map(names.map((name) => [name, [] as number[]]))]));
  try {
    for (const subject of subjects) await subject.start();
    const runs = options.runs ?? usualRuns;
    for (let round = 0; round < runs; round++) {
      options.say(`run ${round + 1} of ${runs}`);
      for (const subject of turned(subjects, round)) {
        await sleep(gapMs + Math.max(0, 1200 - gapMs * subjects.length));
        const firstMs = await subject.kill();
        taken.get('restart')?.get(subject.name)?.push(firstMs);
        if (!wanted.includes('restart-again')) continue;
        await sleep(againMs);
        const againTookMs = await subject.kill();
        taken.get('restart-again')?.get(subject.name)?.push(againTookMs);
      }
    }
  } finally {
    await Promise.allSettled(subjects.map((subject) => subject.stop()));
  }
  const missing = chosen.filter((name) => !here.includes(name)).map((name) => `${name}: not installed`);
  return wanted.map((id) => {
    const of = (name: SubjectName): Measured => ({ samples: taken.get(id)?.get(name) ?? [], notes: [] });
    const ours: Measured = { samples: of('psrmd').samples, notes: missing };
    const others = Object.fromEntries(here.map((name) => [name, of(name)]));
    return makeRow({ suite: 'psrm', case: id, unit: 'ms', budget: null, ours, peers: others });
  });
}

export const psrm: Suite = {
  name: 'psrm',
  summary: 'from programs killed to their successors at work, one and 200, beside a bare spawn, runit and s6',
  cases: [...singleCases, ...crowdCases],
  peers,
  run,
};
