import { ok, type Result } from '@softset/base';
import type { Board, SwitchPortState } from '@softset/protocol';
import { fenceProgram } from './fence-program.js';

export interface SwitchPorts {
  /** Both ports of the board. Errors: those of `redirect-fence`, `COMMAND_TIMEOUT`, `COMMAND_FAILED`. */
  set(board: Board, wanted: 'as-they-are' | 'up' | 'down'): Promise<Result<readonly SwitchPortState[]>>;
}

export function switchPortsOf(clusterFile: string): SwitchPorts {
  return {
    set: async ({ name, switchPorts }, wanted) => {
      const words = ['--board', name, '--ports', wanted];
      const done = await fenceProgram(clusterFile, words, switchPorts?.timeoutMs ?? 0);
      return done.ok ? ok((done.value as { ports: readonly SwitchPortState[] }).ports) : done;
    },
  };
}
