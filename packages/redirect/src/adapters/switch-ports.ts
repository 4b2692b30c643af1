import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import type { Board, SwitchPortState } from '@softset/protocol';

/** Beyond the time for the ports themselves: the program has to start, on a machine that has just lost a board. */
const START_MS = 5000;
const OUTPUT_MAX = 64 * 1024;

export interface SwitchPorts {
  /** Both ports of the board. Errors: those of `redirect-fence`, `COMMAND_TIMEOUT`, `COMMAND_FAILED`. */
  set(board: Board, wanted: 'as-they-are' | 'up' | 'down'): Promise<Result<readonly SwitchPortState[]>>;
}

/** By `redirect-fence`, which lies beside this daemon's own program. */
export function switchPortsOf(clusterFile: string): SwitchPorts {
  const program = join(dirname(realpathSync(process.argv[1] ?? '')), 'redirect-fence.js');
  return {
    set: (board, wanted) => {
      const timeout = (board.switchPorts?.timeoutMs ?? 0) + START_MS;
      const args = [program, '--cluster', clusterFile, '--board', board.name, '--ports', wanted];
      return new Promise((settle) => {
        const limits = { timeout, killSignal: 'SIGKILL', maxBuffer: OUTPUT_MAX } as const;
        execFile(process.execPath, args, limits, (error, stdout, stderr) => settle(answerOf(error, stdout, stderr)));
      });
    },
  };
}

function answerOf(
  error: (Error & { readonly killed?: boolean }) | null,
  stdout: string,
  stderr: string,
): Result<readonly SwitchPortState[]> {
  if (error === null) return ok((JSON.parse(stdout) as { ports: readonly SwitchPortState[] }).ports);
  if (error.killed === true) return fail('COMMAND_TIMEOUT', 'the switches did not obey in time');
  const [, code, message] = /^([A-Z_0-9]+): (.*)$/m.exec(stderr) ?? [];
  if (code !== undefined && message !== undefined) return fail(code, message);
  return fail('COMMAND_FAILED', (stderr.trim() || error.message).slice(0, 300));
}
