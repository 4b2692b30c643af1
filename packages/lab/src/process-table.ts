import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Fields of /proc/PID/stat (proc(5)); `startTicks` tells a process from a later one with its pid. */
export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly startTicks: number;
}

/** undefined when there is no such process. */
export function processStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name may hold anything, parentheses too: what follows the last one is fields 3 and on.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, state: fields[0] ?? '?', parent: Number(fields[1]), startTicks: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => processStat(pid)?.parent === parent);
}

/** All threads of all processes in the PID namespace of `pid`, as this process's own namespace counts them. */
export function threadsBeside(pid: number): number[] {
  const namespaceOf = (one: number | string): string | undefined => {
    try {
      return readlinkSync(`/proc/${one}/ns/pid`);
    } catch {
      return undefined;
    }
  };
  const own = namespaceOf(pid);
  if (own === undefined) return [];
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && namespaceOf(name) === own);
  return processes.flatMap((name) => {
    try {
      return readdirSync(`/proc/${name}/task`).map(Number);
    } catch {
      return [];
    }
  });
}

/** Whether the very process that started at `startTicks` still runs; a zombie does not. */
export function alive(pid: number, startTicks: number): boolean {
  const stat = processStat(pid);
  return stat !== undefined && stat.startTicks === startTicks && stat.state !== 'Z' && stat.state !== 'X';
}
