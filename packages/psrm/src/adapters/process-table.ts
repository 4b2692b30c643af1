import { readdirSync, readFileSync } from 'node:fs';
import { isOutOfDescriptors, withSpareDescriptor } from './spare-descriptor.js';

/** The fields of /proc/PID/stat (proc(5)) that tell whose a process is. */
export interface ProcessStat {
  readonly pid: number;
  /** `Z` and `X` are dead: they wait for their parent to take note, which may never come in a container. */
  readonly dead: boolean;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Field 22, in ticks since the boot. */
  readonly startTicks: number;
}

/** Undefined where there is no such file. Throws where no descriptor is left, for that says nothing of the process. */
function readProc(path: string, encoding: 'latin1' | 'utf8'): string | undefined {
  try {
    return withSpareDescriptor(() => readFileSync(path, encoding));
  } catch (error) {
    if (isOutOfDescriptors(error)) throw error;
    return undefined;
  }
}

/** Undefined when there is no such process. Throws `EMFILE` or `ENFILE`. */
export function readStat(pid: number): ProcessStat | undefined {
  const text = readProc(`/proc/${pid}/stat`, 'latin1');
  if (text === undefined) return undefined;
  // Field 2 is the command in parentheses and may hold spaces and parentheses itself: the last one closes it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0] ?? 'X';
  const number = (field: number): number => Number(fields[field - 3]);
  const dead = state === 'Z' || state === 'X';
  return { pid, dead, parent: number(4), group: number(5), session: number(6), startTicks: number(22) };
}

/** Whether this very process still runs: pids are used again, start times are not. */
export function isAlive(pid: number, startTicks: number): boolean {
  const stat = readStat(pid);
  return stat !== undefined && !stat.dead && stat.startTicks === startTicks;
}

export interface ProcessUse {
  /** Resident, in bytes. */
  readonly memoryBytes: number;
  /** Used since it started, in user and kernel mode, in ms. */
  readonly cpuMs: number;
  readonly threads: number;
  /** Undefined where we may not look: another user's. */
  readonly files: number | undefined;
}

/** What a process uses now. Undefined when there is no such process. */
export function readUse(pid: number): ProcessUse | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const number = (field: number): number => Number(fields[field - 3]);
    const cpuMs = (number(14) + number(15)) * tickMs;
    return { memoryBytes: number(24) * pageBytes, cpuMs, threads: number(20), files: countFiles(pid) };
  } catch {
    return undefined;
  }
}

function countFiles(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

/** All processes of this pid namespace. Throws a system error. */
export function listPids(): number[] {
  return withSpareDescriptor(() => readdirSync('/proc')).flatMap((name) =>
    /^[0-9]+$/.test(name) ? [Number(name)] : [],
  );
}

/** The environment that a process was started with, one `NAME=value` each; empty when it may not be read. Throws as `readStat`. */
export function environmentOf(pid: number): readonly string[] {
  return readProc(`/proc/${pid}/environ`, 'utf8')?.split('\0') ?? [];
}

/** Milliseconds since the boot by the clock that start times use (`btime` counts sleep, and so does this). */
export function uptimeMs(): number {
  return Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000;
}

/** USER_HZ is 100 on every architecture that Linux still builds user space for (include/asm-generic/param.h). */
export const tickMs = 10;

/** Field 24 counts pages. Those of 64 KiB (some arm64 kernels) are told by the auxiliary vector only; ours are of 4. */
const pageBytes = 4096;

/** KILL; a process that is gone already is no error. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ESRCH.
  }
}
