import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import type { Notification } from '@softset/linux/unix-dgram.js';
import type { Board, Chapter, Cluster, Program, ProgramState, ProgramStatus } from '@softset/protocol';
import { errnoFailure } from '@softset/runtime/errno.js';
import type { EventRing } from '@softset/runtime/event-ring.js';
import type { Logger } from '@softset/runtime/log.js';
import { type CgroupRoot, closeCgroupRoot, openCgroupRoot } from './adapters/cgroup.js';
import { Children } from './adapters/children.js';
import { KeptFiles } from './adapters/kept-file.js';
import { LimitGroups } from './adapters/limit-groups.js';
import { findMarked, type Owner } from './adapters/mark.js';
import { type NotifySocket, openNotifySocket } from './adapters/notify-socket.js';
import { isAlive, killProcess } from './adapters/process-table.js';
import { ProgramLog } from './adapters/program-log.js';
import { keepSpareDescriptor } from './adapters/spare-descriptor.js';
import { WrittenFiles } from './adapters/written-files.js';
import { type BoardAlarm, Escalation } from './escalation.js';
import { Keeper, type KeeperOptions } from './keeper.js';
import { Rounds } from './rounds.js';
import { StartingOrder } from './starting-order.js';
import { Sweeper } from './sweeper.js';

export interface SupervisorOptions {
  readonly cluster: Cluster;
  readonly board: Board;
  /** Absolute, without links: it is part of the mark. */
  readonly runDir: string;
  readonly boot: string;
  /** On a disk; what must outlive a boot. */
  readonly stateDir: string;
  readonly log: Logger;
  readonly ring: EventRing;
  /** Called after each change, at most once a turn of the loop. */
  readonly onChange: () => void;
  readonly onCrash: (error: unknown) => void;
  readonly onEffect?: KeeperOptions['onEffect'];
}

/**
 * Whether a program runs from psrmd's start. One that only the address's holder may run waits for REDIRECT's order;
 * one that every board of the pool keeps running (hot standby), or that belongs to no service, does not.
 */
export function runsFromStart(program: Program): boolean {
  return program.exclusive === 'address' || program.service === undefined;
}

/** Whether a changed entry holds for a new life only: what the process was started with. */
export function needsNewLife(before: Program, after: Program): boolean {
  const of = ({ command, environment, directory, run, limits, notify, pidFile }: Program): string =>
    JSON.stringify([command, environment, directory, run, limits, notify, pidFile]);
  return of(before) !== of(after);
}

/** TERM to KILL, for programs that the cluster file does not know any more. */
const unknownStopMs = 3000;

/** All programs of a board. */
export class Supervisor {
  readonly #keepers = new Map<string, Keeper>();
  readonly #files: KeptFiles;
  readonly #cgroups: CgroupRoot | undefined;
  readonly #limitGroups: LimitGroups;
  readonly #children = new Children();
  readonly #rounds = new Rounds();
  readonly #written = new WrittenFiles<ProgramLog>();
  readonly #owner: Owner;
  readonly #sweeper: Sweeper;
  readonly #order = new StartingOrder(this.#keepers);
  readonly #escalation: Escalation;
  readonly #options: SupervisorOptions;
  #notify: NotifySocket | undefined;
  #telling = false;

