import { netrackClient } from '@softset/client';
import type { NetrackState } from '@softset/protocol';
import { exitCodes } from '../exit-codes.js';
import { print, refuse } from '../say.js';
import { gather } from '../status/gather.js';
import { type TargetOptions, targetsOf } from '../targets.js';
import { changesOf } from './changes.js';

/** Local wall time to the millisecond: what an operator compares with other logs. */
function clock(at: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}

/** `softset watch`: a line for each change, until it is interrupted. Without --board: by the word of the best informed. */
export async function watchCommand(options: TargetOptions): Promise<number> {
  const targets = await targetsOf(options);
  if (!targets.ok) return refuse(targets);
  const gathered = await gather(targets.value);
  if (!gathered.ok) return refuse(gathered);
  const { from } = gathered.value;
  let last: NetrackState | undefined;
  const tell = (text: string): void => print(`${clock(new Date())}  ${text}`);
  const take = (state: NetrackState): void => {
    for (const line of changesOf(last, state)) tell(line);
    last = state;
  };
  let up = false;
  const client = netrackClient(from.runDir, {
    name: 'softset-watch',
    onUp: () => {
      up = true;
    },
    onDown: () => up && tell(`netrackd of ${from.name} does not answer; trying again`),
  });
  client.subscribe('state', (state) => state !== null && take(state), take);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    // `softset watch | head` ends the pipe first.
    process.stdout.once('error', () => resolve());
  });
  client.close();
  return exitCodes.done;
}
