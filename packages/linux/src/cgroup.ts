import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that a search looks into at most, and how deep: a machine's services have some hundreds, at a depth of five. */
const FOLDERS_MAX = 20_000;
const DEPTH_MAX = 8;

/** What the cgroup is called in which a board's programs live: one for each run directory on the machine. */
export function cgroupName(board: string, runDir: string): string {
  return `softset-${board}-${createHash('sha256').update(runDir).digest('hex').slice(0, 12)}`;
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
        if (!removed(path)) stay.push(path);
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

function removed(path: string): boolean {
  for (const name of folders(path)) removed(join(path, name));
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
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
