import { join } from 'node:path';

/** Where a lab keeps what belongs to a board. The same paths hold inside the board and outside. */
export interface BoardPaths {
  readonly dir: string;
  /** Lost at a crash; the daemons' control sockets are here. */
  readonly runDir: string;
  /** The board's disk: survives a crash. */
  readonly stateDir: string;
  readonly logDir: string;
  /** New at each boot. */
  readonly bootIdFile: string;
  /** Where the board's init takes commands. */
  readonly initSocket: string;
}

export function boardPaths(labDir: string, board: string): BoardPaths {
  const dir = join(labDir, 'boards', board);
  return {
    dir,
    runDir: join(dir, 'run'),
    stateDir: join(dir, 'state'),
    logDir: join(dir, 'log'),
    bootIdFile: join(dir, 'boot-id'),
    initSocket: join(dir, 'init.sock'),
  };
}

/** Where a switch's agent has its configuration and the overlay, which may be changed while it runs. */
export function switchAgentFolder(labDir: string, network: 'A' | 'B'): string {
  return join(labDir, 'switches', network === 'A' ? 'switch-a' : 'switch-b');
}

/** What every program on a board finds in its environment. */
export function boardEnvironment(labDir: string, board: string): Record<string, string> {
  const paths = boardPaths(labDir, board);
  return {
    SOFTSET_BOARD: board,
    SOFTSET_BOOT_ID_FILE: paths.bootIdFile,
    SOFTSET_RUN_DIR: paths.runDir,
    SOFTSET_STATE_DIR: paths.stateDir,
  };
}
