import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Measured, makeRow, type Row } from '../row.js';
import type { Suite, SuiteOptions } from '../suites.js';
import { Subject, type SubjectName } from './subject.js';

const cases = ['restart', 'restart-again'] as const;
const peers = ['spawn', 'runit', 's6'] as const;
const programs = { spawn: undefined, runit: 'runsv', s6: 's6-supervise' } as const;
const usualRuns = 25;
/** Everybody sleeps again; and by its next turn a program has run for a second, before which two of the peers wait. */
const gapMs = 350;
const againMs = 50;

function installed(program: string | undefined): boolean {
  if (program === undefined) return true;
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** In another order each round, so that none is always measured after the same one. */
function turned<T>(list: readonly T[], round: number): readonly T[] {
  return list.map((_, i) => list[(i + round) % list.length] as T);
}

async function run(options: SuiteOptions): Promise<readonly Row[]> {
  const wanted = cases.filter((id) => options.cases?.includes(id) ?? true);
  const chosen = peers.filter((name) => options.peers?.includes(name) ?? true);
  const here = chosen.filter((name) => installed(programs[name]));
  const names: readonly SubjectName[] = ['psrmd', ...here];
  const root = mkdtempSync(join(tmpdir(), 'softset-bench-psrm-'));
  const subjects = names.map((name) => new Subject(name, root));
  const taken = new Map(cases.map((id) => [id, new Map(names.map((name) => [name, [] as number[]]))]));
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
        taken
          .get('restart-again')
          ?.get(subject.name)
          ?.push(await subject.kill());
      }
    }
  } finally {
    await Promise.allSettled(subjects.map((subject) => subject.stop()));
    rmSync(root, { recursive: true, force: true });
  }
  const missing = chosen.filter((name) => !here.includes(name)).map((name) => `${name}: not installed`);
  return wanted.map((id) => {
    const of = (name: SubjectName): Measured => ({ samples: taken.get(id)?.get(name) ?? [], notes: [] });
    const ours: Measured = { samples: of('psrmd').samples, notes: missing };
    return makeRow({
      ...{ suite: 'psrm', case: id, unit: 'ms', budget: null, ours },
      peers: Object.fromEntries(here.map((name) => [name, of(name)])),
    });
  });
}

export const psrm: Suite = {
  name: 'psrm',
  summary: 'from a program killed to its successor at work, beside a bare spawn, runit and s6',
  cases,
  peers,
  run,
};
