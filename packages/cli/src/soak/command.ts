import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Observer } from '@softset/lab';
import { type Chassis, startChassis } from '../demo/chassis.js';
import { calmTiming, quickTiming } from '../demo/cluster-file.js';
import { mayRunRealTime } from '../demo/command.js';
import { exampleCluster, exampleTopology } from '../demo/places.js';
import { publicAddress } from '../demo/programs.js';
import { exitCodes } from '../exit-codes.js';
import { print, refuse } from '../say.js';
import { soakKeepalived } from './keepalived.js';
import { Load } from './load.js';
import { type Cell, FROZEN, freeze, ROLES, STOPS_MS } from './matrix.js';
import { matrixLines, type Soaked, soakLines } from './show.js';
import { smallChassis } from './small.js';
import { watch } from './watch.js';

export interface SoakOptions {
  readonly minutes: string;
  readonly loops: string;
  readonly boards: string;
  readonly calm?: boolean;
  readonly peers?: boolean;
  readonly matrix?: boolean;
  readonly stops?: string;
  readonly name: string;
  readonly json?: boolean;
}

const WELL_MS = 120_000;
const POOL = ['cpu-1', 'cpu-2'];
const say = (doing: string): void => void process.stderr.write(`soak: ${doing}\n`);

/** `softset soak`: exit 0 only if nothing moved that should have stayed, nobody was silent, and never two answered. */
export async function soakCommand(options: SoakOptions): Promise<number> {
  const minutes = Number(options.minutes);
  const loops = Number(options.loops);
  if (!(minutes >= 0 && minutes <= 120))
    return refuse({ code: 'USAGE', message: `--minutes ${options.minutes} must be 0 to 120` });
  if (!(Number.isInteger(loops) && loops >= 0 && loops <= 64))
    return refuse({ code: 'USAGE', message: `--loops ${options.loops} must be 0 to 64` });
  if (options.boards !== '3' && options.boards !== '7')
    return refuse({ code: 'USAGE', message: `--boards ${options.boards} must be 3 or 7` });
  const stops = (options.stops ?? STOPS_MS.join()).split(',').map(Number);
  if (stops.some((ms) => !(ms > 0 && ms <= 60_000)))
    return refuse({ code: 'USAGE', message: `--stops ${options.stops} are milliseconds, up to 60000` });

  const timing = options.calm || !mayRunRealTime() ? calmTiming : quickTiming;
  const soaked: Soaked[] = [];
  const cells: Cell[] = [];
  const ms = minutes * 60_000;
  const small = options.boards === '3' ? smallChassis() : undefined;
  const base = small?.base ?? { topology: exampleTopology, cluster: exampleCluster };
  const chassis = await startChassis({
    name: options.name,
    base,
    timing,
    web: false,
    judges: false,
    lifeMs: 3 * ms + 7_200_000,
  });
  try {
    const observer = await chassis.lab.observer([publicAddress]);
    const why = await chassis.waitWell(WELL_MS);
    if (why !== undefined) return refuse({ code: 'SOAK_NOT_WELL', message: `the chassis did not come up: ${why}` });
    if (ms > 0) soaked.push({ who: 'softset', tally: await underLoad(loops, ms, () => watch(observer, ms)) });
    // It is long to the end, and somebody may not wait for it.
    for (const line of soakLines(soaked).slice(1)) say(line);
    if (options.matrix !== false) cells.push(...(await matrix(chassis, observer, stops)));
    await observer.stop();
  } finally {
    await chassis.stop();
    small?.remove();
  }
  if (ms > 0 && options.peers !== false) soaked.push(...(await peers(loops, ms, options.name)));

  const machine = { boards: Number(options.boards), loops, processors: availableParallelism(), timing };
  if (options.json) print(JSON.stringify({ machine, soaked, cells }, undefined, 2));
  else {
    print(`${machine.boards} boards, ${machine.processors} processors, beats of ${timing.intervalMs} ms`);
    if (soaked.length > 0) print(`\nbeside ${loops} busy loops`);
    if (soaked.length > 0) print(soakLines(soaked).join('\n'));
    if (cells.length > 0) print(['', ...matrixLines(cells)].join('\n'));
  }
  const own = soaked[0]?.tally;
  const bad = own !== undefined && (own.moves > 0 || own.silences > 0 || own.holdersMax > 1);
  return bad || cells.some(({ wrong }) => wrong.length > 0) ? exitCodes.refused : exitCodes.done;
}

async function underLoad<T>(loops: number, ms: number, work: () => Promise<T>): Promise<T> {
  say(`${loops} busy loops for ${Math.round(ms / 1000)} s`);
  const load = new Load(loops, ms + 60_000);
  try {
    return await work();
  } finally {
    load.stop();
  }
}

async function matrix(chassis: Chassis, observer: Observer, stops: readonly number[]): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const role of ROLES)
    for (const daemon of FROZEN)
      for (const stopMs of stops) {
        say(`SIGSTOP of ${daemon} for ${stopMs} ms, as ${role}`);
        const cell = await freeze(chassis, observer, { daemon, role, stopMs }, POOL);
        cells.push(cell);
        for (const line of matrixLines([cell]).slice(1)) say(line);
      }
  return cells;
}

async function peers(loops: number, ms: number, name: string): Promise<Soaked[]> {
  if (spawnSync('keepalived', ['--version']).error !== undefined)
    return [{ who: 'keepalived', unable: 'it is not installed: apt-get install keepalived' }];
  const found: Soaked[] = [];
  for (const variant of ['keepalived', 'keepalived-rt'] as const)
    found.push(await underLoad(loops, ms, () => soakKeepalived(variant, ms, `${name}-peer`)));
  return found;
}
