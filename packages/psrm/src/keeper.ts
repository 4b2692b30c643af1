import { type Failure, fail, ok, type Result } from '@softset/base';
import type { Program, ProgramStatus } from '@softset/protocol';
import type { EventRing } from '@softset/runtime/event-ring.js';
import type { Logger } from '@softset/runtime/log.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { StepRunner } from '@softset/runtime/step-runner.js';
import { type CgroupRoot, enterCgroup, makeCgroup, removeCgroup } from './adapters/cgroup.js';
import type { KeptFiles } from './adapters/kept-file.js';
import { firstProcess, type Marked, markOf, type Owner } from './adapters/mark.js';
import { askProgram } from './adapters/probe.js';
import { isAlive, readStat, tickMs, uptimeMs } from './adapters/process-table.js';
import type { ProgramLog } from './adapters/program-log.js';
import { killLife, killMarked, killRemains, type Life, signalGroup } from './adapters/remains.js';
import { spawnProgram } from './adapters/spawn.js';
import type { Effect, Event, Instance } from './core/events.js';
import { initial, kept, restored, type State } from './core/state.js';
import { step } from './core/step.js';

export interface KeeperOptions {
  readonly program: Program;
  readonly owner: Owner;
  readonly files: KeptFiles;
  readonly output: ProgramLog;
  readonly cgroups: CgroupRoot | undefined;
  /** Whether it runs from psrmd's start, where nothing was kept that says otherwise. */
  readonly fromStart: boolean;
  readonly log: Logger;
  readonly ring: EventRing;
  readonly onChange: () => void;
  readonly onCrash: (error: unknown) => void;
}

/** An adopted program is no child, so nobody is told of its end: it is looked up this often. */
const watchMs = 50;
/** How soon the remains of an ended life are looked for again, growing to the second number. */
const cleanAgainMsMin = 2;
const cleanAgainMsMax = 50;
/** A restart does not wait for what left its process group; it is swept away a little later. */
const sweepAfterMs = 20;
/** Beyond `stop.timeoutMs`, what a KILL may take before an order to stop is answered NOT_STOPPED. */
const stopGraceMs = 5000;

