import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupName, removeCgroups } from '@softset/linux/cgroup.js';
import { boardPaths } from './board-paths.js';

/** Tries while the last processes of a killed lab are reaped, and the pause between them, ms. */
const TRIES = 20;
const PAUSE_MS = 50;

/**
 * Takes away the cgroups that the boards' psrmds made: they belong to the machine and not to any namespace, and a board
 * that crashed left them as they were. When nothing of the lab runs any more.
 */
export async function removeBoardCgroups(labDir: string): Promise<void> {
  let boards: readonly string[];
  try {
    boards = readdirSync(join(labDir, 'boards'));
  } catch {
    return; // It was not even begun.
  }
  const names = new Set(boards.map((board) => cgroupName(board, realPath(boardPaths(labDir, board).runDir))));
  for (let tries = 0; tries < TRIES && removeCgroups(names).length > 0; tries++) await sleep(PAUSE_MS);
}

/** psrmd knows its run directory without links. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
