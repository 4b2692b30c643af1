import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { startRoundRobin } from '@softset/linux/scheduling.js';
import { monotonicMs } from '../clock.js';
import type { Daemon } from '../topology.js';
import { RotatingLog } from './rotating-log.js';

/** Priority of the init itself under SCHED_RR, above all that it starts. */
export const INIT_PRIORITY = 45;

/** A life shorter than this is a quick death; after so many in a row, init waits between tries. */
const quickMs = 1_000;
const quickDeathsMax = 5;
const waitMs = 1_000;
/** Where all daemons died together, the real-time one is started first: a lease waits for it. The others come so much later. */
const behindMs = 20;
/** From SIGTERM to SIGKILL. */
const stopMs = 3_000;

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
 *      ▲                  │  └─hold, exits──► held ──start──► running
 *      └──────stop────────┘
 */
export class Supervised {
  readonly #spec: Daemon;
  readonly #env: NodeJS.ProcessEnv;
  readonly #log: RotatingLog;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wanted = false;
  #held = false;
  #starts = 0;
  #quickDeaths = 0;
  #startedMs = 0;
  #lastExit: string | undefined;
  readonly #gone: (() => void)[] = [];

  constructor(spec: Daemon, env: NodeJS.ProcessEnv, logDir: string) {
    this.#spec = spec;
    this.#env = env;
    this.#log = new RotatingLog(join(logDir, `${spec.name}.log`));
  }

  get name(): string {
    return this.#spec.name;
  }

  /** The file without which it is not started at boot. */
  get after(): string | undefined {
    return this.#spec.after;
  }

  /** Never started so far, nor ordered to stay away. */
  get idle(): boolean {
    return this.#starts === 0 && !this.#held;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
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

  /** SIGTERM, and SIGKILL after 3 s. Resolves when it is gone. */
  stop(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const child = this.#child;
    if (child === undefined) return Promise.resolve();
    const last = setTimeout(() => child.kill('SIGKILL'), stopMs);
    const gone = new Promise<void>((resolve) => this.#gone.push(resolve));
    child.kill('SIGTERM');
    child.kill('SIGCONT'); // A frozen daemon cannot die of SIGTERM.
    return gone.finally(() => clearTimeout(last));
  }

  #spawn(): void {
    const [program = '', ...args] = this.#spec.command;
    this.#starts++;
    this.#startedMs = monotonicMs();
    const start = () => spawn(program, args, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    const { realTime } = this.#spec;
    const child = realTime === undefined ? start() : startRoundRobin(realTime, INIT_PRIORITY, start);
    this.#child = child;
    child.stdout.on('data', (bytes: Buffer) => this.#log.write(bytes));
    child.stderr.on('data', (bytes: Buffer) => this.#log.write(bytes));
    // A program that cannot be started never had a process: 'exit' does not come, and this is its death.
    child.on('error', (error) => child.pid === undefined && this.#exited(child, error.message));
    child.on('exit', (code, signal) => this.#exited(child, signal ?? `exit ${code}`));
  }

  #exited(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#lastExit = how;
    this.#log.write(Buffer.from(`-- ${this.name}: ${how}\n`));
    for (const done of this.#gone.splice(0)) done();
    if (!this.#wanted || !this.#spec.restart) return;
    this.#quickDeaths = monotonicMs() - this.#startedMs < quickMs ? this.#quickDeaths + 1 : 0;
    const pauseMs = this.#pauseMs();
    if (pauseMs === 0) {
      this.#spawn();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#wanted) this.#spawn();
    }, pauseMs);
  }

  #pauseMs(): number {
    if (this.#quickDeaths >= quickDeathsMax) return waitMs;
    return this.#quickDeaths > 0 || this.#spec.realTime !== undefined ? 0 : behindMs;
  }
}
