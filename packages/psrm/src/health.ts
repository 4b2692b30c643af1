import type { Program, ProgramRole } from '@softset/protocol';
import type { Logger } from '@softset/runtime/log.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import type { Answer } from './adapters/answer.js';
import type { Children } from './adapters/children.js';
import { askProgram, askTcp } from './adapters/probe.js';
import type { ProgramLog } from './adapters/program-log.js';
import { TroubleWatch } from './adapters/trouble-watch.js';
import type { Event, Instance } from './core/events.js';
import type { State } from './core/state.js';
import { runHelper } from './helper.js';
import type { Rounds } from './rounds.js';

export interface HealthOptions {
  readonly program: () => Program;
  readonly state: () => State;
  readonly children: Children;
  readonly output: ProgramLog;
  readonly log: Logger;
  /** All processes of a life. */
  readonly membersOf: (instance: Instance) => readonly number[];
  readonly tell: (event: Event) => void;
  /** Of all programs. */
  readonly rounds: Rounds;
}

/** What is asked and measured of one program while it runs, and what is run beside it. */
export class Health {
  readonly #options: HealthOptions;
  /** How long the last answered probe took. */
  #probeMs: number | undefined;
  #watch: { readonly number: number; readonly trouble: TroubleWatch } | undefined;
  /** How long the log was when the newest life began; of an adopted one, when it was adopted. */
  #logFrom: number;
  #timer: NodeJS.Timeout | undefined;
  #roleToTell: ProgramRole | undefined;
  #tellingRole = false;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#logFrom = options.output.size;
  }

  /** A new life begins. */
  begin(): void {
    const { program, output } = this.#options;
    this.#probeMs = undefined;
    if (program().trouble) this.#logFrom = output.size;
  }

  /** One question, of which the answer is told. */
  probe(instance: Instance): void {
    const { number } = instance;
    this.#ask(instance, () => this.#options.tell({ kind: 'answered', number }));
  }

  /** Questions as long as it is watched, of which misses are told. */
  watch(instance: Instance, everyMs: number): void {
    const { program, state, rounds } = this.#options;
    rounds.begin(program().name, everyMs, () => {
      const { watched, instance: current } = state();
      if (!watched || current?.number !== instance.number) return false;
      this.#ask(current, () => {});
      return true;
    });
  }

  #ask(instance: Instance, answered: () => void): void {
    const { program, log, tell } = this.#options;
    const { name, probe } = program();
    if (!probe) return;
    const run = (command: readonly string[], done: (answer: Answer) => void) => this.#run(command, instance, {}, done);
    askProgram(probe, run, (answer, tookMs) => {
      if (answer === 'unasked') log.error('probe-not-put', { program: name });
      else if (answer === 'missed') tell({ kind: answer, number: instance.number, tookMs });
      else {
        this.#probeMs = tookMs;
        answered();
      }
    });
  }

  /** Asks whether the port accepts that stands for ready. */
  knock({ number }: Instance): void {
    const { program, tell } = this.#options;
    const port = program().ready?.port;
    if (!port) return;
    const close = askTcp(port, (answer) => {
      close();
      if (answer === 'answered') tell({ kind: 'opened', number });
    });
  }

  /** Resolves when the dump is made, or its time is over. */
  dump(instance: Instance): Promise<void> | undefined {
    const { dump } = this.#options.program().stop;
    return dump === undefined ? undefined : this.#runFor(dump.timeoutMs, 'dump', dump.command, instance, {});
  }

  /** Runs the hook for a role; one at a time, and of several changes meanwhile only the last is told. */
  async tellRole(role: ProgramRole): Promise<void> {
    const { hook } = this.#options.program().role ?? {};
    if (hook === undefined) return;
    this.#roleToTell = role;
    if (this.#tellingRole) return;
    this.#tellingRole = true;
    for (let next = this.#takeRole(); next !== undefined; next = this.#takeRole()) {
      const { program, state } = this.#options;
      const { service = '', role: entry } = program();
      const { instance, ended } = state();
      if (!instance || ended || !entry) continue;
      const variables = { SOFTSET_ROLE: next, SOFTSET_SERVICE: service };
      await this.#runFor(entry.timeoutMs, 'role-hook', entry.hook, instance, variables);
    }
    this.#tellingRole = false;
  }

  #takeRole(): ProgramRole | undefined {
    const role = this.#roleToTell;
    this.#roleToTell = undefined;
    return role;
  }

  /** Measures at its pace what the configuration bounds, from now on. */
  measure(): void {
    this.close();
    this.#watch = undefined;
    const { program, state, output, membersOf, tell } = this.#options;
    const { trouble } = program();
    if (!trouble) return;
    this.#timer = setInterval(() => {
      const { instance, ended, phase, says } = state();
      if (!instance || ended || phase === 'stopping' || phase === 'not-responding') return;
      const { number } = instance;
      if (this.#watch?.number !== number)
        this.#watch = { number, trouble: new TroubleWatch(trouble, output.path, this.#logFrom) };
      const said = { status: says, probeMs: this.#probeMs };
      const found = this.#watch.trouble.look(membersOf(instance), said, nowMs());
      if (found) tell({ kind: 'strained', number, ...found });
    }, trouble.everyMs);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** It is asked no more. */
  release(): void {
    this.close();
    this.#options.rounds.end(this.#options.program().name);
  }

  /** Resolves when it ended or its time is over; told where it was late or failed. */
  #runFor(
    timeoutMs: number,
    what: 'dump' | 'role-hook',
    command: readonly string[],
    instance: Instance,
    variables: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { program, log } = this.#options;
    return new Promise((resolve) => {
      const end = this.#run(command, instance, variables, (answer) => {
        clearTimeout(timer);
        if (answer !== 'answered') log.warn(`${what}-failed`, { program: program().name });
        resolve();
      });
      const timer = setTimeout(() => {
        log.warn(`${what}-overdue`, { program: program().name, timeoutMs });
        end();
        resolve();
      }, timeoutMs);
    });
  }

  #run(
    command: readonly string[],
    { pid }: Instance,
    more: Readonly<Record<string, string>>,
    done: (answer: Answer) => void,
  ): () => void {
    const { children, output, program } = this.#options;
    const { directory, environment } = program();
    const variables = { ...environment, ...more };
    return runHelper({ children, command, directory, pid, output: output.fd, variables }, done);
  }
}
