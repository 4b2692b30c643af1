import { existsSync } from 'node:fs';
import { fail, type Result } from '@softset/base';
import type { Program } from '@softset/protocol';
import type { End } from '../core/events.js';
import type { Children } from './children.js';
import { launchCommand } from './launch.js';
import { isExecutable } from './tools.js';

export interface Spawning {
  readonly program: Pick<Program, 'command' | 'environment' | 'directory' | 'run' | 'limits' | 'notify'>;
  readonly mark: Readonly<Record<string, string>>;
  /** File descriptor for standard output and error: a file, for a pipe would break when psrmd ends. */
  readonly log: number;
  /** NOTIFY_SOCKET, for a program that speaks it. */
  readonly notifySocket: string | undefined;
  readonly enter: readonly string[];
  readonly boundAddresses: boolean;
  readonly onExit: (end: End) => void;
}

/** What speaks for psrmd itself must not be used by its programs (sd_notify(3), sd_watchdog_enabled(3)). */
const withheld = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID', 'LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES'];
const inherited: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || withheld.includes(name) ? [] : [[name, value]],
  ),
);

/** `NAME=value` each: psrmd's own variables, then `more`, the later winning. */
export function environmentWith(...more: readonly Readonly<Record<string, string>>[]): readonly string[] {
  return Object.entries(Object.assign({}, inherited, ...more)).map(([name, value]) => `${name}=${value}`);
}

/**
 * Starts a program in a session and process group of its own; nothing ties its life to psrmd's. Errors: those of
 * `launchCommand`, and `PROGRAM_MISSING`, `NOT_EXECUTABLE`, `DIRECTORY_MISSING`, `FORK_FAILED` (no memory, or too many
 * processes), else errno's names.
 */
export function spawnProgram(children: Children, spawning: Spawning): Result<number> {
  const { program, mark, log, notifySocket, enter, boundAddresses, onExit } = spawning;
  const { command, limits, run, directory, notify } = program;
  const words = launchCommand({ command, limits, run, enter, boundAddresses });
  if (!words.ok) return words;
  const [file = '', ...args] = words.value;
  // Behind tools, it is a tool that would fail to start it, in words of its own.
  const own = command[0] ?? '';
  if (file !== own && !isExecutable(own)) return missing(own, directory);
  const watchdog = notify && notify.watchdogMs > 0 ? { WATCHDOG_USEC: String(notify.watchdogMs * 1000) } : {};
  const told = notifySocket === undefined ? {} : { NOTIFY_SOCKET: notifySocket, ...watchdog };
  const environment = environmentWith(program.environment, told, mark);
  // Of the whole process, and inherited: for the instant of the spawn, in which no other JavaScript runs.
  const umask = run?.umask === undefined ? undefined : process.umask(Number.parseInt(run.umask, 8));
  const started = children.start({ file, args: [file, ...args], environment, directory, output: log }, onExit);
  if (umask !== undefined) process.umask(umask);
  if (started.ok) return started;
  if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(started.code)) return missing(own, directory);
  if (started.code === 'EAGAIN' || started.code === 'ENOMEM') return fail('FORK_FAILED', started.message);
  return started;
}

function missing(file: string, directory: string): Result<number> {
  if (!existsSync(directory)) return fail('DIRECTORY_MISSING', `there is no directory ${directory}`);
  if (!existsSync(file)) return fail('PROGRAM_MISSING', `there is no ${file}`);
  if (!isExecutable(file)) return fail('NOT_EXECUTABLE', `${file} may not be executed`);
  return fail('NOT_EXECUTABLE', `${file}, its interpreter or ${directory} may not be used`);
}
