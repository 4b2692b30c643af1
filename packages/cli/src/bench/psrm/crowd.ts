import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Measured, makeRow, type Row } from '../row.js';
import { Subject } from './subject.js';
import { installed, type Peer, type SubjectName } from './supervisors.js';

/** All killed at once; and what supervising costs while nothing happens. */
export const crowdCases = ['all-200', 'idle-cpu-200', 'idle-rss-200'] as const;
export type CrowdCase = (typeof crowdCases)[number];

const count = 200;
const usualRuns = 5;
/** runit and s6 hold what died within its first second. */
const gapMs = 2_500;
const idleMs = 15_000;
/** psrmd gives back what its start took 10 s after it: that is not what idling costs. */
const calmMs = 12_000;
/** How often each program of psrmd's is asked whether it answers. */
const probeMs = 10_000;

const units = { 'all-200': ['ms', 350], 'idle-cpu-200': ['% of a core', 0.2], 'idle-rss-200': ['MB', 60] } as const;

export interface CrowdOptions {
  readonly cases: readonly CrowdCase[];
  readonly peers: readonly Peer[];
  readonly root: string;
  readonly runs: number | undefined;
  readonly say: (doing: string) => void;
}

type Samples = Readonly<Record<CrowdCase, number[]>>;

/** One supervisor after the other, for 800 programs at once would measure the machine. */
export async function measureCrowds({ cases, peers, root, runs, say }: CrowdOptions): Promise<readonly Row[]> {
  if (cases.length === 0) return [];
  const names: readonly SubjectName[] = ['psrmd', ...peers.filter((name) => installed(name, 'many'))];
  const answerer = await answer();
  const taken = new Map<SubjectName, Samples>();
  try {
    for (const name of names) {
      say(`${count} programs of ${name}`);
      const probe = { tcp: { port: answerer.port }, intervalMs: probeMs, timeoutMs: 2000 };
      const subject = new Subject({ name, root, count, more: { probe } });
      try {
        taken.set(name, await measure(subject, cases, runs ?? usualRuns));
      } finally {
        await subject.stop();
      }
    }
  } finally {
    answerer.server.close();
  }
  const missing = peers.filter((name) => !names.includes(name)).map((name) => `${name}: not installed`);
  const probed = `psrmd asks each program by TCP every ${probeMs / 1000} s; the peers ask nothing`;
  return cases.map((id) => {
    const of = (name: SubjectName): Measured => ({ samples: taken.get(name)?.[id] ?? [], notes: [] });
    const ours: Measured = { samples: of('psrmd').samples, notes: [...missing, ...(id === 'all-200' ? [] : [probed])] };
    const others = Object.fromEntries(names.slice(1).map((name) => [name, of(name)]));
    const [unit, budget] = units[id];
    return makeRow({ suite: 'psrm', case: id, unit, budget, ours, peers: others });
  });
}

async function measure(subject: Subject, cases: readonly CrowdCase[], runs: number): Promise<Samples> {
  const taken: Samples = { 'all-200': [], 'idle-cpu-200': [], 'idle-rss-200': [] };
  await subject.start();
  await sleep(gapMs);
  for (let run = 0; cases.includes('all-200') && run < runs; run++) {
    taken['all-200'].push(await subject.kill());
    await sleep(gapMs);
  }
  if (!cases.includes('idle-cpu-200') && !cases.includes('idle-rss-200')) return taken;
  await sleep(calmMs);
  const before = subject.use();
  const beganMs = performance.now();
  await sleep(idleMs);
  const after = subject.use();
  taken['idle-cpu-200'].push((100 * (after.cpuMs - before.cpuMs)) / (performance.now() - beganMs));
  taken['idle-rss-200'].push(after.rssMb);
  return taken;
}

/** Accepts whatever connects: the answer of programs that only sleep. */
function answer(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer((socket) => void socket.on('error', () => {}).resume());
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ port: typeof address === 'object' && address ? address.port : 0, server });
    }),
  );
}
