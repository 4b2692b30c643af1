import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, ok, type Result } from '@softset/base';
import { bootId as readBootId } from '@softset/linux/boot-id.js';
import { CrashHistory } from './crash-record.js';
import { type DaemonFlag, type DaemonOptions, exitCodes, parseDaemonArgs, usage } from './daemon-options.js';
import { DaemonProcess } from './daemon-process.js';
import { errnoFailure } from './errno.js';
import { EventRing } from './event-ring.js';
import { type Kernel, linuxKernel } from './kernel.js';
import { createLogger, type Logger } from './log.js';
import { Metrics } from './metrics.js';
import { processMetrics } from './process-metrics.js';
import { flushStderr } from './stderr-lines.js';

export interface DaemonContext {
  readonly name: string;
  readonly options: DaemonOptions;
  readonly bootId: string;
  /** It crashed twice within a minute: beat and answer, and decide nothing. */
  readonly passive: boolean;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The last events, for the crash dump: hand it to the step runner. */
  readonly ring: EventRing;
  readonly kernel: Kernel;
  /** Dumps and exits with 70: hand it to the step runner. */
  readonly crash: (error: unknown) => never;
  /** sd_notify: what a supervisor shows, one line. */
  readonly status: (text: string) => void;
  /** Begins the orderly stop, as SIGTERM does. */
  readonly stop: () => void;
}

export interface RunningDaemon {
  stop(): Promise<void>;
  /** SIGHUP. A failure is logged, and what ran goes on. */
  reload?(): Promise<Result<void>>;
}

export interface DaemonDefinition {
  readonly name: string;
  readonly version: string;
  /** Resolves when the daemon serves: then READY is told. A failure with errno's name exits 111, any other 1. */
  readonly start: (context: DaemonContext) => Promise<Result<RunningDaemon>>;
  /** `--check-config`. A failure's message names file, line, field, what was found and what is allowed. */
  readonly checkConfig: (options: DaemonOptions) => Promise<Result<void>>;
  /** How long an orderly stop may take (default 3,000 ms); then the process leaves with 111. */
  readonly stopMs?: number;
  readonly args?: readonly string[];
  /** Its own options, for `--help`. */
  readonly flags?: readonly DaemonFlag[];
}

/** A daemon's whole life. Its promise never resolves while the daemon runs: the process ends in here. */
export async function runDaemon(definition: DaemonDefinition): Promise<void> {
  const { name, version, flags } = definition;
  const command = parseDaemonArgs(definition.args ?? process.argv.slice(2), flags);
  if (!command.ok) {
    process.stderr.write(`${name}: ${command.message}\n${usage(name, flags)}`);
    process.exit(exitCodes.usage);
  }
  switch (command.value.kind) {
    case 'help':
      process.stdout.write(usage(name, flags));
      break;
    case 'version':
      process.stdout.write(`${name} ${version}\n`);
      break;
    case 'check-config':
      process.exitCode = await checkConfig(definition, command.value.options, command.value.json);
      break;
    case 'run': {
      const refused = await run(definition, command.value.options);
      if (refused.ok) break;
      createLogger({ component: name, board: command.value.options.board }).error('start-refused', {
        code: refused.code,
        message: refused.message,
      });
      await flushStderr(500);
      process.exit(isErrno(refused) ? exitCodes.system : exitCodes.refused);
    }
  }
}

function isErrno(failure: Failure): boolean {
  return /^E[A-Z0-9]+$/.test(failure.code);
}

async function checkConfig(definition: DaemonDefinition, options: DaemonOptions, json: boolean): Promise<number> {
  const checked = await definition.checkConfig(options);
  if (json) {
    const { code, message } = checked.ok ? { code: 'OK', message: 'good' } : checked;
    process.stdout.write(`${JSON.stringify({ ok: checked.ok, code, message })}\n`);
  } else if (!checked.ok) process.stderr.write(`${definition.name}: ${checked.message}\n`);
  if (checked.ok) return exitCodes.done;
  return isErrno(checked) ? exitCodes.system : exitCodes.refused;
}

async function run(definition: DaemonDefinition, options: DaemonOptions): Promise<Result<void>> {
  const { name } = definition;
  const made = makeRunDir(options.runDir);
  if (!made.ok) return made;
  const kernel = await linuxKernel();
  // Held until the process ends, whatever way: the kernel releases it.
  const lock = kernel.lockFile(join(options.runDir, `${name}.lock`));
  if (!lock.ok) {
    if (lock.code !== 'LOCKED') return lock;
    return { ...lock, message: `two ${name} were started for board ${options.board}: ${lock.message}` };
  }
  const boot = readBootId(options.bootIdFile);
  if (!boot.ok) return boot;
  const crashes = new CrashHistory(options.runDir, name, boot.value);
  const log = createLogger({ component: name, board: options.board, level: options.logLevel });
  const ring = new EventRing();
  const daemon = new DaemonProcess({
    name,
    version: definition.version,
    runDir: options.runDir,
    stopMs: definition.stopMs ?? 3_000,
    kernel,
    log,
    ring,
    crashes,
  });
  const metrics = new Metrics();
  processMetrics(metrics, name, definition.version, options.board);
  const context: DaemonContext = {
    name,
    options,
    bootId: boot.value,
    passive: crashes.passive,
    log,
    metrics,
    ring,
    kernel,
    crash: (error) => daemon.crash(error),
    status: (text) => daemon.notify(`STATUS=${text.replaceAll('\n', ' ')}`),
    stop: () => daemon.stop('asked'),
  };
  const started = await definition.start(context);
  if (!started.ok) return started;
  daemon.started(await withMetrics(started.value, context));
  log.info('ready', { version: definition.version, passive: crashes.passive, pid: process.pid });
  return ok(undefined);
}

/** The daemon, and beside it whoever answers `GET /metrics`, where that is wanted. */
async function withMetrics(
  running: RunningDaemon,
  { name, options, metrics, log }: DaemonContext,
): Promise<RunningDaemon> {
  if (options.metrics === undefined) return running;
  // Loaded by those who want it: what must start fast does not wait for an HTTP server.
  const { MetricsServer } = await import('./metrics-server.js');
  const server = new MetricsServer({
    address: options.metrics,
    runDir: options.runDir,
    name,
    text: () => metrics.text(),
    log,
  });
  return {
    stop: () => {
      server.close();
      return running.stop();
    },
    ...(running.reload === undefined ? {} : { reload: running.reload.bind(running) }),
  };
}

function makeRunDir(path: string): Result<void> {
  try {
    mkdirSync(path, { recursive: true, mode: 0o750 });
    return ok(undefined);
  } catch (error) {
    return errnoFailure(error, `make the run directory ${path}`);
  }
}
