import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFile,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cgroupName, cgroupParents, removeCgroupTree } from '@softset/linux/cgroup.js';
import type { Owner } from './mark.js';
import { killProcess, readStat } from './process-table.js';
import { isOutOfDescriptors, withSpareDescriptor } from './spare-descriptor.js';

/** Where this psrmd may make cgroups, one for each life of each program (cgroups(7)). */
export interface CgroupRoot {
  readonly path: string;
}

/** Asked once, at start. Undefined where no cgroup can be made: then process groups and marks must do. */
export function openCgroupRoot(owner: Owner): CgroupRoot | undefined {
  // A program may have started psrmd inside one of its own cgroups: a nested one is fine.
  for (const parent of cgroupParents('track')) {
    const path = join(parent.path, cgroupName(owner.board, owner.runDir));
    try {
      if (!existsSync(path)) mkdirSync(path);
      accessSync(join(path, 'cgroup.procs'), constants.W_OK);
      removeEmpty(path);
      return { path };
    } catch {
      // Read-only, or not ours to write: the next one.
    }
  }
  return undefined;
}

/** Those of lives that are over, left by a psrmd that was killed. */
function removeEmpty(root: string): void {
  for (const entry of readdirSync(root, { withFileTypes: true }))
    if (entry.isDirectory()) removeCgroupTree(join(root, entry.name));
}

/** When nothing of this psrmd's runs any more. */
export function closeCgroupRoot({ path }: CgroupRoot): void {
  removeCgroupTree(path);
}

/** Undefined where it could not be made: the life then goes without. */
export function makeCgroup(root: CgroupRoot, program: string, number: number): string | undefined {
  const path = join(root.path, `${program}.${number}`);
  try {
    if (!existsSync(path)) mkdirSync(path);
    return path;
  } catch {
    return undefined;
  }
}

/**
 * Moves a process that was just spawned, on a thread of libuv's pool: unless it is mounted with `favordynmods`, the
 * kernel waits for a grace period of RCU first, 10 to 20 ms (measured, Linux 6.18), in which psrmd must not stand still.
 * What the program forks until then stays outside, so its process group and the marks are looked at as well. Entering
 * by a shell in front of the program would cost 1.2 ms at each start, in the way of the program itself.
 */
export function enterCgroup(path: string, pid: number): void {
  // Refused when it ended already: its process group and its mark remain.
  writeFile(join(path, 'cgroup.procs'), String(pid), () => {});
}

const oneByte = Buffer.alloc(1);

/** Whether anything is in it; at each restart, so it reads no more than it must. */
function isPopulated(path: string): boolean {
  const fd = openSync(join(path, 'cgroup.procs'), 'r');
  try {
    return readSync(fd, oneByte) > 0;
  } finally {
    closeSync(fd);
  }
}

/** Living members. A life without a cgroup, or whose cgroup is gone, has none. Throws `EMFILE` or `ENFILE`. */
export function cgroupMembers(path: string): number[] {
  try {
    if (!withSpareDescriptor(() => isPopulated(path))) return [];
    const text = withSpareDescriptor(() => readFileSync(join(path, 'cgroup.procs'), 'latin1'));
    const pids = text.split('\n').filter(Boolean).map(Number);
    return pids.filter((pid) => readStat(pid)?.dead === false);
  } catch (error) {
    if (isOutOfDescriptors(error)) throw error;
    return [];
  }
}

/** KILL to all members, at once where the kernel can (cgroup.kill, Linux 5.14), else one by one. */
export function killCgroup(path: string): void {
  try {
    if (existsSync(join(path, 'cgroup.kill'))) withSpareDescriptor(() => writeFileSync(join(path, 'cgroup.kill'), '1'));
    else cgroupMembers(path).forEach(killProcess);
  } catch {
    // Gone meanwhile: the caller asks again who is left.
  }
}
