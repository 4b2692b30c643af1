import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fail, ok, type Result } from '@softset/base';
import { lastFailure } from './errno.js';
import { closeFd } from './fd.js';
import { declare } from './libc.js';

// glibc has wrappers for these since 2.36 only; the numbers are the same on every architecture.
const pidfdOpen = declare<(number: number, pid: number, flags: number) => number>(
  'intptr_t syscall(intptr_t number, intptr_t pid, uintptr_t flags)',
);
const pidfdSend = declare<(number: number, fd: number, signal: number, info: null, flags: number) => number>(
  'intptr_t syscall(intptr_t number, intptr_t fd, intptr_t signal, void *info, uintptr_t flags)',
);
const SYS_PIDFD_SEND_SIGNAL = 424;
const SYS_PIDFD_OPEN = 434;

/** One process, for good: pids are used again, a pid with its start time is not (within one boot). */
export interface ProcessName {
  readonly pid: number;
  /** Ticks of 10 ms after boot, field 22 of /proc/PID/stat (proc(5)). */
  readonly startTicks: number;
}

/** The start time of a living process or zombie; `ESRCH` when there is none. */
export function processStart(pid: number): Result<number> {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (cause) {
    return fail('ESRCH', `process ${pid} is not there`, cause);
  }
  const ticks = parseStartTicks(text);
  return ticks === undefined ? fail('ESRCH', `/proc/${pid}/stat does not tell a start time`) : ok(ticks);
}

/** The name in the second field may hold spaces and brackets: counting starts after the last closing one. */
export function parseStartTicks(stat: string): number | undefined {
  const field = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return field !== undefined && /^\d{1,15}$/.test(field) ? Number(field) : undefined;
}

/**
 * Signals exactly this process or none. The descriptor is opened first and the start time compared after: whoever bears
 * the pid then, is who the descriptor means (pidfd_open(2), pidfd_send_signal(2); Linux 5.3). Errors: `ESRCH` (ended, or
 * the pid is another's now), `EPERM`.
 */
export function signalProcess(target: ProcessName, signal: NodeJS.Signals): Result<void> {
  const fd = pidfdOpen(SYS_PIDFD_OPEN, target.pid, 0);
  if (fd < 0) return lastFailure(`pidfd_open(${target.pid})`);
  try {
    const start = processStart(target.pid);
    if (!start.ok) return start;
    if (start.value !== target.startTicks) {
      return fail(
        'ESRCH',
        `process ${target.pid} began at ${start.value}, not at ${target.startTicks}: it is another one`,
      );
    }
    const sent = pidfdSend(SYS_PIDFD_SEND_SIGNAL, fd, constants.signals[signal], null, 0);
    return sent < 0 ? lastFailure(`pidfd_send_signal(${target.pid}, ${signal})`) : ok(undefined);
  } finally {
    closeFd(fd);
  }
}
