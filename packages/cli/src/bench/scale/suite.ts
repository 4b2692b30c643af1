import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { useOf } from '../psrm/cost.js';
import { makeRow, type Row } from '../row.js';
import type { Suite, SuiteOptions } from '../suites.js';
import { boardsOf } from './chassis.js';

/** Boards, and between two beats, ms. The last rows are slow, for all their boards share one machine's processors. */
const SETTINGS = [
  { boards: 2, intervalMs: 10 },
  { boards: 8, intervalMs: 10 },
  { boards: 2, intervalMs: 50 },
  { boards: 8, intervalMs: 50 },
  { boards: 24, intervalMs: 50 },
] as const;
type Setting = (typeof SETTINGS)[number];
const DAEMONS = ['netrack-pulse', 'netrackd'] as const;
type Daemon = (typeof DAEMONS)[number];

/** Start, elections and rehearsals (rehearsal.ts) are over by then; what is measured is a calm chassis. */
const CALM_MS = 15_000;
const MEASURED_MS = 10_000;
/** Of one pulse and one netrackd together (architecture, Numbers). */
const RSS_MB_MAX = 150;

const nameOf = ({ boards, intervalMs }: Setting): string => `${boards}-at-${intervalMs}ms`;

interface Taken {
  readonly cpu: Record<Daemon, number[]>;
  readonly rss: Record<Daemon, number[]>;
}

async function measure(setting: Setting): Promise<Taken> {
  const { chassis, stop } = await boardsOf(setting.boards, setting.intervalMs);
  try {
    await sleep(CALM_MS);
    const pids = pidsIn(chassis.lab.dir);
    const before = pids.map(({ pid }) => useOf(pid, new Set()));
    const beganMs = performance.now();
    await sleep(MEASURED_MS);
    const taken: Taken = { cpu: { 'netrack-pulse': [], netrackd: [] }, rss: { 'netrack-pulse': [], netrackd: [] } };
    for (const [i, { pid, daemon }] of pids.entries()) {
      const after = useOf(pid, new Set());
      taken.cpu[daemon].push((100 * (after.cpuMs - (before[i]?.cpuMs ?? 0))) / (performance.now() - beganMs));
      taken.rss[daemon].push(after.rssMb);
    }
    return taken;
  } finally {
    await stop();
  }
}

/** By their command lines: each names its daemon's program and its run directory, which is in the lab's folder. */
function pidsIn(dir: string): { readonly pid: number; readonly daemon: Daemon; readonly board: string }[] {
  const found = readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const daemon = DAEMONS.find((one) => words.some((word) => word.endsWith(`/${one}.js`)));
      return daemon !== undefined && words.some((word) => word.startsWith(dir))
        ? [{ pid, daemon, board: words[words.indexOf('--board') + 1] ?? '' }]
        : [];
    } catch {
      return []; // Gone meanwhile.
    }
  });
  // In one order for both daemons, so that what a board has of them can be added up.
  return found.sort((a, b) => a.board.localeCompare(b.board));
}

async function run({ cases, say }: SuiteOptions): Promise<readonly Row[]> {
  const taken = new Map<string, Taken>();
  const rows: Row[] = [];
  for (const setting of SETTINGS) {
    const name = nameOf(setting);
    if (cases !== undefined && !cases.includes(name)) continue;
    say(`${setting.boards} boards, a beat each ${setting.intervalMs} ms`);
    const found = await measure(setting).catch((error: Error) => error.message);
    const notes = setting.boards > 8 ? ['longer intervals: the boards of one machine share its processors'] : [];
    if (typeof found === 'string') {
      const ours = { samples: [], notes: [found] };
      rows.push(makeRow({ suite: 'scale', case: name, unit: '% of a core', ours, peers: {}, budget: null }));
      continue;
    }
    taken.set(name, found);
    for (const daemon of DAEMONS) {
      const row = { suite: 'scale', peers: {}, budget: null };
      rows.push(
        makeRow({
          ...row,
          case: `${name} ${daemon}`,
          unit: '% of a core',
          ours: { samples: found.cpu[daemon], notes },
        }),
        makeRow({ ...row, case: `${name} ${daemon}`, unit: 'MB', ours: { samples: found.rss[daemon], notes: [] } }),
      );
    }
    const both = found.rss.netrackd.map((mb, i) => mb + (found.rss['netrack-pulse'][i] ?? 0));
    const ours = { samples: both, notes: [] };
    rows.push(makeRow({ suite: 'scale', case: `${name} both`, unit: 'MB', ours, peers: {}, budget: RSS_MB_MAX }));
  }
  return [...rows, ...growth(taken)];
}

/** What one more board costs each of the others: between the smallest and the largest chassis of one interval. */
function growth(taken: ReadonlyMap<string, Taken>): Row[] {
  return [10, 50].flatMap((intervalMs) => {
    const measured = SETTINGS.filter((one) => one.intervalMs === intervalMs && taken.has(nameOf(one)));
    const [few, many] = [measured[0], measured.at(-1)];
    if (few === undefined || many === undefined || few === many) return [];
    return DAEMONS.map((daemon) => {
      const of = (setting: Setting): number => mean(taken.get(nameOf(setting))?.cpu[daemon] ?? []);
      const samples = [(of(many) - of(few)) / (many.boards - few.boards)];
      const notes = [`from ${few.boards} to ${many.boards} boards`];
      const name = `growth per board at ${intervalMs}ms ${daemon}`;
      return makeRow({
        suite: 'scale',
        case: name,
        unit: '% of a core',
        ours: { samples, notes },
        peers: {},
        budget: null,
      });
    });
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

export const scale: Suite = {
  name: 'scale',
  summary: 'processor time and memory of the pulse and netrackd, by the number of boards',
  cases: SETTINGS.map(nameOf),
  peers: [],
  run,
};
