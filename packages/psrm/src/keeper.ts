import { ok, type Result } from '@softset/base';
import type { Notification } from '@softset/linux/unix-dgram.js';
import type { Chapter, Program, ProgramRole, ProgramState, ProgramStatus } from '@softset/protocol';
import type { EventRing } from '@softset/runtime/event-ring.js';
import type { Logger } from '@softset/runtime/log.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { type EffectHandlers, StepRunner } from '@softset/runtime/step-runner.js';
import type { CgroupRoot } from './adapters/cgroup.js';
import type { Children } from './adapters/children.js';
import { HistoryFile } from './adapters/history-file.js';
import type { KeptFiles } from './adapters/kept-file.js';
import type { LimitGroups } from './adapters/limit-groups.js';
import type { Marked, Owner } from './adapters/mark.js';
import { killProcess } from './adapters/process-table.js';
import type { ProgramLog } from './adapters/program-log.js';
import { belongs, killLife, type Life, membersOf, signalGroup } from './adapters/remains.js';
import { Cleaner } from './cleaner.js';
import { chapterOf } from './core/chapter.js';
import type { Effect, Event, Instance, Notice } from './core/events.js';
import { decodeNotice } from './core/notice.js';
import type { Hold, Standing } from './core/order.js';
import { initial, kept, restored, type State } from './core/state.js';
import { step } from './core/step.js';
import { findInstance } from './found.js';
import { Health } from './health.js';
import { Lives } from './lives.js';
import type { Rounds } from './rounds.js';
import { sharedTick } from './shared-tick.js';
import { StopWaits } from './stop-waits.js';
import type { Sweeper } from './sweeper.js';
import { type EffectWatch, watched } from './watched-effects.js';

export interface KeeperOptions {
  readonly program: Program;
  readonly owner: Owner;
  readonly files: KeptFiles;
  readonly output: ProgramLog;
  readonly children: Children;
  readonly cgroups: CgroupRoot | undefined;
  readonly limitGroups: LimitGroups;
  readonly sweeper: Sweeper;
  readonly rounds: Rounds;
  readonly notifySocket: () => string | undefined;
  /** Whether it runs from psrmd's start, where nothing was kept that says otherwise. */
  readonly fromStart: boolean;
  readonly log: Logger;
  readonly ring: EventRing;
  /** Something that others see of it has changed; `before`: its state until then. */
  readonly onChange: (before: ProgramState) => void;
  readonly onCrash: (error: unknown) => void;
  readonly onEffect?: EffectWatch | undefined;
}

