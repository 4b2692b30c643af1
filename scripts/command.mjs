import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build.mjs';
import { root } from './places.mjs';
import { say } from './say.mjs';
import { setup } from './setup.mjs';

/** Exit codes of the command itself: 0 done, 1 refused, 100 usage, 111 system. */
const SYSTEM = 111;

/**
 * Gets what the purposes need, builds, and runs `softset VERB` with every argument passed through. All talk before
 * that goes to standard error, so that `--json` leaves nothing but JSON on standard output.
 */
export async function command(verb, purposes) {
  const { env, unmet } = await setup(purposes);
  const missing = unmet.filter((need) => !need.optional);
  if (missing.length > 0) return SYSTEM;
  const { code, text } = await build({ env });
  if (code !== 0) {
    say(text.trimEnd());
    return SYSTEM;
  }
  const program = join(root, 'packages/cli/bin/softset.js');
  const child = spawn(process.execPath, [program, verb, ...process.argv.slice(2)], { env, stdio: 'inherit' });
  // The command stops its daemons and removes its namespaces by itself: wait for it. Ctrl-C reaches it from the
  // terminal already, and a second one might read as "at once".
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      say(`${program}: ${error.message}`);
      resolve(SYSTEM);
    });
    child.once('close', (exit, signal) => resolve(signal === null ? exit : SYSTEM));
  });
}
