import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** What a hierarchy is good for: `track` knows who belongs together, the others limit (cgroups(7)). */
export type CgroupUse = 'track' | 'memory' | 'cpu';

export interface CgroupParent {
  readonly version: 1 | 2;
  /** The cgroup of the process asked about, in that hierarchy: below it others may be made. */
  readonly path: string;
}

/** v1's hierarchies for each use, the best first; v2 goes before them where it serves. */
const v1: Readonly<Record<CgroupUse, readonly string[]>> = {
  track: ['pids', 'freezer'],
  memory: ['memory'],
  cpu: ['cpu'],
};

/** Every cgroup that could serve, the best first. `pid`: whose. Throws a system error when that process is gone. */
export function cgroupParents(use: CgroupUse, pid: number | 'self' = 'self'): readonly CgroupParent[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const own = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const found: CgroupParent[] = [];
  const two = mounts.find((fields) => fields[2] === 'cgroup2')?.[1];
  if (two !== undefined) {
    const path = join(two, own.find((line) => line.startsWith('0::'))?.slice(3) ?? '/');
    if (use === 'track' || controllers(path).includes(use)) found.push({ version: 2, path });
  }
  for (const controller of v1[use]) {
    const mount = mounts.find((fields) => fields[2] === 'cgroup' && fields[3]?.split(',').includes(controller))?.[1];
    if (mount === undefined) continue;
    const line = own.find((one) => one.split(':')[1]?.split(',').includes(controller));
    found.push({ version: 1, path: join(mount, line?.split(':').slice(2).join(':') ?? '/') });
  }
  return found;
}

/** Those that the parent of `path` lets it use. */
function controllers(path: string): readonly string[] {
  try {
    return readFileSync(join(path, 'cgroup.controllers'), 'utf8').trim().split(' ');
  } catch {
    return [];
  }
}

/** The cgroup below which a board keeps those of its programs. The run directory tells apart two boards on one machine. */
export function cgroupName(board: string, runDir: string): string {
  return `softset-${board}-${createHash('sha256').update(runDir).digest('hex').slice(0, 12)}`;
}

/** An empty one goes, with the empty ones in it; a member that is not reaped yet keeps it. True when it is gone. */
export function removeCgroupTree(path: string): boolean {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true }))
      if (entry.isDirectory()) removeCgroupTree(join(path, entry.name));
    rmdirSync(path);
  } catch {
    // EBUSY, or gone.
  }
  return !existsSync(path);
}
