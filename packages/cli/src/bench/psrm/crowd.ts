import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Measured, makeRow, type Row } from '../row.js';
import { type Use, useOf } from './cost.js';
import { Subject } from './subject.js';
import { installed, type Peer, type SubjectName } from './supervisors.js';

/** All killed at once; what supervising costs while nothing happens, and how much of that the questions alone would cost. */
export const crowdCases = ['all-200', 'idle-cpu-200', 'idle-floor-200', 'idle-rss-200', 'idle-1s-200'] as const;
export type CrowdCase = (typeof crowdCases)[number];

const count = 200;
const usualRuns = 5;
/** runit and s6 hold what died within its first second. */
const gapMs = 2_500;
const idleMs = 15_000;
/** psrmd gives back what its start took 10 s after it, compiled code too: that, and warming up again, is not idling. */
const calmMs = 25_000;
/** How often psrmd asks each of so many programs where the cluster file does not say. */
const probeMs = 10_000;
/** For boards that want to know of a hang soon: the same number, each asked so often. */
const soonMs = 1000;

const units = {
  'all-200': ['ms', 350],
  'idle-cpu-200': ['% of a core', 0.2],
  'idle-floor-200': ['% of a core', null],
  'idle-rss-200': ['MB', 60],
  'idle-1s-200': ['% of a core', null],
} as const;
const asker = fileURLToPath(new URL('../../../../lab/dist/bare-asker.js', import.meta.url));

export interface CrowdOptions {
  readonly cases: readonly CrowdCase[];
  readonly peers: readonly Peer[];
  readonly root: string;
  readonly runs: number | undefined;
  readonly say: (doing: string) => void;
}

type Samples = Readonly<Record<Exclude<CrowdCase, 'idle-1s-200'> | 'floor', number[]>>;

interface Idle {
  /** % of a core; of a bare asker `null` where none ran. */
  readonly own: number;
  readonly bare: number | null;
  readonly rssMb: number;
}

/** One supervisor after the other, for 800 programs at once would measure the machine. */
export async function measureCrowds({ cases, peers, root, runs, say }: CrowdOptions): Promise<readonly Row[]> {
  if (cases.length === 0) return [];
  const names: readonly SubjectName[] = ['psrmd', ...peers.filter((name) => installed(name, 'many'))];
  const answerer = await answer();
  const taken = new Map<SubjectName, Samples>();
  let soon: Idle | undefined;
  const othersNeeded = cases.some((id) => id !== 'idle-1s-200');
  try {
    for (const name of othersNeeded ? names : []) {
      say(`${count} programs of ${name}`);
      const probe = { tcp: { port: answerer.port }, timeoutMs: 2000 };
      const subject = new Subject({ name, root, count, more: { probe } });
      try {
        taken.set(name, await measure(subject, cases, runs ?? usualRuns, answerer.port));
      } finally {
        await subject.stop();
      }
    }
    if (cases.includes('idle-1s-200')) {
      say(`${count} programs of psrmd, each asked once a second`);
      soon = await idleAskedSoon(root, answerer.port);
    }
  } finally {
    answerer.server.close();
  }
  const missing = peers.filter((name) => !names.includes(name)).map((name) => `${name}: not installed`);
  const probed = `psrmd asks each program by TCP every ${probeMs / 1000} s; the peers ask nothing`;
  return cases.map((id) => {
    if (id === 'idle-1s-200') return soonRow(soon);
    const of = (name: SubjectName): Measured => ({ samples: taken.get(name)?.[id] ?? [], notes: [] });
    const ours: Measured = { samples: of('psrmd').samples, notes: [...missing, ...(id === 'all-200' ? [] : [probed])] };
    const floor: Measured = { samples: taken.get('psrmd')?.floor ?? [], notes: [] };
    const others =
      id === 'idle-floor-200'
        ? { 'bare node': floor }
        : Object.fromEntries(names.slice(1).map((name) => [name, of(name)]));
    const [unit, budget] = units[id];
    return makeRow({ suite: 'psrm', case: id, unit, budget, ours, peers: others });
  });
}

async function measure(subject: Subject, cases: readonly CrowdCase[], runs: number, port: number): Promise<Samples> {
  const taken: Samples = { 'all-200': [], 'idle-cpu-200': [], 'idle-floor-200': [], 'idle-rss-200': [], floor: [] };
  await subject.start();
  await sleep(gapMs);
  for (let run = 0; cases.includes('all-200') && run < runs; run++) {
    taken['all-200'].push(await subject.kill());
    await sleep(gapMs);
  }
  if (!cases.some((id) => id.startsWith('idle') && id !== 'idle-1s-200')) return taken;
  const { own, bare, rssMb } = await idle(subject, port, probeMs);
  taken['idle-cpu-200'].push(own);
  taken['idle-floor-200'].push(own);
  if (bare !== null) taken.floor.push(bare);
  taken['idle-rss-200'].push(rssMb);
  return taken;
}

async function idleAskedSoon(root: string, port: number): Promise<Idle> {
  const folder = join(root, 'soon');
  mkdirSync(folder);
  const probe = { tcp: { port }, timeoutMs: 2000, intervalMs: soonMs };
  const subject = new Subject({ name: 'psrmd', root: folder, count, more: { probe } });
  try {
    await subject.start();
    return await idle(subject, port, soonMs);
  } finally {
    await subject.stop();
  }
}

function soonRow(soon: Idle | undefined): Row {
  const notes = [`psrmd asks each program by TCP every ${soonMs} ms, as its file says; no budget is set for that`];
  const ours: Measured = { samples: soon ? [soon.own] : [], notes };
  const bare: Measured = { samples: soon?.bare == null ? [] : [soon.bare], notes: [] };
  const [unit, budget] = units['idle-1s-200'];
  return makeRow({ suite: 'psrm', case: 'idle-1s-200', unit, budget, ours, peers: { 'bare node': bare } });
}

/** What it takes while nothing happens; of psrmd, beside a bare process that asks as much. */
async function idle(subject: Subject, port: number, everyMs: number): Promise<Idle> {
  // At the same time: a machine that is slow for one of them is so for the other.
  const floor = subject.name === 'psrmd' ? spawn(process.execPath, [asker, `${port}`, `${count}`, `${everyMs}`]) : null;
  try {
    await sleep(calmMs);
    const uses = (): readonly Use[] => [subject.use(), useOf(floor?.pid ?? 0, new Set())];
    const before = uses();
    const beganMs = performance.now();
    await sleep(idleMs);
    const ms = performance.now() - beganMs;
    const [own = 0, bare = 0] = uses().map(({ cpuMs }, i) => (100 * (cpuMs - (before[i]?.cpuMs ?? 0))) / ms);
    return { own, bare: floor ? bare : null, rssMb: subject.use().rssMb };
  } finally {
    floor?.kill('SIGKILL');
  }
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
