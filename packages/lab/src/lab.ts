import { type ChildProcess, type SpawnOptions, spawn as spawnProcess } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '@softset/base';
import type { DaemonStatus } from '@softset/runtime/init/supervised.js';
import { execa } from 'execa';
import { removeBoardCgroups } from './board-cgroups.js';
import { type BoardPaths, boardPaths, switchAgentFolder } from './board-paths.js';
import { monotonicMs } from './clock.js';
import type { FaultKind, FaultOption } from './fault.js';
import type { Effect } from './holder/fault-desk.js';
import { insideCommand, isNamespace, type Place } from './inside.js';
import { requestLine } from './json-lines.js';
import { LabError, orThrow } from './lab-error.js';
import { type LabSpec, type LabState, labAlive, labsRoot, listLabs, readState } from './lab-state.js';
import { Observer, type ObserverSetting } from './observer/observer.js';
import { Prober, type ProberOptions } from './prober/prober.js';
import { startHolder, upMs } from './start-holder.js';
import type { Overlay } from './switch-agent/overlay.js';
import { type DaemonSpec, macTable, type Network, readTopology, type Topology } from './topology.js';

const proberMain = new URL('./prober/main.js', import.meta.url).pathname;
const observerMain = new URL('./observer/main.js', import.meta.url).pathname;
/** V8 without helper threads: a measuring thread under SCHED_RR would wait for them, and they are ordinary threads. */
const judge = [process.execPath, '--single-threaded'];
/** Killing it takes some hundredths of a second. */
const downMs = 30_000;
const defaultLifeMs = 2 * 60 * 60 * 1000;

export interface LabOptions {
  /** A file, or a topology that was read already (then `daemons` must be in it). */
  readonly topology: string | Topology;
  /** Default `chassis`. Lower case letters, digits and dashes. */
  readonly name?: string;
  /** Daemons for the boards' inits, beside those of the file. */
  readonly daemons?: readonly DaemonSpec[];
  /** Where labs keep their folders; default `labsRoot()`. */
  readonly root?: string;
  /** The lab ends by itself after this; default 2 h, 0 never. */
  readonly lifeMs?: number;
}

export interface LabStatus {
  readonly name: string;
  /** `pid` is PID 1 of the board as the lab's own process namespace counts; null while the board is crashed. */
  readonly boards: readonly { readonly name: string; readonly pid: number | null }[];
  readonly faults: readonly string[];
}

/** Commands to a board's init. `daemon` left out: all of them. */
export interface InitCommands {
  list(): Promise<readonly DaemonStatus[]>;
  start(daemon?: string): Promise<void>;
  /** SIGTERM, then SIGKILL after 3 s; resolves when it is gone. It stays away until `start`. */
  stop(daemon?: string): Promise<void>;
  /** SIGKILL; init starts it again at once. */
  kill(daemon: string): Promise<{ readonly atMs: number }>;
  /** It is not started again when it ends, until `start`. */
  hold(daemon?: string): Promise<void>;
}

export interface ExecOptions {
  readonly input?: string;
  /** SIGKILL after this; default 30 s. */
  readonly timeoutMs?: number;
}

export interface ExecResult {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LabBoard extends BoardPaths {
  readonly name: string;
  readonly init: InitCommands;
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  spawn(command: readonly string[], options?: SpawnOptions): Promise<ChildProcess>;
  /** The file named, of the board's log directory: what a daemon wrote. */
  log(daemon: string): string;
  /** The boot id of this boot. */
  bootId(): string;
}

/** A whole chassis in network namespaces: made by `Lab.up`, or found again by `Lab.attach`. Failures are `LabError`s. */
export class Lab {
  readonly name: string;
  readonly dir: string;
  readonly topology: Topology;
  readonly #state: LabState;

  private constructor(dir: string, topology: Topology, state: LabState) {
    this.name = state.name;
    this.dir = dir;
    this.topology = topology;
    this.#state = state;
  }

