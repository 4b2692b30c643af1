import { type ChildProcess, spawn } from 'node:child_process';
import { startRoundRobin } from '@softset/linux/scheduling.js';
import { nowMs } from '../now-ms.js';
import { afterEnd } from './after-end.js';

/** Priority of the init itself under SCHED_RR, above all that it starts. */
export const INIT_PRIORITY = 45;

/** From SIGTERM to SIGKILL, where the daemon has no time of its own. */
const stopMs = 3_000;

/** A daemon as its init knows it. */
export interface SupervisedSpec {
  readonly name: string;
  readonly command: readonly string[];
  /** Started again when it ends. */
  readonly restart: boolean;
  /** Before each further start. Default: none for one under real time, 20 ms for the others. */
  readonly restartMs?: number | undefined;
  /** Exit codes that no further try would change. */
  readonly refusals?: readonly number[] | undefined;
  /** Under SCHED_RR from its first instruction, with this priority. */
  readonly realTime?: number | undefined;
  readonly stopMs?: number | undefined;
}

export interface DaemonStatus {
  readonly name: string;
  readonly state: 'running' | 'waiting' | 'held' | 'stopped';
  /** In the board's own process namespace. */
  readonly pid: number | undefined;
  readonly starts: number;
  readonly lastExit: string | undefined;
}

/**
 * One daemon under init: started, and started again at once when it exits. Held or stopped, it stays away.
 *
 *   stopped ──start──► running ──exits──► running (again at once; after 5 quick deaths: waiting 1 s first)
 *      ▲                  │  │ └─hold, exits──► held ──start──► running
 *      └──────stop────────┘  └─refuses──► stopped
 */
export class Supervised {
  readonly #spec: SupervisedSpec;
  readonly #env: NodeJS.ProcessEnv;
  readonly #log: (bytes: Uint8Array) => void;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wanted = false;
  #held = false;
  #starts = 0;
  #quickDeaths = 0;
  #startedMs = 0;
  #lastExit: string | undefined;
  readonly #gone: (() => void)[] = [];

  /** `log` takes what it writes to either output, and how it ended. */
  constructor(spec: SupervisedSpec, env: NodeJS.ProcessEnv, log: (bytes: Uint8Array) => void) {
    this.#spec = spec;
    this.#env = env;
    this.#log = log;
  }

  get name(): string {
    return this.#spec.name;
  }

  /** Never started so far, nor ordered to stay away. */
  get idle(): boolean {
    return this.#starts === 0 && !this.#held;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How often it was started: tells one life from the next. */
  get starts(): number {
    return this.#starts;
  }

  status(): DaemonStatus {
    const idle = this.#held ? 'held' : this.#timer === undefined ? 'stopped' : 'waiting';
    return {
      name: this.name,
      state: this.#child === undefined ? idle : 'running',
      pid: this.pid,
      starts: this.#starts,
      lastExit: this.#lastExit,
    };
  }

  start(): void {
    this.#wanted = true;
    this.#held = false;
    this.#quickDeaths = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#child === undefined) this.#spawn();
  }

  /** Kills it at once with `signal`; init starts it again unless it is held. False when it is not running. */
  kill(signal: NodeJS.Signals): boolean {
    return this.#child?.kill(signal) ?? false;
  }

  /** Whatever happens to it, it is not started again before `start`. */
  hold(): void {
    this.#held = true;
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** SIGTERM, and SIGKILL when its time is over. Resolves when it is gone. */
  stop(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const child = this.#child;
    if (child === undefined) return Promise.resolve();
    const last = setTimeout(() => child.kill('SIGKILL'), this.#spec.stopMs ?? stopMs);
    const gone = new Promise<void>((resolve) => this.#gone.push(resolve));
    child.kill('SIGTERM');
    child.kill('SIGCONT'); // A frozen daemon cannot die of SIGTERM.
    return gone.finally(() => clearTimeout(last));
  }

  #spawn(): void {
    const [program = '', ...args] = this.#spec.command;
    this.#starts++;
    this.#startedMs = nowMs();
    const start = () => spawn(program, args, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    const { realTime } = this.#spec;
    const child = realTime === undefined ? start() : startRoundRobin(realTime, INIT_PRIORITY, start);
    this.#child = child;
    child.stdout.on('data', this.#log);
    child.stderr.on('data', this.#log);
    // A program that cannot be started never had a process: 'exit' does not come, and this is its death.
    child.on('error', (error) => child.pid === undefined && this.#exited(child, null, error.message));
    child.on('exit', (code, signal) => this.#exited(child, code, signal ?? `exit ${code}`));
  }

  #exited(child: ChildProcess, code: number | null, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#lastExit = how;
    this.#log(Buffer.from(`-- ${this.name}: ${how}\n`));
    for (const done of this.#gone.splice(0)) done();
    if (!this.#wanted) return;
    const next = afterEnd(this.#spec, { code, ranMs: nowMs() - this.#startedMs, quickDeaths: this.#quickDeaths });
    if (next === 'stays') {
      this.#wanted = false;
      return;
    }
    this.#quickDeaths = next.quickDeaths;
    if (next.pauseMs === 0) {
      this.#spawn();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#wanted) this.#spawn();
    }, next.pauseMs);
  }
}
