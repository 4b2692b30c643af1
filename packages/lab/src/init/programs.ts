import { readdirSync, readFileSync } from 'node:fs';

/** Processes of this board whose environment says SOFTSET_PROGRAM=`program` (PSRM sets it), by /proc/PID/environ. */
export function programPids(program: string): number[] {
  const wanted = `SOFTSET_PROGRAM=${program}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(wanted);
      } catch {
        return false; // It ended while we looked.
      }
    })
    .map(Number);
}

/**
 * Whether this process is the init of a board of the lab: PID 1 is then the shell that reaps for it, and says so in its
 * arguments. Signals to "all processes" are sent only here; anywhere else they would hit the whole machine.
 */
export function insideBoard(board: string): boolean {
  if (process.ppid !== 1) return false;
  try {
    return readFileSync('/proc/1/cmdline', 'latin1').split('\0').includes(`softset-lab-board:${board}`);
  } catch {
    return false;
  }
}
