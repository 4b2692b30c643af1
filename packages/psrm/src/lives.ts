import type { Program } from '@softset/protocol';
import type { Logger } from '@softset/runtime/log.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import type { Owner } from './adapters/mark.js';
import { readStat } from './adapters/process-table.js';
import { belongs, type Life } from './adapters/remains.js';
import type { End, Event, Instance } from './core/events.js';
import type { State } from './core/state.js';
import { Follower, instanceOf } from './follower.js';
import { Spawner, type SpawnerOptions } from './spawner.js';

export interface LivesOptions extends SpawnerOptions {
  readonly owner: Owner;
  readonly program: () => Program;
  readonly state: () => State;
  /** Where the life that was written down is counted. */
  readonly cgroup: string | undefined;
  readonly log: Logger;
  readonly tell: (event: Event) => void;
}

/** The processes of one program: how its lives begin, which process is the program, and how that ended. */
export class Lives {
  readonly #options: LivesOptions;
  readonly #spawner: Spawner;
  readonly #follower: Follower;

  constructor(options: LivesOptions) {
    this.#options = options;
    this.#spawner = new Spawner(options, options.cgroup);
    this.#follower = new Follower(options.children);
  }

  /** Of the newest life. */
  get cgroup(): string | undefined {
    return this.#spawner.cgroup;
  }

  of(instance: Instance): Life {
    const { owner, program } = this.#options;
    return { owner, program: program().name, instance, cgroup: this.#spawner.cgroup };
  }

  /** `cgroup`: whether it is in the one that was written down. */
  adopt(instance: Instance, cgroup: boolean): void {
    const { log, program, tell } = this.#options;
    if (!cgroup) this.#spawner.forgetCgroup();
    log.info('program-adopted', { program: program().name, pid: instance.pid });
    this.#watch(instance);
    tell({ kind: 'adopted', instance });
  }

  /** `more`: in its environment. */
  spawn(number: number, more: Readonly<Record<string, string>>): void {
    const { program, tell } = this.#options;
    const started = this.#spawner.start(program(), number, more, (end) => this.#exited(number, pid, end));
    const pid = started.ok ? started.value : 0;
    if (!started.ok) {
      const { code, message } = started;
      // Not at once: an order to stop gets in between, however fast the starts fail.
      setImmediate(() => tell({ kind: 'spawn-failed', number, reason: `${code}: ${message}` }));
      return;
    }
    // Readable even if it ended already: only this loop reaps it, later.
    const startTicks = readStat(pid)?.startTicks ?? 0;
    tell({ kind: 'spawned', instance: { number, pid, startTicks, startedMs: nowMs() } });
  }

  /** The program says who it is now. Only what belongs to it is believed. */
  follow(pid: number, life: Instance): void {
    const instance = belongs(this.of(life), pid) ? instanceOf(pid, life) : undefined;
    if (instance) this.#moved(instance);
    else this.#options.log.warn('main-pid-refused', { program: this.#options.program().name, pid });
  }

  /** Nothing is told any more. */
  release(): void {
    this.#follower.close();
  }

  /** It is not to run any more. */
  close(): void {
    this.#spawner.close();
  }

  /** The first process of a life ended. That is the program's end, unless another is the program by now. */
  #exited(number: number, pid: number, end: End): void {
    const { program, state, tell } = this.#options;
    const { instance } = state();
    if (instance?.number === number && instance.pid !== pid) return;
    const { pidFile } = program();
    const over = (): void => tell({ kind: 'exited', number, end });
    const left = pidFile !== undefined && end.kind === 'exit' && end.code === 0 && instance?.number === number;
    if (!left) {
      over();
      return;
    }
    const isOurs = (one: number): boolean => belongs(this.of(instance), one);
    this.#follower.lookFor(pidFile, instance, isOurs, (found) => this.#moved(found), over);
  }

  #moved(instance: Instance): void {
    this.#watch(instance);
    this.#options.tell({ kind: 'moved', instance });
  }

  #watch(instance: Instance): void {
    this.#follower.watch(instance, (end) => this.#options.tell({ kind: 'exited', number: instance.number, end }));
  }
}
