import { spawn } from 'node:child_process';
import type { Program } from '@softset/protocol';
import type { End } from '../core/events.js';

export interface Spawning {
  readonly program: Pick<Program, 'command' | 'environment' | 'directory'>;
  readonly mark: Readonly<Record<string, string>>;
  /** File descriptor for standard output and error: a file, for a pipe would break when psrmd ends. */
  readonly log: number;
  readonly onFailed: (reason: string) => void;
  readonly onExit: (end: End) => void;
}

/** What speaks for psrmd itself must not be used by its programs (sd_notify(3), sd_watchdog_enabled(3)). */
const withheld = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID', 'LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES'];
const inherited: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !withheld.includes(name)),
);

/**
 * Starts a program in a session and process group of its own. Returns its pid, or undefined when it could not be
 * started (`onFailed` then tells why, once). Nothing ties its life to psrmd's.
 */
export function spawnProgram({ program, mark, log, onFailed, onExit }: Spawning): number | undefined {
  const [file = '', ...args] = program.command;
  const child = spawn(file, args, {
    cwd: program.directory,
    env: { ...inherited, ...program.environment, ...mark },
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.on('error', (error) => {
    if (child.pid === undefined) onFailed(error.message);
  });
  child.on('exit', (code, signal) =>
    onExit(signal === null ? { kind: 'exit', code: code ?? 0 } : { kind: 'signal', signal }),
  );
  child.unref();
  return child.pid;
}