/** The shell of one program: turns exits, timers and answers into events of the core, and performs its effects. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #runner: StepRunner<State, Event, Effect>;
  readonly #stops = new StopWaits();
  readonly #lives: Lives;
  readonly #cleaner: Cleaner;
  readonly #health: Health;
  readonly #history: HistoryFile;
  #program: Program;
  #released = false;
  #told: ProgramState;
  /** Who gave the order that is being carried out. */
  #who: string | undefined;
  #role: ProgramRole | undefined;
  /** What this life was told that it is; undefined of an adopted one, which may have been told anything. */
  #roleTold: ProgramRole | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    const { program, owner, children, cgroups, limitGroups, output, notifySocket, log } = options;
    const { files, ring, onCrash } = options;
    this.#program = program;
    const record = files.read(program.name);
    this.#cleaner = new Cleaner();
    this.#lives = new Lives({
      ...{ owner, children, cgroups, limitGroups, output: output.fd, notifySocket, log },
      cgroup: record?.cgroup,
      program: () => this.#program,
      state: () => this.#runner.state,
      tell: (event) => this.#tell(event),
    });
    this.#runner = new StepRunner<State, Event, Effect>({
      initial: record ? restored(record.kept, nowMs()) : { ...initial, sinceMs: nowMs(), wanted: options.fromStart },
      step: (state, event, atMs) => {
        const next = step(state, event, atMs, this.#program);
        this.#chronicle(state, event, next.state);
        return next;
      },
      ring,
      onCrash,
      effects: this.#handlers(),
    });
    this.#told = this.#runner.state.phase;
    this.#history = new HistoryFile(files.historyPath(program.name));
    this.#health = new Health({
      program: () => this.#program,
      state: () => this.#runner.state,
      ...{ children, output, log, rounds: options.rounds },
      membersOf: (instance) => membersOf(this.#life(instance)),
      tell: (event) => this.#tell(event),
    });
    this.#health.measure();
  }

  /** Takes up what runs already, and starts what is wanted and does not. `marked`: all of this program's processes. */
  begin(marked: readonly Marked[]): void {
    const { name, pidFile } = this.#program;
    const record = this.#options.files.read(name);
    const ours = (life: Instance, pid: number): boolean => belongs(this.#life(life), pid);
    const found = findInstance({ program: name, pidFile, record, marked, belongs: ours });
    switch (found.kind) {
      case 'runs':
        this.#lives.adopt(found.instance, found.cgroup);
        // psrmd may have ended between a restart and the sweep that follows it.
        for (const one of marked) if (one.number < found.instance.number) killProcess(one.pid);
        break;
      case 'ended':
        this.#tell({ kind: 'adopted', instance: found.instance });
        this.#tell({ kind: 'exited', number: found.instance.number, end: { kind: 'unseen' } });
        break;
      case 'nothing':
        for (const one of marked) killProcess(one.pid);
        if (this.#runner.state.wanted && this.#runner.state.phase !== 'failed')
          this.#order({ kind: 'start' }, 'psrmd, which began');
        break;
    }
  }

  get program(): Program {
    return this.#program;
  }

  status(): ProgramStatus {
    const { phase, sinceMs, restarts, wanted, instance, ended, lastEnd, says, trouble, held } = this.#runner.state;
    return {
      program: this.#program.name,
      ...(this.#program.service === undefined ? {} : { service: this.#program.service }),
      state: phase,
      sinceMs,
      restarts,
      wanted,
      ...(instance && !ended ? { pid: instance.pid } : {}),
      ...(lastEnd === undefined ? {} : { lastEnd }),
      ...(says === undefined ? {} : { says }),
      ...(trouble === undefined ? {} : { trouble }),
      ...(phase === 'starting' && held ? { waitsFor: held.by } : {}),
      ...(this.role === undefined ? {} : { role: this.role }),
    };
  }

  /** For the order of programs; `leaving` is the supervisor's to say. */
  standing(): Omit<Standing, 'leaving'> {
    const { phase, isReady, wanted } = this.#runner.state;
    const { after, requires, ready, probe, notify } = this.#program;
    const readyWhenUp = ready === undefined && probe === undefined && notify === undefined;
    return { after, requires, state: phase, isReady, wanted, readyWhenUp };
  }

  /** What it must wait for, by the others' standing. */
  hold(hold: Hold | undefined): void {
    const { held } = this.#runner.state;
    if (hold === undefined ? held === undefined : held?.by === hold.by && held.must === hold.must) return;
    this.#tell(hold === undefined ? { kind: 'released' } : { kind: 'held', ...hold });
  }

  /** Whether it is to serve: one that only the holder of the address runs is, where it is wanted. */
  get role(): ProgramRole | undefined {
    if (this.#program.service === undefined) return undefined;
    if (this.#program.exclusive === 'address') return this.#role ?? 'standby';
    const { wanted, phase } = this.#runner.state;
    return wanted && phase !== 'failed' ? 'active' : 'standby';
  }

  /** Of a program that every board of the pool keeps running. */
  setRole(role: ProgramRole): void {
    if (this.role === undefined || this.#program.exclusive !== 'address' || role === this.#role) return;
    const changed = role !== this.role;
    this.#role = role;
    if (role !== this.#roleTold) void this.#health.tellRole(role);
    this.#roleTold = role;
    if (!changed) return;
    this.#note(`is ${role} now`);
    this.#options.onChange(this.#told);
  }

  /** Given up because its board is, not for anything of its own. */
  get forsaken(): boolean {
    return this.#runner.state.forsaken;
  }

  giveUp(why: string): void {
    this.#tell({ kind: 'give-up', why });
  }

  /** Its board is trusted again. */
  clear(who: string): void {
    this.#order({ kind: 'clear' }, who);
  }

  history(): readonly Chapter[] {
    return this.#history.read();
  }

  start(who?: string): void {
    this.#order({ kind: 'start' }, who);
  }

  restart(who?: string): void {
    this.#order({ kind: 'restart' }, who);
  }

  #order(event: Event, who: string | undefined): void {
    this.#who = who;
    this.#tell(event);
    this.#who = undefined;
  }

  /** Answers once nothing of it is left. Fails `NOT_STOPPED` when that takes too long, or it was started meanwhile. */
  stop(who?: string): Promise<Result<void>> {
    this.#order({ kind: 'stop' }, who);
    const { phase } = this.#runner.state;
    const rests = phase === 'stopped' || phase === 'failed';
    return rests ? Promise.resolve(ok(undefined)) : this.#stops.wait(this.#program);
  }

  /** Another entry of the same program, read again. `anew`: it has to be started again for it, if it runs. */
  reconfigure(program: Program, anew: boolean): void {
    this.#program = program;
    this.#options.output.bytesMax = program.log.bytesMax;
    this.#health.measure();
    this.#tell({ kind: 'reconfigured' });
    const { wanted, phase } = this.#runner.state;
    if (anew && wanted && phase !== 'failed') this.restart();
  }

  /** What the program writes to. */
  get output(): ProgramLog {
    return this.#options.output;
  }

  /** Whether a process's word counts for this program. */
  isOwn(pid: number): boolean {
    const { instance, ended } = this.#runner.state;
    return instance !== undefined && !ended && belongs(this.#life(instance), pid);
  }

  /** Whether a message came from this program, and from one whose word counts. */
  hears({ pid }: Notification): boolean {
    const { instance, ended } = this.#runner.state;
    if (!instance || ended || this.#program.notify === undefined) return false;
    return this.#program.notify.from === 'all' ? this.isOwn(pid) : pid === instance.pid;
  }

  /** What it says of itself by the control socket. False when it does not run. */
  say(notice: Notice): boolean {
    const { instance, ended } = this.#runner.state;
    if (!instance || ended) return false;
    this.#tell({ kind: 'notified', number: instance.number, notice });
    return true;
  }

  /** A message that `hears` let through. */
  hear({ text }: Notification): void {
    const { instance } = this.#runner.state;
    if (!instance) return;
    const { notice, mainPid } = decodeNotice(text);
    if (mainPid !== undefined && mainPid !== instance.pid) this.#lives.follow(mainPid, instance);
    this.#tell({ kind: 'notified', number: instance.number, notice });
  }

  /** psrmd ends and the program goes on: nothing that happens from now on is acted upon. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#health.release();
    this.#lives.release();
    this.#cleaner.close();
    this.#options.sweeper.forget(this.#program.name);
    this.#runner.halt();
    this.#options.output.close();
  }

  /** It was stopped, and is not configured here any more. */
  forget(): void {
    this.release();
    this.#lives.close();
    this.#options.files.forget(this.#program.name);
    this.#history.forget();
  }

  #tell(event: Event): void {
    if (!this.#released) this.#runner.dispatch(event);
  }

  #life(instance: Instance): Life {
    return this.#lives.of(instance);
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
      dump: ({ instance }) => this.#health.dump(instance),
      kill: ({ instance }) => killLife(this.#life(instance)),
      clean: ({ instance, thorough }) => {
        const gone = (): void => this.#tell({ kind: 'gone', number: instance.number, thorough });
        this.#cleaner.clean(this.#life(instance), thorough, gone);
      },
      sweep: ({ below }) => this.#options.sweeper.ask(this.#program.name, below),
      probe: ({ instance }) => this.#health.probe(instance),
      watch: ({ instance, everyMs }) => this.#health.watch(instance, everyMs),
      knock: ({ instance }) => this.#health.knock(instance),
      arm: ({ atMs }) => {
        if (Number.isFinite(atMs))
          this.#runner.armEvent('deadline', sharedTick(atMs, nowMs()), () => ({ kind: 'tick' }));
        else this.#runner.timers.cancel('deadline');
      },
      report: () => this.#report(),
    };
    const { onEffect } = this.#options;
    return onEffect === undefined ? handlers : watched(handlers, onEffect);
  }

  #persist(): void {
    const { files, log } = this.#options;
    const { name } = this.#program;
    const written = files.write(name, kept(this.#runner.state), this.#lives.cgroup);
    // Going on is right: without its file a crash of psrmd is found out by the marks, and only counts are lost.
    if (!written.ok) log.error('program-not-kept', { program: name, code: written.code, text: written.message });
  }

  #spawn(number: number): void {
    this.#health.begin();
    this.#roleTold = this.role;
    this.#lives.spawn(number, this.role === undefined ? {} : { SOFTSET_ROLE: this.role });
  }

  #chronicle(was: State, event: Event, is: State): void {
    const text = chapterOf(was, event, is, this.#program);
    if (text !== undefined) this.#note(text, is.phase);
  }

  #note(text: string, state: ProgramState = this.#runner.state.phase): void {
    const who = this.#who === undefined ? {} : { who: this.#who };
    this.#history.add({ atMs: Date.now(), state, text, ...who });
  }

  #report(): void {
    const status = this.status();
    const { state } = status;
    const level = state === 'failed' || state === 'not-responding' || state === 'in-trouble' ? 'warn' : 'info';
    const before = this.#told;
    this.#told = state;
    // Written a little later: neither line nor stamp must stand between a death and the restart.
    setImmediate(() => {
      this.#options.log[level]('program-state', { ...status });
      if (!this.#released) this.#options.output.stamp();
    });
    this.#stops.told(status);
    this.#options.onChange(before);
  }
}
