import { netrackClient } from '@softset/client';
import { exitCodes } from '../exit-codes.js';
import { print, refuse } from '../say.js';
import { gather } from '../status/gather.js';
import { width } from '../status/render.js';
import { table } from '../status/table.js';
import { type TargetOptions, targetsOf } from '../targets.js';

type Options = TargetOptions & { readonly json?: boolean };
const once = { name: 'softset-key', retry: 'none' } as const;
/** Three steps on 64 boards, of which each may take seconds. */
const ROTATION_MS = 1_800_000;

/** `softset key status`, `softset key rotate`, and its `--resume` and `--abort`. */
export async function keyCommand(what: 'status' | 'rotate' | 'resume' | 'abort', options: Options): Promise<number> {
  const targets = await targetsOf(options);
  if (!targets.ok) return refuse(targets);
  const best = await gather(targets.value);
  if (!best.ok) return refuse(best);
  const client = netrackClient(best.value.from.runDir, once);
  try {
    const ready = await client.ready();
    if (!ready.ok) return refuse(ready, 'start netrackd');
    const patient = { timeoutMs: ROTATION_MS };
    const told =
      what === 'status'
        ? await client.call('keyStatus', {}, patient)
        : what === 'rotate'
          ? await client.call('keyRotate', {}, patient)
          : await client.call('keyResume', { how: what }, patient);
    if (!told.ok) return refuse(told);
    const { message, boards } = told.value;
    const rows = boards.map(({ board, keys }) => [board, keys[0] ?? '-', keys[1] ?? '-']);
    const lines = [message, ...table([['BOARD', 'SEALS WITH', 'BELIEVES TOO'], ...rows], width)];
    print(options.json ? JSON.stringify(told.value) : lines.join('\n'));
    return exitCodes.done;
  } finally {
    client.close();
  }
}
