import { netrackClient } from '@softset/client';
import { exitCodes } from './exit-codes.js';
import { print, refuse } from './say.js';
import { gather } from './status/gather.js';
import { width } from './status/render.js';
import { table } from './status/table.js';
import { type TargetOptions, targetsOf } from './targets.js';

type Options = TargetOptions & { readonly json?: boolean };
const once = { name: 'softset', retry: 'none' } as const;

/** `softset path BOARD`: the best way to a board now (002 ¶0047). */
export async function pathCommand(board: string, options: Options): Promise<number> {
  const targets = await targetsOf(options);
  if (!targets.ok) return refuse(targets);
  const best = await gather(targets.value);
  if (!best.ok) return refuse(best);
  const client = netrackClient(best.value.from.runDir, once);
  await client.ready();
  const answer = await client.call('path', { board });
  client.close();
  if (!answer.ok) return refuse(answer);
  const { network, address } = answer.value;
  print(options.json ? JSON.stringify(answer.value) : `${board}: ${address} on network ${network}`);
  return exitCodes.done;
}

/** `softset service list`. */
export async function serviceListCommand(options: Options): Promise<number> {
  const targets = await targetsOf(options);
  if (!targets.ok) return refuse(targets);
  const best = await gather(targets.value);
  if (!best.ok) return refuse(best);
  const { services, boards } = best.value.state;
  if (options.json === true) {
    print(JSON.stringify(services, undefined, 2));
    return exitCodes.done;
  }
  const name = (id: number | undefined): string => boards.find((board) => board.board === id)?.name ?? '-';
  const rows = services.map((s) => [s.service, name(s.holder?.board), s.phase, name(s.pin), s.cause || '-']);
  print(table([['SERVICE', 'HOLDER', 'PHASE', 'PIN', 'CAUSE'], ...rows], width).join('\n'));
  return exitCodes.done;
}
