import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type CgroupUse, cgroupName, cgroupParents, removeCgroupTree } from '@softset/linux/cgroup.js';
import { boardPaths } from './board-paths.js';

/**
 * The cgroups that the boards' psrmds make: they lie in the machine's own hierarchies, which a crashed board leaves as
 * they are, and `down` has to take away. `pid`: a process of the lab, to know below which cgroup they are.
 */
export function boardCgroups(labDir: string, pid: number | 'self'): readonly string[] {
  const uses: readonly CgroupUse[] = ['track', 'memory', 'cpu'];
  try {
    const parents = new Set(uses.flatMap((use) => cgroupParents(use, pid)).map(({ path }) => path));
    const names = readdirSync(join(labDir, 'boards')).map((board) =>
      cgroupName(board, realPath(boardPaths(labDir, board).runDir)),
    );
    return [...parents].flatMap((parent) => names.map((name) => join(parent, name)));
  } catch {
    // The lab's process is gone, or it never had boards.
    return [];
  }
}

/** psrmd knows its run directory without links. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

/** When nothing of the lab runs any more. */
export function removeBoardCgroups(paths: readonly string[]): void {
  for (const path of paths) if (existsSync(path)) removeCgroupTree(path);
}