  /** Throws a system error when the run directory cannot be written, or no descriptor is left. */
  constructor(options: SupervisorOptions) {
    keepSpareDescriptor();
    this.#options = options;
    const { cluster, board, runDir, log } = options;
    this.#owner = { board: board.name, runDir };
    this.#files = new KeptFiles(runDir, options.boot);
    const cgroups = openCgroupRoot(this.#owner);
    this.#cgroups = cgroups;
    this.#limitGroups = new LimitGroups(this.#owner);
    this.#sweeper = new Sweeper(this.#owner, log);
    this.#escalation = new Escalation({
      rungs: cluster.escalation,
      file: join(options.stateDir, 'psrm-ladder.json'),
      boot: options.boot,
      children: this.#children,
      log,
      failOver: (why) => {
        for (const keeper of this.#servants()) keeper.giveUp(why);
      },
      onAlarm: () => this.#changed(),
    });
    for (const program of this.#programsIn(cluster)) this.#keepers.set(program.name, this.#keeperOf(program));
    log.info('programs-loaded', { programs: [...this.#keepers.keys()], cgroups: cgroups?.path ?? 'none' });
  }

  #programsIn(cluster: Cluster): readonly Program[] {
    return cluster.programs.filter(({ boards }) => boards.includes(this.#options.board.id));
  }

  #keeperOf(program: Program): Keeper {
    const { log, ring, onCrash, onEffect } = this.#options;
    return new Keeper({
      program,
      owner: this.#owner,
      files: this.#files,
      output: this.#output(program),
      children: this.#children,
      cgroups: this.#cgroups,
      limitGroups: this.#limitGroups,
      sweeper: this.#sweeper,
      rounds: this.#rounds,
      notifySocket: () => this.#notifySocket(),
      fromStart: runsFromStart(program),
      log,
      ring,
      onChange: (before) => this.#stands(program.name, before),
      onCrash,
      onEffect,
    });
  }

  /** A program whose log cannot be opened runs all the same: what it serves is worth more than what it writes. */
  #output({ name: program, log: { bytesMax } }: Program): ProgramLog {
    const path = join(this.#owner.runDir, 'log', `${program}.log`);
    try {
      const output = new ProgramLog(path, bytesMax);
      this.#written.add(output);
      return output;
    } catch (error) {
      const { code, message } = errnoFailure(error, `open ${path}`);
      this.#options.log.error('program-log-lost', { program, code, message });
      return new ProgramLog('/dev/null', bytesMax);
    }
  }

  /** Opened when the first program needs it. Undefined where it cannot be: then nothing of what it says is heard. */
  #notifySocket(): string | undefined {
    if (this.#notify) return this.#notify.path;
    const onMessage = (message: Notification): void => {
      for (const keeper of this.#keepers.values()) {
        if (!keeper.hears(message)) continue;
        keeper.hear(message);
        return;
      }
      this.#options.log.debug('notify-refused', { pid: message.pid, uid: message.uid });
    };
    // Only root runs programs as others, which cannot reach into its run directory.
    const opened = openNotifySocket(this.#owner, process.getuid?.() === 0, onMessage);
    if (opened.ok) this.#notify = opened.value;
    else this.#options.log.error('notify-socket-lost', { code: opened.code, message: opened.message });
    return this.#notify?.path;
  }

  /** Adopts and starts; also ends what runs here and is not configured any more. Throws a system error where it cannot see. */
  begin(): void {
    const marked = findMarked(this.#owner);
    // Before anything is adopted: what runs already speaks to it.
    if ([...this.#keepers.values()].some(({ program }) => program.notify)) this.#notifySocket();
    const strangers = marked.filter(({ program }) => !this.#keepers.has(program));
    for (const { pid, program } of strangers) {
      this.#options.log.warn('program-not-configured', { program, pid });
      process.kill(pid, 'SIGTERM');
    }
    const finish = (): void => {
      for (const { pid, startTicks } of strangers) if (isAlive(pid, startTicks)) killProcess(pid);
    };
    if (strangers.length > 0) setTimeout(finish, unknownStopMs).unref();
    this.#order.hold();
    for (const [name, keeper] of this.#keepers) keeper.begin(marked.filter(({ program }) => program === name));
    this.#order.look();
    this.#lookWhetherEmpty();
  }

  /** Those that belong to a service: what a board failover moves. */
  #servants(): readonly Keeper[] {
    return [...this.#keepers.values()].filter(({ program }) => program.service !== undefined);
  }

  /** A program's standing changed: others may wait for that, and so may the ladder. */
  #stands(name: string, before: ProgramState): void {
    this.#order.look();
    this.#changed();
    const keeper = this.#keepers.get(name);
    if (keeper?.program.service === undefined) return;
    const { state } = keeper.status();
    if (state === before) return;
    if (state === 'failed' && !keeper.forsaken) this.#escalation.tell({ kind: 'given-up', program: name });
    if (state === 'failed') this.#lookWhetherEmpty();
    if (before === 'failed' && !this.#servants().some((one) => one.forsaken))
      this.#escalation.tell({ kind: 'rearmed' });
  }

  /** The board is trusted again: what was given up with it may run, and starts where it is wanted. */
  clear(who: string): void {
    for (const keeper of this.#servants()) keeper.clear(who);
    this.#escalation.tell({ kind: 'rearmed' });
  }

  /** The ladder's last rung waits for that; also where psrmd ended in between. */
  #lookWhetherEmpty(): void {
    const servants = this.#servants();
    if (servants.length > 0 && servants.every((one) => one.status().state === 'failed'))
      this.#escalation.tell({ kind: 'emptied' });
  }

  /** Whose addresses this board holds, as far as it was told: so much of the roles as is not known otherwise. */
  serve(services: ReadonlySet<string>): void {
    for (const keeper of this.#keepers.values())
      keeper.setRole(services.has(keeper.program.service ?? '') ? 'active' : 'standby');
  }

  /** Whether a program needs to be told who holds the address. */
  get needsRoles(): boolean {
    return this.#servants().some(({ program }) => program.exclusive === 'address');
  }

  /** Of the board as a whole. */
  get alarm(): BoardAlarm | undefined {
    return this.#escalation.alarm;
  }

  /** Answers once it, and before it whatever stands on it, is gone. */
  stop(keeper: Keeper, who?: string): Promise<Result<void>> {
    return this.#order.stopInOrder(keeper.program.name, () => keeper.stop(who));
  }

  /** Error: `UNKNOWN_PROGRAM`. */
  why(program: string): Result<{ status: ProgramStatus; history: readonly Chapter[] }, 'UNKNOWN_PROGRAM'> {
    const keeper = this.keeper(program);
    return keeper.ok ? ok({ status: keeper.value.status(), history: keeper.value.history() }) : keeper;
  }

  /**
   * What was read again (SIGHUP): programs that are gone are stopped, new ones begin, changed ones change. Only what a
   * process was started with makes it start again. Errors: `NOT_STOPPED`; the others were dealt with all the same.
   */
  async reload(cluster: Cluster): Promise<Result<void>> {
    const programs = new Map(this.#programsIn(cluster).map((program) => [program.name, program]));
    this.#escalation.reconfigure(cluster.escalation);
    const leaving = [...this.#keepers].filter(([name]) => !programs.has(name));
    for (const [name, program] of programs) {
      const keeper = this.#keepers.get(name);
      if (keeper === undefined) {
        const added = this.#keeperOf(program);
        this.#keepers.set(name, added);
        this.#order.look();
        added.begin(findMarked(this.#owner).filter((one) => one.program === name));
      } else if (JSON.stringify(keeper.program) !== JSON.stringify(program)) {
        keeper.reconfigure(program, needsNewLife(keeper.program, program));
        this.#written.add(keeper.output);
      }
    }
    const stopped = await Promise.all(
      leaving.map(async ([name, keeper]) => {
        const result = await this.stop(keeper, 'the cluster file, which lost it');
        if (!result.ok) return result;
        this.#written.drop(keeper.output);
        keeper.forget();
        this.#keepers.delete(name);
        return result;
      }),
    );
    this.#order.look();
    this.#changed();
    return stopped.find((result) => !result.ok) ?? ok(undefined);
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

  /** Once a second: stamps and bounds the logs that were written to. */
  boundLogs(): void {
    for (const log of this.#written.take()) log.bound();
  }

  /** Stops all; what was wanted is forgotten, so that the next psrmd begins as the cluster file says. */
  async stopAll(): Promise<readonly Result<void>[]> {
    const results = await Promise.all(
      [...this.#keepers.values()].map((keeper) => this.stop(keeper, 'psrmd, which ends')),
    );
    this.release();
    for (const name of this.#keepers.keys()) this.#files.forget(name);
    if (this.#cgroups) closeCgroupRoot(this.#cgroups);
    this.#limitGroups.close();
    return results;
  }

  /** Leaves all running. */
  release(): void {
    this.#written.close();
    this.#rounds.close();
    for (const keeper of this.#keepers.values()) keeper.release();
    this.#notify?.close();
    this.#notify = undefined;
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
