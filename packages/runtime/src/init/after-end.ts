import type { SupervisedSpec } from './supervised.js';

/** A life shorter than this is a quick death; after so many in a row, init waits between tries. */
const quickMs = 1_000;
const quickDeathsMax = 5;
const waitMs = 1_000;
/** Where all daemons died together, the real-time one is started first: a lease waits for it. The others come so much later. */
const behindMs = 20;

export interface End {
  /** Null where a signal ended it, or where it could not be started at all. */
  readonly code: number | null;
  readonly ranMs: number;
  /** Quick deaths in a row before this one. */
  readonly quickDeaths: number;
}

/** What becomes of a daemon that ended and that nobody ordered to: it stays away, or comes back after a pause. Pure. */
export function afterEnd(
  { restart, restartMs, refusals = [], realTime }: Omit<SupervisedSpec, 'name' | 'command'>,
  { code, ranMs, quickDeaths }: End,
): 'stays' | { readonly pauseMs: number; readonly quickDeaths: number } {
  if (!restart || (code !== null && refusals.includes(code))) return 'stays';
  const quick = ranMs < quickMs ? quickDeaths + 1 : 0;
  if (quick >= quickDeathsMax) return { pauseMs: Math.max(waitMs, restartMs ?? 0), quickDeaths: quick };
  if (restartMs !== undefined) return { pauseMs: restartMs, quickDeaths: quick };
  return { pauseMs: quick > 0 || realTime !== undefined ? 0 : behindMs, quickDeaths: quick };
}
