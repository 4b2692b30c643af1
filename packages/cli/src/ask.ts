import { netrackClient, redirectClient } from '@softset/client';
import { exitCodes } from './exit-codes.js';
import { print, refuse } from './say.js';
import { gather } from './status/gather.js';
import { width } from './status/render.js';
import { table } from './status/table.js';
import { type TargetOptions, targetsOf } from './targets.js';

type Options = TargetOptions & { readonly json?: boolean };
const once = { name: 'softset', retry: 'none' } as const;
/** A wish waits for the director, who waits for programs to stop. */
const moveMs = 15_000;

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

/** `softset service move SERVICE [BOARD]`: a planned move; done when the director says so. */
export async function serviceMoveCommand(
  service: string,
  board: string | undefined,
  options: Options,
): Promise<number> {
  const targets = await targetsOf(options);
  if (!targets.ok) return refuse(targets);
  const best = await gather(targets.value);
  if (!best.ok) return refuse(best);
  const client = redirectClient(best.value.from.runDir, once);
  const ready = await client.ready();
  const answer = ready.ok
    ? await client.call('move', { service, ...(board === undefined ? {} : { board }) }, { timeoutMs: moveMs })
    : ready;
  client.close();
  if (!answer.ok) return refuse(answer);
  print(options.json ? JSON.stringify(answer.value) : answer.value.message);
  return exitCodes.done;
}
