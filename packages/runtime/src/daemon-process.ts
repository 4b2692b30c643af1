import { join } from 'node:path';
import { writeFileAtomicSync } from './atomic-file.js';
import type { CrashHistory } from './crash-record.js';
import type { RunningDaemon } from './daemon.js';
import { exitCodes } from './daemon-options.js';
import type { EventRing } from './event-ring.js';
import type { Kernel } from './kernel.js';
import type { Logger } from './log.js';
import { nowMs } from './now-ms.js';
import { errorFields, safeJson } from './safe-json.js';
import { flushStderr, flushStderrSync, stderrStuck } from './stderr-lines.js';
import { watchdogPeriodMs } from './watchdog.js';

export interface DaemonProcessOptions {
  readonly name: string;
  readonly version: string;
  readonly runDir: string;
  readonly stopMs: number;
  readonly kernel: Kernel;
  readonly log: Logger;
  readonly ring: EventRing;
  readonly crashes: CrashHistory;
}

/**
 *   starting ──started──► running ──SIGHUP──► reloading ──► running
 *       │ SIGTERM            │ SIGTERM
 *       └──► stopping ◄──────┘ ──stopped or deadline──► exit 0 or 111
 *   any ──uncaught error, broken invariant──► dump ──► exit 70
 */
export class DaemonProcess {
  readonly #options: DaemonProcessOptions;
  #running: RunningDaemon | undefined;
  #state: 'starting' | 'running' | 'reloading' | 'stopping' | 'crashing' = 'starting';
  #reloadAgain = false;

  constructor(options: DaemonProcessOptions) {
    this.#options = options;
    process.on('uncaughtException', (error) => this.crash(error));
    process.on('unhandledRejection', (error) => this.crash(error));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.stop(signal));
    process.on('SIGHUP', () => void this.#reload());
  }

  started(running: RunningDaemon): void {
    this.#running = running;
    this.#answerWatchdog();
    if (this.#state === 'stopping') {
      void this.#finish();
      return;
    }
    this.#state = 'running';
    this.notify('READY=1');
  }

  /** Without NOTIFY_SOCKET nobody asked to be told. */
  notify(state: string): void {
    if (!process.env.NOTIFY_SOCKET) return;
    const told = this.#options.kernel.notify(state);
    if (!told.ok) this.#options.log.warn('notify-failed', { code: told.code, message: told.message });
  }

  /**
   * sd_watchdog_enabled(3): says that the loop turns for as long as it does, and during an orderly stop as well. A
   * supervisor that hears nothing ends the process: a daemon that hangs is then no better off than one that died.
   */
  #answerWatchdog(): void {
    const periodMs = watchdogPeriodMs(process.env, process.pid);
    if (periodMs === undefined) return;
    this.notify('WATCHDOG=1');
    setInterval(() => this.notify('WATCHDOG=1'), periodMs).unref();
  }

  stop(why: string): void {
    if (this.#state === 'stopping' || this.#state === 'crashing') return;
    this.#state = 'stopping';
    const { log, stopMs } = this.#options;
    log.info('stopping', { why });
    this.notify('STOPPING=1');
    setTimeout(() => {
      log.error('stop-overdue', { stopMs });
      this.#leave(exitCodes.system);
    }, stopMs);
    // A daemon that is still starting is stopped once it has started.
    if (this.#running !== undefined) void this.#finish();
  }

  /** Writes what is known and exits with 70. An arrow's `never` lets callers know that nothing follows. */
  crash(error: unknown): never {
    const { name, version, runDir, ring, crashes, log } = this.#options;
    // A second error while dying would dump over the first, which is the cause.
    if (this.#state === 'crashing') process.exit(exitCodes.crashed);
    this.#state = 'crashing';
    const passiveNext = crashes.note(nowMs());
    const dump = {
      name,
      version,
      pid: process.pid,
      time: new Date().toISOString(),
      monotonicMs: nowMs(),
      passive: crashes.passive,
      passiveNext,
      error: errorFields(error),
      events: ring.entries(),
    };
    const path = join(runDir, `${name}.crash.json`);
    const written = writeFileAtomicSync(path, `${safeJson(dump)}\n`);
    const lost = written.ok ? {} : { dump: written.message };
    log.error('crashed', { path, passiveNext, error: errorFields(error), ...lost });
    this.#leave(exitCodes.crashed);
  }

  async #finish(): Promise<void> {
    const { log, crashes } = this.#options;
    await this.#running?.stop();
    crashes.forget();
    log.info('stopped');
    await flushStderr(200);
    this.#leave(exitCodes.done);
  }

  async #reload(): Promise<void> {
    if (this.#state === 'reloading') this.#reloadAgain = true;
    if (this.#state !== 'running' || this.#running?.reload === undefined) return;
    const { log } = this.#options;
    const running = this.#running;
    this.#state = 'reloading';
    do {
      this.#reloadAgain = false;
      // sd_notify(3): RELOADING comes with the monotonic time at which it began.
      this.notify(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1_000n}`);
      const reloaded = await running.reload?.();
      if (reloaded?.ok === false) log.error('reload-refused', { code: reloaded.code, message: reloaded.message });
      else log.info('reloaded');
    } while (this.#reloadAgain && !this.#isStopping());
    if (this.#isStopping()) return;
    this.#state = 'running';
    this.notify('READY=1');
  }

  /** Asked as a function: it may have become true while something was awaited. */
  #isStopping(): boolean {
    return this.#state === 'stopping';
  }

  #leave(code: number): never {
    flushStderrSync();
    // Leaving joins libuv's threads, and one of them hangs in a write that nobody reads: only the kernel gets us out.
    if (stderrStuck()) process.kill(process.pid, 'SIGKILL');
    process.exit(code);
  }
}
