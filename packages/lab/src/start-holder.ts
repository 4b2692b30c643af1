import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, ok, type Result } from '@softset/base';
import { monotonicMs } from './clock.js';
import { type LabState, readState } from './lab-state.js';
import { privateRun, reapFor } from './shell.js';

const holderMain = new URL('./holder/main.js', import.meta.url).pathname;
/** Making a chassis takes a second or two; a machine crowded with others may take many. */
export const upMs = 60_000;

/**
 * Starts the holder of the lab whose folder is `dir`, in namespaces of its own, and waits until the lab is up. It outlives
 * the caller. Error: `LAB_UP_FAILED`, with what the holder said.
 */
export async function startHolder(dir: string, userNamespace: boolean): Promise<Result<LabState>> {
  const log = openSync(join(dir, 'holder.log'), 'a');
  const script = [
    'set -eu',
    // The /proc of the outside is still mounted: this is our pid as the outside counts.
    'read -r outer rest < /proc/self/stat',
    'mount -t proc proc /proc',
    privateRun(dir),
    `set -- "$outer"`,
    reapFor([process.execPath, holderMain, dir]).replace(' &\n', ' "$1" &\n'),
  ].join('\n');
  const user = userNamespace ? ['--user', '--map-root-user'] : [];
  const args = [...user, '--net', '--mount', '--pid', '--fork', '--kill-child=KILL', '--', 'sh', '-c', script];
  const holder = spawn('unshare', [...args, `softset-lab:${dir}`], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  let ended = false;
  holder.on('error', () => {
    ended = true;
  });
  holder.on('exit', () => {
    ended = true;
  });
  holder.unref();
  const deadlineMs = monotonicMs() + upMs;
  while (monotonicMs() < deadlineMs) {
    const state = readState(dir);
    if (state?.state === 'up') return ok(state);
    if (ended || state?.state === 'failed') break;
    await sleep(5);
  }
  const said = readFileSync(join(dir, 'holder.log'), 'utf8').trim().split('\n').slice(-5).join('; ');
  return fail(
    'LAB_UP_FAILED',
    [readState(dir)?.message, said].filter(Boolean).join('; ') || 'the holder did not start',
  );
}
