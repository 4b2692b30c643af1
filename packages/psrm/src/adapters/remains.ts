import type { Instance } from '../core/events.js';
import { cgroupMembers, killCgroup } from './cgroup.js';
import { findMarked, markOn, type Owner } from './mark.js';
import { killProcess, listPids, readStat } from './process-table.js';

/** To a life's process group. False when there is no such group, or when it is not ours any more. */
export function signalGroup(instance: Instance, signal: NodeJS.Signals): boolean {
  const group = instance.group ?? instance.pid;
  if (!groupExists(group) || !isOurs(instance, group)) return false;
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * While a group has members its number is given to no new process (pid_namespaces share struct pid with groups): a
 * leader with another start time says that the group was empty, and that this is somebody else's. A program in the
 * background leads no group; there it must be in it itself.
 */
function isOurs({ pid, startTicks }: Instance, group: number): boolean {
  const stat = readStat(pid);
  if (group !== pid) return stat?.startTicks === startTicks && stat.group === group;
  // 0: it could not be read when it was started (EMFILE).
  return stat === undefined || startTicks === 0 || stat.startTicks === startTicks;
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
  const group = instance.group ?? instance.pid;
  if (signalGroup(instance, 'SIGKILL')) {
    for (const pid of listPids()) {
      const stat = readStat(pid);
      if (stat && !stat.dead && (stat.group === group || stat.session === group)) left.add(pid);
    }
  }
  const members = cgroup === undefined ? [] : cgroupMembers(cgroup);
  if (cgroup !== undefined && members.length > 0) killCgroup(cgroup);
  for (const pid of members) left.add(pid);
  if (thorough) for (const pid of killMarked(owner, program, instance.number)) left.add(pid);
  return left.size;
}

/**
 * Whether a process belongs to a life: by its mark, its process group or session, or its cgroup. A program may write over
 * its environment (nginx does), and without cgroups what went into the background then has nothing left of it but that
 * it became a child of ours, after this life began.
 */
export function belongs({ owner, program, instance, cgroup }: Life, pid: number): boolean {
  if (pid === instance.pid) return true;
  const mark = markOn(owner, pid);
  if (mark !== undefined) return mark.program === program && mark.number === instance.number;
  const stat = readStat(pid);
  const group = instance.group ?? instance.pid;
  if (stat !== undefined && (stat.group === group || stat.session === group)) return true;
  if (cgroup !== undefined) return cgroupMembers(cgroup).includes(pid);
  return stat?.parent === process.pid && stat.startTicks >= instance.startTicks;
}

/** All of a life that can be found without looking at every process. */
export function membersOf({ instance, cgroup }: Life): readonly number[] {
  const members = cgroup === undefined ? [] : cgroupMembers(cgroup);
  return members.length > 0 ? members : [instance.pid];
}

/** Kills every process with the mark of a life up to this number, wherever it went; returns those that it found. */
export function killMarked(owner: Owner, program: string, upToNumber: number): number[] {
  const found = findMarked(owner).filter((one) => one.program === program && one.number <= upToNumber);
  for (const { pid } of found) killProcess(pid);
  return found.map(({ pid }) => pid);
}
