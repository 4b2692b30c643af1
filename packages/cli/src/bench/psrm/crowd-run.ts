import { delimiter } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Measured, makeRow, type Row } from '../row.js';
import { answerer, Crowd, type CrowdName, hasCrowd, probeMs } from './crowd.js';

export const crowdCases = ['all-200', 'idle-cpu', 'idle-rss'] as const;
export type CrowdCase = (typeof crowdCases)[number];

const children = 200;
const usualRuns = 5;
/** s6 and runit hold what died within its first second; and machines calm down. */
const gapMs = 2500;
const idleMs = 10_000;

export interface CrowdOptions {
  readonly wanted: readonly CrowdCase[];
  readonly peers: readonly Exclude<CrowdName, 'psrmd'>[];
  readonly root: string;
  readonly runs: number | undefined;
  readonly say: (doing: string) => void;
}

/** One supervisor after the other, for 800 programs at once would measure the machine; each with all of its runs. */
export async function runCrowds({ wanted, peers, root, runs, say }: CrowdOptions): Promise<readonly Row[]> {
  if (wanted.length === 0) return [];
  const path = (process.env.PATH ?? '').split(delimiter);
  const names: readonly CrowdName[] = ['psrmd', ...peers.filter((name) => hasCrowd(name, path))];
  const taken = new Map(wanted.map((id) => [id, new Map(names.map((name) => [name, [] as number[]]))]));
  const note = (id: CrowdCase, name: CrowdName, value: number) => taken.get(id)?.get(name)?.push(value);
  const { port, server } = await answerer();
  try {
    for (const name of names) {
      say(`${children} programs of ${name}`);
      const crowd = new Crowd(name, root, children, name === 'psrmd' ? port : undefined);
      try {
        await crowd.start();
        await sleep(gapMs);
        for (let run = 0; wanted.includes('all-200') && run < (runs ?? usualRuns); run++) {
          note('all-200', name, await crowd.killAll());
          await sleep(gapMs);
        }
        if (!wanted.includes('idle-cpu') && !wanted.includes('idle-rss')) continue;
        const { cpuPercent, rssMb } = await crowd.cost(idleMs);
        note('idle-cpu', name, cpuPercent);
        note('idle-rss', name, rssMb);
      } finally {
        await crowd.stop();
      }
    }
  } finally {
    server.close();
  }
  const missing = peers.filter((name) => !names.includes(name)).map((name) => `${name}: not installed`);
  const units = { 'all-200': ['ms', 350], 'idle-cpu': ['% of a core', 0.2], 'idle-rss': ['MB', 60] } as const;
  const probed = `each program of psrmd's is probed by TCP every ${probeMs / 1000} s; peers probe nothing`;
  return wanted.map((id) => {
    const of = (name: CrowdName): Measured => ({ samples: taken.get(id)?.get(name) ?? [], notes: [] });
    const [unit, budget] = units[id];
    const ours: Measured = { samples: of('psrmd').samples, notes: [...missing, ...(id === 'all-200' ? [] : [probed])] };
    const others = Object.fromEntries(names.slice(1).map((name) => [name, of(name)]));
    return makeRow({ suite: 'psrm', case: id, unit, budget, ours, peers: others });
  });
}
