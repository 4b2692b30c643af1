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

/** Folders that a search looks into at most, and how deep: a machine's services have some hundreds, at a depth of five. */
const FOLDERS_MAX = 20_000;
const DEPTH_MAX = 8;

/** The cgroup below which a board keeps those of its programs. The run directory tells apart two boards on one machine. */
export function cgroupName(board: string, runDir: string): string {
  return `softset-${board}-${createHash('sha256').update(runDir).digest('hex').slice(0, 12)}`;
}

/** An empty one goes, with the empty ones in it; a member that is not reaped yet keeps it. True when it is gone. */
export function removeCgroupTree(path: string): boolean {
  try {
    for (const name of folders(path)) removeCgroupTree(join(path, name));
    rmdirSync(path);
  } catch {
    // EBUSY, or gone.
  }
  return !existsSync(path);
}

/**
 * Removes the cgroups of these names from every hierarchy, with those below them: what is left of somebody who was killed.
 * One that still has a member stays (EBUSY), and so does one that is not ours to remove. Returns the paths that stay.
 */
export function removeCgroups(names: ReadonlySet<string>, mounts = cgroupMounts()): string[] {
  const stay: string[] = [];
  let left = FOLDERS_MAX;
  const search = (folder: string, depth: number): void => {
    for (const name of folders(folder)) {
      if (left-- <= 0) return;
      const path = join(folder, name);
      if (names.has(name)) {
        if (!removeCgroupTree(path)) stay.push(path);
      } else if (depth < DEPTH_MAX) search(path, depth + 1);
    }
  };
  for (const mount of mounts) search(mount, 1);
  return stay;
}

/** Where hierarchies are mounted, v1 and v2 (cgroups(7)). */
function cgroupMounts(): string[] {
  const lines = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, path, type] = line.split(' ');
    return path !== undefined && (type === 'cgroup' || type === 'cgroup2') ? [path] : [];
  });
}

function folders(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return []; // Gone meanwhile, or not ours to read.
  }
}
