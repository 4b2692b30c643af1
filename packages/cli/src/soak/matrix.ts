import { setTimeout as sleep } from 'node:timers/promises';
import type { Observer } from '@softset/lab';
import type { Chassis } from '../demo/chassis.js';
import { SILENCE_MS, type Tally } from './tally.js';
import { watch } from './watch.js';

export const FROZEN = ['netrack-pulse', 'netrackd', 'redirectd', 'psrmd'] as const;
export const ROLES = ['holder', 'director', 'both'] as const;
export const STOPS_MS = [120, 200, 10_000] as const;

export interface Cell {
  readonly daemon: (typeof FROZEN)[number];
  readonly role: (typeof ROLES)[number];
  readonly stopMs: number;
  readonly board?: string;
  readonly tally?: Tally;
  /** What went against the promise; empty: nothing did. */
  readonly wrong: readonly string[];
  /** Why it could not be tried. */
  readonly unable?: string;
}

/**
 * What a stopped process may cost. 120 ms: nothing. 200 ms: silence, and no move. Ten seconds: one move at most. Two boards
 * may never answer at once, on thawing least of all.
 */
export function wrongs({ moves, silences, silenceMsMax, holdersMax }: Tally, stopMs: number): string[] {
  const found: string[] = [];
  if (holdersMax > 1) found.push(`${holdersMax} boards answered at once`);
  if (moves > (stopMs >= 1000 ? 1 : 0)) found.push(moves === 1 ? 'it moved' : `it moved ${moves} times`);
  if (stopMs < 200 && silences > 0) found.push(`silent for ${silenceMsMax} ms, above ${SILENCE_MS}`);
  return found;
}

/** The board in this role, brought about by a planned move where it can be; or why it cannot. */
async function arrange(
  chassis: Chassis,
  role: Cell['role'],
  pool: readonly string[],
): Promise<string | { why: string }> {
  const director = chassis.director();
  const holder = chassis.holder();
  if (director === undefined || holder === undefined) return { why: 'nobody directs, or nobody holds media' };
  const together = holder === director;
  if (role === 'both' ? together : !together) return role === 'director' ? director : holder;
  if (role === 'both' && !pool.includes(director)) return { why: `${director} directs, and is not in the pool` };
  const to = role === 'both' ? director : pool.find((board) => board !== director);
  const refused = to === undefined ? 'there is no other board' : await chassis.move(to);
  if (refused !== undefined) return { why: refused };
  const why = await chassis.waitWell(30_000);
  if (why !== undefined) return { why };
  return role === 'director' ? (chassis.director() ?? director) : (chassis.holder() ?? holder);
}

/** One cell: SIGSTOP, the time, SIGCONT, and what the address did until all is well again. */
export async function freeze(
  chassis: Chassis,
  observer: Observer,
  { daemon, role, stopMs }: Pick<Cell, 'daemon' | 'role' | 'stopMs'>,
  pool: readonly string[],
): Promise<Cell> {
  const cell = { daemon, role, stopMs };
  const unwell = await chassis.waitWell(60_000);
  if (unwell !== undefined) return { ...cell, wrong: [], unable: unwell };
  const board = await arrange(chassis, role, pool);
  if (typeof board !== 'string') return { ...cell, wrong: [], unable: board.why };
  let over = false;
  const watching = watch(observer, stopMs + 20_000, () => over);
  await chassis.lab.fault('freeze', `${board}:${daemon}`);
  await sleep(stopMs);
  await chassis.lab.heal('freeze', `${board}:${daemon}`);
  const after = await chassis.waitWell(stopMs + 10_000);
  over = true;
  const tally = await watching;
  const wrong = wrongs(tally, stopMs);
  return { ...cell, board, tally, wrong: after === undefined ? wrong : [...wrong, `not well afterwards: ${after}`] };
}