/** The shell of one program: turns exits, timers and answers into events of the core, and performs its effects. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #runner: StepRunner<State, Event, Effect>;
  readonly #stopped = new Set<(result: Result<void>) => void>();
  #cgroup: string | undefined;
  #nextCgroup: string | undefined;
  #released = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    const { program, files, ring, onCrash } = options;
    const record = files.read(program.name);
    this.#cgroup = record?.cgroup;
    this.#runner = new StepRunner<State, Event, Effect>({
      initial: record ? restored(record.kept, nowMs()) : { ...initial, sinceMs: nowMs(), wanted: options.fromStart },
      step: (state, event, atMs) => step(state, event, atMs, program),
      ring,
      onCrash,
      effects: {
        persist: () => this.#persist(),
        spawn: ({ number }) => this.#spawn(number),
        signal: ({ instance, signal }) => {
          signalGroup(instance, signal as NodeJS.Signals);
          // A stopped process hears nothing else; systemd sends this after its signal, too.
          signalGroup(instance, 'SIGCONT');
        },
        kill: ({ instance }) => killLife(this.#life(instance)),
        clean: ({ instance, thorough }) => this.#clean(instance, thorough, cleanAgainMsMin),
        sweep: ({ below }) => void setTimeout(() => this.#sweep(below), sweepAfterMs).unref(),
        probe: ({ instance }) => this.#probe(instance),
        arm: ({ atMs }) => {
          if (Number.isFinite(atMs)) this.#runner.armEvent('deadline', atMs, () => ({ kind: 'tick' }));
          else this.#runner.timers.cancel('deadline');
        },
        report: () => this.#report(),
      },
    });
  }

  /** Takes up what runs already, and starts what is wanted and does not. `marked`: all of this owner's processes. */
  begin(marked: readonly Marked[]): void {
    const { program, files } = this.#options;
    const record = files.read(program.name);
    const found = firstProcess(marked, program.name);
    const known = record?.kept.instance;
    if (known && isAlive(known.pid, known.startTicks)) this.#adopt(known);
    else if (found && found.number >= (record?.kept.number ?? 0)) {
      // Spawned, but psrmd ended before it could write that down.
      const startedMs = nowMs() - (uptimeMs() - found.startTicks * tickMs);
      this.#cgroup = undefined;
      this.#adopt({ number: found.number, pid: found.pid, startTicks: found.startTicks, startedMs });
    } else if (known) {
      this.#tell({ kind: 'adopted', instance: known });
      this.#tell({ kind: 'exited', number: known.number, end: { kind: 'unseen' } });
    } else {
      killMarked(this.#options.owner, program.name, Number.POSITIVE_INFINITY);
      if (this.#runner.state.wanted && this.#runner.state.phase !== 'failed') this.#tell({ kind: 'start' });
    }
  }

  status(): ProgramStatus {
    const { phase, sinceMs, restarts, wanted, instance, ended, lastEnd } = this.#runner.state;
    return {
      program: this.#options.program.name,
      state: phase,
      sinceMs,
      restarts,
      wanted,
      ...(instance && !ended ? { pid: instance.pid } : {}),
      ...(lastEnd === undefined ? {} : { lastEnd }),
    };
  }

  start(): void {
    this.#tell({ kind: 'start' });
  }

  restart(): void {
    this.#tell({ kind: 'restart' });
  }

  /** Answers once nothing of it is left. Fails `NOT_STOPPED` when that takes too long, or it was started meanwhile. */
  stop(): Promise<Result<void>> {
    this.#tell({ kind: 'stop' });
    if (this.#runner.state.phase === 'stopped') return Promise.resolve(ok(undefined));
    const { name, stop } = this.#options.program;
    return new Promise((resolve) => {
      const settle = (result: Result<void>): void => {
        clearTimeout(timer);
        this.#stopped.delete(settle);
        resolve(result);
      };
      const late = (): void => settle(notStopped(`${name} still runs, long after KILL`));
      const timer = setTimeout(late, stop.timeoutMs + stopGraceMs);
      this.#stopped.add(settle);
    });
  }

  /** Once a second. */
  bound(): void {
    this.#options.output.bound();
  }

  /** psrmd ends and the program goes on: nothing that happens from now on is acted upon. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#runner.halt();
    this.#options.output.close();
  }

  #tell(event: Event): void {
    if (!this.#released) this.#runner.dispatch(event);
  }

  #life(instance: Instance): Life {
    return { owner: this.#options.owner, program: this.#options.program.name, instance, cgroup: this.#cgroup };
  }

  #adopt(instance: Instance): void {
    this.#options.log.info('program-adopted', { program: this.#options.program.name, pid: instance.pid });
    const watch = setInterval(() => {
      if (!this.#released && isAlive(instance.pid, instance.startTicks)) return;
      clearInterval(watch);
      this.#tell({ kind: 'exited', number: instance.number, end: { kind: 'unseen' } });
    }, watchMs);
    this.#tell({ kind: 'adopted', instance });
  }

  #persist(): void {
    const { files, program, log } = this.#options;
    const written = files.write(program.name, kept(this.#runner.state), this.#cgroup);
    // Going on is right: without its file a crash of psrmd is found out by the marks, and only counts are lost.
    if (!written.ok)
      log.error('program-not-kept', { program: program.name, code: written.code, text: written.message });
  }

  #spawn(number: number): void {
    const { program, owner, output, cgroups } = this.#options;
    const cgroup = this.#nextCgroup ?? (cgroups && makeCgroup(cgroups, program.name, number));
    this.#nextCgroup = undefined;
    const failed = (reason: string): void => {
      this.#nextCgroup = cgroup;
      this.#tell({ kind: 'spawn-failed', number, reason });
    };
    const before = this.#cgroup;
    this.#cgroup = cgroup;
    let pid: number | undefined;
    try {
      pid = spawnProgram({
        program,
        mark: markOf(owner, program.name, number),
        log: output.fd,
        onFailed: failed,
        onExit: (end) => this.#tell({ kind: 'exited', number, end }),
      });
    } catch (error) {
      failed(String(error)); // Arguments that no execve(2) could take, such as one with a zero byte.
    }
    if (pid === undefined) return;
    const startedMs = nowMs();
    if (cgroup !== undefined) enterCgroup(cgroup, pid);
    // Readable even if it ended already: only this loop reaps it, later.
    setTimeout(() => this.#tidy(before, number), sweepAfterMs).unref();
    this.#tell({ kind: 'spawned', instance: { number, pid, startTicks: readStat(pid)?.startTicks ?? 0, startedMs } });
  }

  /** What need not stand in the way of a start: the last life's cgroup goes, the next one's is made. */
  #tidy(before: string | undefined, number: number): void {
    const { cgroups, program } = this.#options;
    if (this.#released) return;
    if (before !== undefined) removeCgroup(before);
    if (cgroups) this.#nextCgroup ??= makeCgroup(cgroups, program.name, number + 1);
  }

  #clean(instance: Instance, thorough: boolean, againMs: number): void {
    if (this.#released) return;
    if (killRemains(this.#life(instance), thorough) === 0) {
      this.#tell({ kind: 'gone', number: instance.number, thorough });
      return;
    }
    setTimeout(() => this.#clean(instance, thorough, Math.min(againMs * 2, cleanAgainMsMax)), againMs);
  }

  #sweep(below: number): void {
    const { owner, program, log } = this.#options;
    const pids = this.#released ? [] : killMarked(owner, program.name, below - 1);
    if (pids.length > 0) log.warn('remains-killed', { program: program.name, pids });
  }

  #probe({ number }: Instance): void {
    const { probe } = this.#options.program;
    if (probe) askProgram(probe, (answered) => this.#tell({ kind: answered ? 'answered' : 'missed', number }));
  }

  #report(): void {
    const status = this.status();
    const { program, state, wanted } = status;
    const level = state === 'failed' || state === 'not-responding' ? 'warn' : 'info';
    // Written a little later: a line on standard error must not stand between a death and the restart.
    setImmediate(() => this.#options.log[level]('program-state', { ...status }));
    for (const settle of [...this.#stopped]) {
      if (state === 'stopped') settle(ok(undefined));
      else if (wanted) settle(notStopped(`${program} was started again`));
    }
    this.#options.onChange();
  }
}

function notStopped(message: string): Failure<'NOT_STOPPED'> {
  return fail('NOT_STOPPED', message);
}
