import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DaemonSpec, Lab, type Observer, type Prober, readTopology } from '@softset/lab';
import type { NetrackState } from '@softset/protocol';
import { daemonSpecs, form } from '../lab-daemons.js';
import { clusterText, quickTiming, type Section, type Timing } from './cluster-file.js';
import { type DaemonProgram, exampleCluster, exampleTopology } from './places.js';
import { measureStart } from './program-start.js';
import { echo, echoPort, publicAddress, web } from './programs.js';
import { whyNotWell } from './well.js';
import { Witness } from './witness.js';

export interface ChassisOptions {
  /** Name of the lab. */
  readonly name: string;
  /** In place of the example: a topology, and a cluster file of the same boards. */
  readonly base?: { readonly topology: string; readonly cluster: string };
  readonly timing?: Timing;
  /** In place of the service `media` and its programs. */
  readonly services?: Section;
  readonly programs?: Section;
  /** nginx as a second program of `media`, where it is installed; default true. */
  readonly web?: boolean;
  /** Which boards run a daemon; default: all, but psrmd only where programs can run. */
  readonly daemons?: Partial<Record<DaemonProgram, readonly string[]>>;
  /** A last word on each daemon: another runtime, or another build of it. */
  readonly amendDaemon?: (spec: DaemonSpec) => DaemonSpec;
  /** A last word on the cluster file. */
  readonly amend?: (text: string) => string;
  /** The lab ends by itself after this, ms; 0 never. */
  readonly lifeMs?: number;
  /** Probes and observes from the start; default true. */
  readonly judges?: boolean;
}

/** The example chassis with every daemon on it, an outside client and the judge of who holds the address. */
export interface Chassis {
  readonly lab: Lab;
  readonly prober: Prober;
  readonly observer: Observer;
  readonly clusterFile: string;
  readonly timing: Timing;
  /** Programs of the service `media`. */
  readonly programs: readonly string[];
  /** A bare start of the echo on a board, ms, until it answers. */
  readonly programStartMs: number;
  readonly witnesses: ReadonlyMap<string, Witness>;
  state(board: string): NetrackState | undefined;
  /** The board whose netrackd directs; undefined when none does, or two say so. */
  director(): string | undefined;
  /** Who holds the service, by the director's word. */
  holder(service?: string): string | undefined;
  /** Undefined once all is well, else what still is not when the time is over. */
  waitWell(deadlineMs: number, alsoNeeded?: () => string | undefined): Promise<string | undefined>;
  /** A planned move by the control socket of some board, as an operator does it. Undefined, or why it was refused. */
  move(board: string, service?: string): Promise<string | undefined>;
  /** Lets go of it: the chassis stays up, and this process can end. */
  leave(): Promise<void>;
  stop(): Promise<void>;
}

/** All must have been well for so long: a state that passes is no ground to stand on. */
const steadyMs = 300;

/** Brings everything up; throws a `LabError` where the lab cannot be made. Does not wait until all is well. */
export async function startChassis(options: ChassisOptions): Promise<Chassis> {
  const { name, timing = quickTiming, lifeMs, judges = true, amend = (text) => text } = options;
  const { amendDaemon = (spec) => spec } = options;
  const { base = { topology: exampleTopology, cluster: exampleCluster } } = options;
  const bare = readTopology(base.topology);
  if (!bare.ok) throw new Error(bare.message);
  const boards = bare.value.boards.map((board) => board.name);
  const topology = readTopology(base.topology, daemonSpecs(boards, options.daemons).map(amendDaemon));
  if (!topology.ok) throw new Error(topology.message);
  const lab = await Lab.up({ topology: topology.value, name, ...(lifeMs === undefined ? {} : { lifeMs }) });
  try {
    // nginx gives up in a user namespace of one user: there the echo alone is the service.
    const withWeb = options.web !== false && process.getuid?.() === 0;
    const webProgram = withWeb ? web(join(lab.dir, 'web')) : undefined;
    const programs = options.programs ?? { echo: echo(), ...(webProgram ? { web: webProgram } : {}) };
    const services = options.services ?? {
      media: { addresses: [`${publicAddress}/32`], pool: ['cpu-1', 'cpu-2'], programs: Object.keys(programs) },
    };
    const clusterFile = join(lab.dir, 'chassis.yaml');
    writeFileSync(clusterFile, amend(clusterText(readFileSync(base.cluster, 'utf8'), timing, services, programs)));
    writeFileSync(join(lab.dir, 'chassis.key'), `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    await form(lab, clusterFile, boards);
    return await open(lab, clusterFile, timing, Object.keys(programs), judges);
  } catch (error) {
    await lab.down();
    throw error;
  }
}

async function open(
  lab: Lab,
  clusterFile: string,
  timing: Timing,
  programs: readonly string[],
  judges: boolean,
): Promise<Chassis> {
  const witnesses = new Map(lab.topology.boards.map(({ name }) => [name, new Witness(name, lab.board(name).runDir)]));
  const observer = judges ? await lab.observer([publicAddress]) : undefined;
  const prober = judges ? await lab.prober({ address: publicAddress, port: echoPort }) : undefined;
  const needed = <T>(judge: T | undefined): T => {
    if (judge === undefined) throw new Error('this chassis was brought up without judges');
    return judge;
  };
  const nameOf = (id: number): string | undefined =>
    [...witnesses.values()].flatMap(({ state }) => state?.boards ?? []).find((board) => board.board === id)?.name;
  const director = (): string | undefined => {
    const directing = [...witnesses.values()].filter(({ state }) => state?.directing === true);
    return directing.length === 1 ? directing[0]?.board : undefined;
  };
  const chassis: Chassis = {
    lab,
    get prober() {
      return needed(prober);
    },
    get observer() {
      return needed(observer);
    },
    clusterFile,
    timing,
    programs,
    programStartMs: judges ? await measureStart(lab, 'io-3') : 0,
    witnesses,
    state: (board) => witnesses.get(board)?.state,
    director,
    holder: (service = 'media') => {
      const at = director();
      const seen = at === undefined ? undefined : witnesses.get(at)?.state;
      const entry = seen?.services.find((one) => one.service === service);
      return entry?.phase === 'held' && entry.holder ? nameOf(entry.holder.board) : undefined;
    },
    waitWell: async (deadlineMs, alsoNeeded = () => undefined) => {
      const untilMs = performance.now() + deadlineMs;
      let wellSinceMs = Number.POSITIVE_INFINITY;
      for (;;) {
        const nowMs = performance.now();
        const why = whyNotWell(chassis) ?? alsoNeeded();
        wellSinceMs = why === undefined ? Math.min(wellSinceMs, nowMs) : Number.POSITIVE_INFINITY;
        if (nowMs - wellSinceMs >= steadyMs) return undefined;
        if (nowMs > untilMs) return why ?? 'all was well, but not for long';
        await sleep(20);
      }
    },
    move: async (board, service = 'media') => {
      const asked = witnesses.get(director() ?? 'ccn')?.redirect;
      const answer = await asked?.call('move', { service, board }, { timeoutMs: 10_000 });
      return answer?.ok === true ? undefined : (answer?.message ?? 'no board directs');
    },
    leave: async () => {
      for (const witness of witnesses.values()) witness.close();
      await Promise.all([prober?.stop(), observer?.stop()]);
    },
    stop: async () => {
      await chassis.leave();
      await lab.down();
    },
  };
  return chassis;
}
