import { type Failure, fail, ok, type Result } from '@softset/base';
import type { Notification } from '@softset/linux/unix-dgram.js';
import type { Program, ProgramStatus } from '@softset/protocol';
import type { EventRing } from '@softset/runtime/event-ring.js';
import type { Logger } from '@softset/runtime/log.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { type EffectHandlers, StepRunner } from '@softset/runtime/step-runner.js';
import type { Answer } from './adapters/answer.js';
import type { CgroupRoot } from './adapters/cgroup.js';
import type { Children } from './adapters/children.js';
import type { KeptFiles } from './adapters/kept-file.js';
import type { LimitGroups } from './adapters/limit-groups.js';
import { firstProcess, type Marked, type Owner } from './adapters/mark.js';
import { readPidFile } from './adapters/pid-file.js';
import { askProgram, askTcp } from './adapters/probe.js';
import { isAlive, killProcess, readStat, tickMs, uptimeMs } from './adapters/process-table.js';
import type { ProgramLog } from './adapters/program-log.js';
import { belongs, killLife, killMarked, killRemains, type Life, membersOf, signalGroup } from './adapters/remains.js';
import { TroubleWatch } from './adapters/trouble-watch.js';
import type { Effect, End, Event, Instance } from './core/events.js';
import { decodeNotice } from './core/notice.js';
import { initial, kept, restored, type State } from './core/state.js';
import { step } from './core/step.js';
import { Follower, instanceOf } from './follower.js';
import { runHelper } from './helper.js';
import { Spawner } from './spawner.js';

