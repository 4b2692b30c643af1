import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';

/** Beyond the time for the work itself: the program has to start, on a machine that has just lost a board. */
const START_MS = 5000;
const OUTPUT_MAX = 64 * 1024;

/**
 * Runs `redirect-fence`, which lies beside this daemon's own program: what it printed, as JSON. Errors: its own,
 * `COMMAND_TIMEOUT`, `COMMAND_FAILED`.
 */
export function fenceProgram(clusterFile: string, args: readonly string[], workMs: number): Promise<Result<unknown>> {
  const program = join(dirname(realpathSync(process.argv[1] ?? '')), 'redirect-fence.js');
  const limits = { timeout: workMs + START_MS, killSignal: 'SIGKILL', maxBuffer: OUTPUT_MAX } as const;
  const all = [program, '--cluster', clusterFile, ...args];
  return new Promise((settle) => {
    execFile(process.execPath, all, limits, (error, stdout, stderr) => settle(answerOf(error, stdout, stderr)));
  });
}

function answerOf(
  error: (Error & { readonly killed?: boolean }) | null,
  stdout: string,
  stderr: string,
): Result<unknown> {
  if (error === null) return ok(JSON.parse(stdout) as unknown);
  if (error.killed === true) return fail('COMMAND_TIMEOUT', 'the switches did not obey in time');
  const [, code, message] = /^([A-Z_0-9]+): (.*)$/m.exec(stderr) ?? [];
  if (code !== undefined && message !== undefined) return fail(code, message);
  return fail('COMMAND_FAILED', (stderr.trim() || error.message).slice(0, 300));
}
