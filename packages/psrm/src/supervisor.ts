import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import type { Board, Cluster, Program, ProgramStatus } from '@softset/protocol';
import type { EventRing } from '@softset/runtime/event-ring.js';
import type { Logger } from '@softset/runtime/log.js';
import { type CgroupRoot, closeCgroupRoot, openCgroupRoot } from './adapters/cgroup.js';
import { KeptFiles } from './adapters/kept-file.js';
import { findMarked, type Owner } from './adapters/mark.js';
import { isAlive, killProcess } from './adapters/process-table.js';
import { ProgramLog } from './adapters/program-log.js';
import { Keeper } from './keeper.js';

export interface SupervisorOptions {
  readonly cluster: Cluster;
  readonly board: Board;
  /** Absolute, without links: it is part of the mark. */
  readonly runDir: string;
  readonly boot: string;
  readonly log: Logger;
  readonly ring: EventRing;
  /** Called after each change, at most once a turn of the loop. */
  readonly onChange: () => void;
  readonly onCrash: (error: unknown) => void;
}

/**
 * Whether a program runs from psrmd's start. One that only the address's holder may run waits for REDIRECT's order;
 * one that every board of the pool keeps running (hot standby), or that belongs to no service, does not.
 */
export function runsFromStart(program: Program): boolean {
  return program.exclusive === 'address' || program.service === undefined;
}

/** TERM to KILL, for programs that the cluster file does not know any more. */
const unknownStopMs = 3000;

/** All programs of a board. */
export class Supervisor {
  readonly #keepers = new Map<string, Keeper>();
  readonly #files: KeptFiles;
  readonly #cgroups: CgroupRoot | undefined;
  readonly #options: SupervisorOptions;
  #telling = false;

  /** Throws a system error when the run directory cannot be written. */
  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { cluster, board, runDir, log, ring, onCrash } = options;
    const owner: Owner = { board: board.name, runDir };
    this.#files = new KeptFiles(runDir, options.boot);
    const cgroups = openCgroupRoot(owner);
    this.#cgroups = cgroups;
    for (const program of cluster.programs.filter(({ boards }) => boards.includes(board.id))) {
      const keeper = new Keeper({
        program,
        owner,
        files: this.#files,
        output: new ProgramLog(join(runDir, 'log', `${program.name}.log`)),
        cgroups,
        fromStart: runsFromStart(program),
        log,
        ring,
        onChange: () => this.#changed(),
        onCrash,
      });
      this.#keepers.set(program.name, keeper);
    }
    log.info('programs-loaded', { programs: [...this.#keepers.keys()], cgroups: cgroups?.path ?? 'none' });
  }

  /** Adopts and starts; also ends what runs here and is not configured any more. */
  begin(): void {
    const { board, runDir } = this.#options;
    const marked = findMarked({ board: board.name, runDir });
    const strangers = marked.filter(({ program }) => !this.#keepers.has(program));
    for (const { pid, program } of strangers) {
      this.#options.log.warn('program-not-configured', { program, pid });
      process.kill(pid, 'SIGTERM');
    }
    const finish = (): void => {
      for (const { pid, startTicks } of strangers) if (isAlive(pid, startTicks)) killProcess(pid);
    };
    if (strangers.length > 0) setTimeout(finish, unknownStopMs).unref();
    for (const [name, keeper] of this.#keepers) keeper.begin(marked.filter(({ program }) => program === name));
  }

  status(): readonly ProgramStatus[] {
    return [...this.#keepers.values()].map((keeper) => keeper.status());
  }

  /** Error: `UNKNOWN_PROGRAM`. */
  keeper(program: string): Result<Keeper, 'UNKNOWN_PROGRAM'> {
    const keeper = this.#keepers.get(program);
    if (keeper) return ok(keeper);
    const known = [...this.#keepers.keys()].join(', ') || 'none';
    return fail('UNKNOWN_PROGRAM', `this board has no program "${program}"; it has: ${known}`);
  }

  /** Once a second. */
  boundLogs(): void {
    for (const keeper of this.#keepers.values()) keeper.bound();
  }

  /** Stops all; what was wanted is forgotten, so that the next psrmd begins as the cluster file says. */
  async stopAll(): Promise<readonly Result<void>[]> {
    const results = await Promise.all([...this.#keepers.values()].map((keeper) => keeper.stop()));
    this.release();
    for (const name of this.#keepers.keys()) this.#files.forget(name);
    if (this.#cgroups) closeCgroupRoot(this.#cgroups);
    return results;
  }

  /** Leaves all running. */
  release(): void {
    for (const keeper of this.#keepers.values()) keeper.release();
  }

  #changed(): void {
    if (this.#telling) return;
    this.#telling = true;
    // Not before the events at hand are dealt with: a death and its restart are told as one change.
    setImmediate(() => {
      this.#telling = false;
      this.#options.onChange();
    });
  }
}
