import { execFile } from 'node:child_process';
import { fail, ok, type Result } from '@softset/base';

/** What a command may say on standard output and error together, in bytes; it is told of in an alarm. */
const OUTPUT_MAX = 64 * 1024;

/**
 * Runs a declared command: no shell, no environment but a path, and KILL when its time is over. Exit code 0 alone is
 * success. Errors: `COMMAND_FAILED`, `COMMAND_TIMEOUT`, and errno's name where it cannot be started.
 */
export function runCommand([file = '', ...args]: readonly string[], timeoutMs: number): Promise<Result<void>> {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const limits = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_MAX, env, cwd: '/' } as const;
  return new Promise((resolve) => {
    execFile(file, args, limits, (error, stdout, stderr) => {
      if (error === null) return resolve(ok(undefined));
      const said = (stderr || stdout).trim().split('\n').at(-1) ?? '';
      if (error.killed === true && error.signal === 'SIGKILL' && error.code === null)
        return resolve(fail('COMMAND_TIMEOUT', `${file} did not end within ${timeoutMs} ms`));
      if (typeof error.code === 'string') return resolve(fail(error.code, `${file}: ${error.message}`));
      return resolve(fail('COMMAND_FAILED', `${file} ended with ${error.code ?? error.signal}: ${said}`.slice(0, 500)));
    });
  });
}