export interface KeeperOptions {
  readonly program: Program;
  readonly owner: Owner;
  readonly files: KeptFiles;
  readonly output: ProgramLog;
  readonly children: Children;
  readonly cgroups: CgroupRoot | undefined;
  readonly limitGroups: LimitGroups;
  readonly notifySocket: () => string | undefined;
  /** Whether it runs from psrmd's start, where nothing was kept that says otherwise. */
  readonly fromStart: boolean;
  readonly log: Logger;
  readonly ring: EventRing;
  readonly onChange: () => void;
  readonly onCrash: (error: unknown) => void;
  /** Told before and after each effect: tests end the process there. */
  readonly onEffect?: ((when: 'before' | 'after', kind: Effect['kind']) => void) | undefined;
}

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
  readonly #spawner: Spawner;
  readonly #follower: Follower;
  #program: Program;
  #released = false;
  /** How long the last answered probe took. */
  #probeMs: number | undefined;
  #watch: { readonly number: number; readonly trouble: TroubleWatch } | undefined;
  /** How long the log was when the newest life began; of an adopted one, when it was adopted. */
  #logFrom = 0;
  #watchTimer: NodeJS.Timeout | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    const { program, owner, children, cgroups, limitGroups, output, notifySocket, log } = options;
    const { files, ring, onCrash } = options;
    this.#program = program;
    const record = files.read(program.name);
    this.#follower = new Follower(children);
    this.#spawner = new Spawner(
      { owner, children, cgroups, limitGroups, output: output.fd, notifySocket, log },
      record?.cgroup,
    );
    this.#runner = new StepRunner<State, Event, Effect>({
      initial: record ? restored(record.kept, nowMs()) : { ...initial, sinceMs: nowMs(), wanted: options.fromStart },
      step: (state, event, atMs) => step(state, event, atMs, this.#program),
      ring,
      onCrash,
      effects: this.#handlers(),
    });
    this.#logFrom = output.size;
    this.#measure();
  }

  /** Takes up what runs already, and starts what is wanted and does not. `marked`: all of this program's processes. */
  begin(marked: readonly Marked[]): void {
    const { files, owner } = this.#options;
    const { name, pidFile } = this.#program;
    const record = files.read(name);
    const found = firstProcess(marked, name);
    const known = record?.kept.instance;
    const behind = pidFile === undefined ? undefined : this.#inBackground(pidFile, marked, known);
    const takeUp = (instance: Instance): void => {
      this.#adopt(instance);
      // psrmd may have ended between a restart and the sweep that follows it.
      for (const one of marked) if (one.number < instance.number) killProcess(one.pid);
    };
    if (known && isAlive(known.pid, known.startTicks)) takeUp(known);
    else if (behind) takeUp(behind);
    else if (found && (known ? found.number > known.number : found.number >= (record?.kept.number ?? 0))) {
      // Spawned, but psrmd ended before it could write that down. Of a life that was written down and has ended, what
      // is found is only what it left behind, though it may lead a session.
      this.#spawner.forgetCgroup();
      const { number, pid, startTicks } = found;
      takeUp({ number, pid, startTicks, startedMs: startedMsOf(startTicks) });
    } else if (known) {
      this.#tell({ kind: 'adopted', instance: known });
      this.#tell({ kind: 'exited', number: known.number, end: { kind: 'unseen' } });
    } else {
      killMarked(owner, name, Number.POSITIVE_INFINITY);
      if (this.#runner.state.wanted && this.#runner.state.phase !== 'failed') this.#tell({ kind: 'start' });
    }
  }

  /** A process of ours that the PID file names, though psrmd ended before it was told of it. */
  #inBackground(path: string, marked: readonly Marked[], known: Instance | undefined): Instance | undefined {
    const pid = readPidFile(path);
    if (pid === undefined) return undefined;
    if (known && belongs(this.#life(known), pid)) return instanceOf(pid, known);
    const one = marked.find((process) => process.pid === pid);
    if (one === undefined || one.number < (known?.number ?? 0)) return undefined;
    return instanceOf(pid, { ...one, startedMs: startedMsOf(one.startTicks) });
  }

  get program(): Program {
    return this.#program;
  }

  status(): ProgramStatus {
    const { phase, sinceMs, restarts, wanted, instance, ended, lastEnd, says, trouble } = this.#runner.state;
    return {
      program: this.#program.name,
      state: phase,
      sinceMs,
      restarts,
      wanted,
      ...(instance && !ended ? { pid: instance.pid } : {}),
      ...(lastEnd === undefined ? {} : { lastEnd }),
      ...(says === undefined ? {} : { says }),
      ...(trouble === undefined ? {} : { trouble }),
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
    const { name, stop } = this.#program;
    return new Promise((resolve) => {
      const settle = (result: Result<void>): void => {
        clearTimeout(timer);
        this.#stopped.delete(settle);
        resolve(result);
      };
      const late = (): void => settle(notStopped(`${name} still runs, long after KILL`));
      const timer = setTimeout(late, stop.timeoutMs + (stop.dump?.timeoutMs ?? 0) + stopGraceMs);
      this.#stopped.add(settle);
    });
  }

  /** Another entry of the same program, read again. `anew`: it has to be started again for it, if it runs. */
  reconfigure(program: Program, anew: boolean): void {
    this.#program = program;
    this.#watch = undefined;
    this.#measure();
    const { wanted, phase } = this.#runner.state;
    if (anew && wanted && phase !== 'failed') this.restart();
  }

  /** Once a second. */
  bound(): void {
    this.#options.output.bound();
  }

  /** Whether a message came from this program, and from one whose word counts. */
  hears({ pid }: Notification): boolean {
    const { instance, ended } = this.#runner.state;
    if (!instance || ended || this.#program.notify === undefined) return false;
    return this.#program.notify.from === 'all' ? belongs(this.#life(instance), pid) : pid === instance.pid;
  }

  /** A message that `hears` let through. */
  hear({ text }: Notification): void {
    const { instance } = this.#runner.state;
    if (!instance) return;
    const { notice, mainPid } = decodeNotice(text);
    if (mainPid !== undefined && mainPid !== instance.pid) this.#follow(mainPid, instance);
    this.#tell({ kind: 'notified', number: instance.number, notice });
  }

  /** psrmd ends and the program goes on: nothing that happens from now on is acted upon. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    clearInterval(this.#watchTimer);
    this.#follower.close();
    this.#runner.halt();
    this.#options.output.close();
  }

  /** It was stopped, and is not configured here any more. */
  forget(): void {
    this.release();
    this.#spawner.close();
    this.#options.files.forget(this.#program.name);
  }

  #tell(event: Event): void {
    if (!this.#released) this.#runner.dispatch(event);
  }

  #life(instance: Instance): Life {
    return { owner: this.#options.owner, program: this.#program.name, instance, cgroup: this.#spawner.cgroup };
  }

  #handlers(): EffectHandlers<Effect> {
    const handlers: EffectHandlers<Effect> = {
      persist: () => this.#persist(),
      spawn: ({ number }) => this.#spawn(number),
      signal: ({ instance, signal }) => {
        signalGroup(instance, signal as NodeJS.Signals);
        // A stopped process hears nothing else; systemd sends this after its signal, too.
        signalGroup(instance, 'SIGCONT');
      },
      dump: ({ instance }) => this.#dump(instance),
      kill: ({ instance }) => killLife(this.#life(instance)),
      clean: ({ instance, thorough }) => this.#clean(instance, thorough, cleanAgainMsMin),
      sweep: ({ below }) => void setTimeout(() => this.#sweep(below), sweepAfterMs).unref(),
      probe: ({ instance }) => this.#probe(instance),
      knock: ({ instance }) => this.#knock(instance),
      arm: ({ atMs }) => {
        if (Number.isFinite(atMs)) this.#runner.armEvent('deadline', atMs, () => ({ kind: 'tick' }));
        else this.#runner.timers.cancel('deadline');
      },
      report: () => this.#report(),
    };
    const { onEffect } = this.#options;
    return onEffect === undefined ? handlers : watched(handlers, onEffect);
  }

  #adopt(instance: Instance): void {
    this.#options.log.info('program-adopted', { program: this.#program.name, pid: instance.pid });
    this.#follower.watch(instance, (end) => this.#tell({ kind: 'exited', number: instance.number, end }));
    this.#tell({ kind: 'adopted', instance });
  }

  #persist(): void {
    const { files, log } = this.#options;
    const { name } = this.#program;
    const written = files.write(name, kept(this.#runner.state), this.#spawner.cgroup);
    // Going on is right: without its file a crash of psrmd is found out by the marks, and only counts are lost.
    if (!written.ok) log.error('program-not-kept', { program: name, code: written.code, text: written.message });
  }

  #spawn(number: number): void {
    this.#probeMs = undefined;
    if (this.#program.trouble) this.#logFrom = this.#options.output.size;
    const started = this.#spawner.start(this.#program, number, (end) => this.#exited(number, pid, end));
    const pid = started.ok ? started.value : 0;
    if (!started.ok) {
      const { code, message } = started;
      // Not at once: an order to stop gets in between, however fast the starts fail.
      setImmediate(() => this.#tell({ kind: 'spawn-failed', number, reason: `${code}: ${message}` }));
      return;
    }
    // Readable even if it ended already: only this loop reaps it, later.
    const startTicks = readStat(pid)?.startTicks ?? 0;
    this.#tell({ kind: 'spawned', instance: { number, pid, startTicks, startedMs: nowMs() } });
  }

  /** The first process of a life ended. That is the program's end, unless another is the program by now. */
  #exited(number: number, pid: number, end: End): void {
    const { instance } = this.#runner.state;
    if (instance?.number === number && instance.pid !== pid) return;
    const { pidFile } = this.#program;
    const over = (): void => this.#tell({ kind: 'exited', number, end });
    const left = pidFile !== undefined && end.kind === 'exit' && end.code === 0 && instance?.number === number;
    if (!left) {
      over();
      return;
    }
    const isOurs = (pid: number): boolean => belongs(this.#life(instance), pid);
    this.#follower.lookFor(pidFile, instance, isOurs, (found) => this.#moved(found), over);
  }

  /** The program says who it is now. Only what belongs to it is believed. */
  #follow(pid: number, life: Instance): void {
    const instance = belongs(this.#life(life), pid) ? instanceOf(pid, life) : undefined;
    if (instance) this.#moved(instance);
    else this.#options.log.warn('main-pid-refused', { program: this.#program.name, pid });
  }

  #moved(instance: Instance): void {
    this.#follower.watch(instance, (end) => this.#tell({ kind: 'exited', number: instance.number, end }));
    this.#tell({ kind: 'moved', instance });
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
    const { owner, log } = this.#options;
    const pids = this.#released ? [] : killMarked(owner, this.#program.name, below - 1);
    if (pids.length > 0) log.warn('remains-killed', { program: this.#program.name, pids });
  }

  #probe(instance: Instance): void {
    const { probe } = this.#program;
    if (!probe) return;
    const run = (command: readonly string[], done: (answer: Answer) => void) =>
      runHelper(this.#helper(command, instance), done);
    askProgram(probe, run, (answer, tookMs) => {
      if (answer === 'answered') this.#probeMs = tookMs;
      if (answer !== 'unasked') this.#tell({ kind: answer, number: instance.number });
      else this.#options.log.error('probe-not-put', { program: this.#program.name });
    });
  }

  #knock({ number }: Instance): void {
    const port = this.#program.ready?.port;
    if (!port) return;
    const close = askTcp(port, (answer) => {
      close();
      if (answer === 'answered') this.#tell({ kind: 'opened', number });
    });
  }

  /** Resolves when the dump is made, or its time is over. */
  #dump(instance: Instance): Promise<void> | undefined {
    const { dump } = this.#program.stop;
    if (dump === undefined) return undefined;
    return new Promise((resolve) => {
      const end = runHelper(this.#helper(dump.command, instance), () => {
        clearTimeout(timer);
        resolve();
      });
      const timer = setTimeout(() => {
        this.#options.log.warn('dump-overdue', { program: this.#program.name, timeoutMs: dump.timeoutMs });
        end();
        resolve();
      }, dump.timeoutMs);
    });
  }

  #helper(command: readonly string[], { pid }: Instance) {
    const { children, output } = this.#options;
    const { directory, environment } = this.#program;
    return { children, command, directory, pid, output: output.fd, variables: environment };
  }

  /** Measures at its pace what the configuration bounds, from now on. */
  #measure(): void {
    clearInterval(this.#watchTimer);
    const { trouble } = this.#program;
    if (!trouble) return;
    this.#watchTimer = setInterval(() => {
      const { instance, ended, phase, says } = this.#runner.state;
      if (!instance || ended || phase === 'stopping' || phase === 'not-responding') return;
      const { number } = instance;
      if (this.#watch?.number !== number)
        this.#watch = { number, trouble: new TroubleWatch(trouble, this.#options.output.path, this.#logFrom) };
      const said = { status: says, probeMs: this.#probeMs };
      const found = this.#watch.trouble.look(membersOf(this.#life(instance)), said, nowMs());
      if (found) this.#tell({ kind: 'strained', number, ...found });
    }, trouble.everyMs);
  }

  #report(): void {
    const status = this.status();
    const { program, state, wanted } = status;
    const level = state === 'failed' || state === 'not-responding' || state === 'in-trouble' ? 'warn' : 'info';
    // Written a little later: a line on standard error must not stand between a death and the restart.
    setImmediate(() => this.#options.log[level]('program-state', { ...status }));
    for (const settle of [...this.#stopped]) {
      if (state === 'stopped') settle(ok(undefined));
      else if (wanted) settle(notStopped(`${program} was started again`));
    }
    this.#options.onChange();
  }
}

/** The same handlers, with `onEffect` told before and after each. */
function watched(
  handlers: EffectHandlers<Effect>,
  onEffect: NonNullable<KeeperOptions['onEffect']>,
): EffectHandlers<Effect> {
  const wrapped = Object.entries(handlers).map(([kind, handle]) => [
    kind,
    (effect: Effect) => {
      onEffect('before', effect.kind);
      const done = (handle as (effect: Effect) => void | Promise<void>)(effect);
      onEffect('after', effect.kind);
      return done;
    },
  ]);
  return Object.fromEntries(wrapped) as EffectHandlers<Effect>;
}

function startedMsOf(startTicks: number): number {
  return nowMs() - (uptimeMs() - startTicks * tickMs);
}

function notStopped(message: string): Failure<'NOT_STOPPED'> {
  return fail('NOT_STOPPED', message);
}