  /** Errors: `TOPOLOGY_INVALID`, `LAB_NAME_INVALID`, `LAB_EXISTS`, `LAB_UP_FAILED`. */
  static async up(options: LabOptions): Promise<Lab> {
    const { name = 'chassis', root = labsRoot(), lifeMs = defaultLifeMs } = options;
    const { topology } = options;
    const read = typeof topology === 'string' ? orThrow(readTopology(topology, options.daemons)) : topology;
    const dir = labDir(root, name);
    const userNamespace = process.getuid?.() !== 0;
    const spec: LabSpec = { name, topology: read, userNamespace, createdAt: new Date().toISOString(), lifeMs };
    mkdirSync(root, { recursive: true, mode: 0o700 });
    try {
      mkdirSync(dir, { mode: 0o700 });
    } catch (cause) {
      throw new LabError(fail('LAB_EXISTS', `there is a lab at ${dir}: take it down first`, cause));
    }
    mkdirSync(join(dir, 'boards'));
    writeFileSync(join(dir, 'spec.json'), JSON.stringify(spec));
    const state = await startHolder(dir, userNamespace);
    if (state.ok) return new Lab(dir, read, state.value);
    await Lab.down(name, root);
    throw new LabError(state);
  }

  /** A lab that stands already. Errors: `LAB_UNKNOWN`, `LAB_DEAD`. */
  static attach(name = 'chassis', root = labsRoot()): Lab {
    const dir = labDir(root, name);
    const state = readState(dir);
    if (state === undefined) throw new LabError(fail('LAB_UNKNOWN', `there is no lab "${name}" in ${root}`));
    if (!labAlive(state)) throw new LabError(fail('LAB_DEAD', `lab "${name}" has ended: take it down`));
    const spec = JSON.parse(readFileSync(join(dir, 'spec.json'), 'utf8')) as LabSpec;
    return new Lab(dir, spec.topology, state);
  }

  /** Ends a lab, killed ones too, and removes its folder. False when there was none. */
  static async down(name = 'chassis', root = labsRoot()): Promise<boolean> {
    const dir = labDir(root, name);
    const known = listLabs(root).some((lab) => lab.name === name);
    const state = readState(dir);
    if (state !== undefined && labAlive(state)) {
      process.kill(state.pid, 'SIGKILL');
      // The kernel ends the others before the first is gone (zap_pid_ns_processes).
      const deadlineMs = monotonicMs() + downMs;
      while (labAlive(state)) {
        if (monotonicMs() > deadlineMs) throw new LabError(fail('LAB_TIMEOUT', `lab "${name}" does not end`));
        await sleep(5);
      }
    }
    await removeBoardCgroups(dir);
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    return known;
  }

  down(): Promise<boolean> {
    return Lab.down(this.name, join(this.dir, '..'));
  }

  async #holder<T>(method: string, params: Record<string, unknown> = {}): Promise<T> {
    return orThrow(await requestLine<T>(join(this.dir, 'holder.sock'), method, params, upMs));
  }

  status(): Promise<LabStatus> {
    return this.#holder('status');
  }

  /** Breaks something: `('link-down', 'cpu-1:A')`, `('loss', 'io-1:B', '10%')`, `('kill', 'cpu-1:psrmd', '--for-good')`. */
  fault(kind: FaultKind, target = '', option?: FaultOption): Promise<Effect> {
    return this.#holder('fault', { kind, target, option });
  }

  /**
   * Heals one fault, named as it was done, or all. `heal('crash', B)`, or `heal('return', B)`, boots B anew and is done
   * when it has booted; `thaw` is another word for healing `freeze`.
   */
  heal(kind?: FaultKind | 'return' | 'thaw', target?: string): Promise<Effect> {
    return this.#holder('heal', { kind, target });
  }

