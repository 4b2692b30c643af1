import type { Instance } from '../core/events.js';
import { cgroupMembers, killCgroup } from './cgroup.js';
import { findMarked, type Owner } from './mark.js';
import { killProcess, listPids, readStat } from './process-table.js';

/** To a life's process group. False when there is no such group, or when it is not ours any more. */
export function signalGroup({ pid, startTicks }: Instance, signal: NodeJS.Signals): boolean {
  if (!groupExists(pid)) return false;
  const leader = readStat(pid);
  // While a group has members its number is given to no new process (pid_namespaces share struct pid with groups):
  // a leader with another start time says that the group was empty, and that this is somebody else's.
  if (leader !== undefined && leader.startTicks !== startTicks) return false;
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** One system call, which settles the usual case: nothing was left behind. */
function groupExists(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

export interface Life {
  readonly owner: Owner;
  readonly program: string;
  readonly instance: Instance;
  readonly cgroup: string | undefined;
}

/** KILL to all of a life: its process group and its cgroup. */
export function killLife({ instance, cgroup }: Life): void {
  signalGroup(instance, 'SIGKILL');
  if (cgroup !== undefined) killCgroup(cgroup);
}

/**
 * Kills what an ended life left behind, and says how many still have to die. Not thorough, it costs two system calls
 * where nothing is left; thorough, it reads the mark of every process of the machine.
 */
export function killRemains(life: Life, thorough: boolean): number {
  const { instance, cgroup, owner, program } = life;
  const left = new Set<number>();
  if (signalGroup(instance, 'SIGKILL')) {
    for (const pid of listPids()) {
      const stat = readStat(pid);
      if (stat && !stat.dead && (stat.group === instance.pid || stat.session === instance.pid)) left.add(pid);
    }
  }
  const members = cgroup === undefined ? [] : cgroupMembers(cgroup);
  if (cgroup !== undefined && members.length > 0) killCgroup(cgroup);
  for (const pid of members) left.add(pid);
  if (thorough) for (const pid of killMarked(owner, program, instance.number)) left.add(pid);
  return left.size;
}

/** Kills every process with the mark of a life up to this number, wherever it went; returns those that it found. */
export function killMarked(owner: Owner, program: string, upToNumber: number): number[] {
  const found = findMarked(owner).filter((one) => one.program === program && one.number <= upToNumber);
  for (const { pid } of found) killProcess(pid);
  return found.map(({ pid }) => pid);
}
