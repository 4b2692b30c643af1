import { netrackClient, psrmClient } from '@softset/client';
import type { ProgramStatus } from '@softset/protocol';
import { exitCodes } from './exit-codes.js';
import { print, refuse } from './say.js';
import { gather } from './status/gather.js';
import { width } from './status/render.js';
import { table } from './status/table.js';
import { duration } from './status/words.js';
import { oneTarget, type TargetOptions, targetsOf } from './targets.js';

type Options = TargetOptions & { readonly json?: boolean };
const once = { name: 'softset', retry: 'none' } as const;
/** Stopping a program may take its stop signal's time and then some. */
const orderMs = 20_000;

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

/** `softset psrm status`. */
export async function psrmStatusCommand(options: Options): Promise<number> {
  return withPsrm(options, async (client) => {
    const answer = await client.call('status', {});
    if (!answer.ok) return refuse(answer);
    const { programs } = answer.value;
    print(options.json ? JSON.stringify(programs, undefined, 2) : programTable(programs));
    return exitCodes.done;
  });
}

/** `softset psrm start|stop|restart PROGRAM`. */
export async function psrmOrderCommand(
  order: 'start' | 'stop' | 'restart',
  program: string,
  options: Options,
): Promise<number> {
  return withPsrm(options, async (client) => {
    const answer = await client.call(order, { program }, { timeoutMs: orderMs });
    if (!answer.ok) return refuse(answer);
    const done = { start: 'is wanted, and is being started', stop: 'is stopped', restart: 'is restarted' }[order];
    print(options.json ? JSON.stringify({ program, order }) : `${program} ${done}`);
    return exitCodes.done;
  });
}

async function withPsrm(
  options: Options,
  work: (client: ReturnType<typeof psrmClient>) => Promise<number>,
): Promise<number> {
  const target = await oneTarget(options);
  if (!target.ok) return refuse(target);
  const client = psrmClient(target.value.runDir, once);
  try {
    const ready = await client.ready();
    return ready.ok ? await work(client) : refuse(ready, 'start psrmd, or name its directory with --run-dir');
  } finally {
    client.close();
  }
}

function programTable(programs: readonly ProgramStatus[]): string {
  const nowMs = Number(process.hrtime.bigint()) / 1e6;
  const rows = programs.map((p) => [
    p.program,
    p.state,
    duration(nowMs - p.sinceMs),
    p.pid === undefined ? '-' : String(p.pid),
    String(p.restarts),
    p.wanted ? 'yes' : 'no',
    p.lastEnd ?? '-',
  ]);
  return table([['PROGRAM', 'STATE', 'SINCE', 'PID', 'RESTARTS', 'WANTED', 'LAST END'], ...rows], width).join('\n');
}