  /** Where `insideCommand` goes: a board that runs, `outside`, `switch-a` or `switch-b`. */
  async #place(name: string): Promise<Place> {
    if (isNamespace(name)) return { kind: 'namespace', name };
    const { boards } = await this.status();
    const board = boards.find((b) => b.name === name);
    const places = [...boards.map((b) => b.name), 'outside', 'switch-a', 'switch-b'].join(', ');
    if (board === undefined) throw new LabError(fail('LAB_UNKNOWN', `there is no "${name}"; there are ${places}`));
    if (board.pid === null) throw new LabError(fail('LAB_NOT_RUNNING', `${name} is crashed`));
    return { kind: 'board', name, pid: board.pid };
  }

  /** Program and arguments that run `command` at a place, for whoever spawns it himself. */
  async command(place: string, command: readonly string[]): Promise<readonly [string, ...string[]]> {
    return insideCommand(this.#state, this.dir, await this.#place(place), command) as [string, ...string[]];
  }

  /** Runs a program at a place (a board, `outside`, `switch-a`, `switch-b`) and waits for it; any exit is a result. */
  async exec(place: string, command: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const [program, ...args] = await this.command(place, command);
    const { input = '', timeoutMs = 30_000 } = options;
    const done = await execa(program, args, { input, timeout: timeoutMs, killSignal: 'SIGKILL', reject: false });
    return { exitCode: done.exitCode, stdout: done.stdout, stderr: done.stderr };
  }

  /** Starts a program at a place; it does not outlive the caller. */
  async spawn(place: string, command: readonly string[], options: SpawnOptions = {}): Promise<ChildProcess> {
    const [program, ...args] = await this.command(place, command);
    return spawnProcess('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], options);
  }

  board(name: string): LabBoard {
    const paths = boardPaths(this.dir, name);
    if (!this.topology.boards.some((b) => b.name === name)) {
      throw new LabError(fail('LAB_UNKNOWN', `there is no board "${name}"`));
    }
    const ask = async <T>(method: string, daemon?: string): Promise<T> =>
      orThrow(await requestLine<T>(paths.initSocket, method, { daemon }));
    return {
      name,
      ...paths,
      exec: (command, options) => this.exec(name, command, options),
      spawn: (command, options) => this.spawn(name, command, options),
      log: (daemon) => readFileSync(join(paths.logDir, `${daemon}.log`), 'utf8'),
      bootId: () => readFileSync(paths.bootIdFile, 'utf8').trim(),
      init: {
        list: () => ask('list'),
        start: (daemon) => ask('start', daemon),
        stop: (daemon) => ask('stop', daemon),
        kill: (daemon) => ask('kill', daemon),
        hold: (daemon) => ask('hold', daemon),
      },
    };
  }

  /** Changes what a switch's agent says beside, or in place of, what its bridge knows; from its next answer on. */
  overlay(network: Network, overlay: Overlay): void {
    const folder = switchAgentFolder(this.dir, network);
    // In one step: an agent that reads half a file would say nothing of it for once.
    writeFileSync(join(folder, 'overlay.new'), JSON.stringify(overlay));
    renameSync(join(folder, 'overlay.new'), join(folder, 'overlay.json'));
  }

  /** A client outside, or at another place of the chassis, that probes a UDP echo every millisecond. */
  async prober(options: ProberOptions, place = 'outside'): Promise<Prober> {
    return Prober.start(await this.command(place, [...judge, proberMain, JSON.stringify(options)]));
  }

  /** The judge of who holds which address, listening on both switches. */
  async observer(addresses: readonly string[]): Promise<Observer> {
    const boards = Object.fromEntries(macTable(this.topology));
    const setting: ObserverSetting = { addresses, boards };
    return Observer.start(await this.command('lab', [...judge, observerMain, JSON.stringify(setting)]));
  }
}

/** A lab's folder. The name is checked wherever one is given: `down` removes the folder with all that is in it. */
function labDir(root: string, name: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) return join(root, name);
  throw new LabError(fail('LAB_NAME_INVALID', `"${name}": lower case letters, digits and dashes, at most 32`));
}
