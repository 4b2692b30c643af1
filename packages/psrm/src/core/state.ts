import type { Instance, Phase } from './events.js';

/** Everything psrmd knows of one program. All times are monotonic ms; Infinity stands for "not awaited". */
export interface State {
  readonly phase: Phase;
  readonly sinceMs: number;
  /** psrmd keeps it running here. */
  readonly wanted: boolean;
  /** Restarts after deaths, since the last ordered start. */
  readonly restarts: number;
  /** Deaths inside the giveUp window, oldest first; never more than `giveUp.deaths`. */
  readonly deathsMs: readonly number[];
  /** Deaths since it last ran quietly: what slows the repeats. */
  readonly streak: number;
  /** Number of the newest life, 0 before the first. */
  readonly number: number;
  /** A spawn was asked for and not answered yet. */
  readonly spawning: boolean;
  /** From `spawned` or `adopted` until `gone`. */
  readonly instance: Instance | undefined;
  /** Its end was seen; what it left behind is being cleaned away. */
  readonly ended: boolean;
  /** In `stopping`: what comes when it is gone; in `not-responding`: `failed` where its hang alone gives it up. */
  readonly after: 'stopped' | 'failed' | 'start';
  readonly pausedUntilMs: number;
  readonly killAtMs: number;
  readonly probeAtMs: number;
  /** It is ready and answers: it is asked at its pace without another word, and `probeAtMs` awaits nothing. */
  readonly watched: boolean;
  /** Unanswered probes after the grace, until `rise` answers in a row. */
  readonly missed: number;
  /** Answers in a row since the last miss. */
  readonly answers: number;
  /** By what the configuration calls ready. */
  readonly isReady: boolean;
  /** When it counts as ready by mere time, and when its port is asked next. */
  readonly readyAtMs: number;
  readonly knockAtMs: number;
  /** When becoming ready, reloading or ending has taken too long. */
  readonly limitAtMs: number;
  /** When it must have said WATCHDOG=1 again, and how often it must, once it is ready; 0: never. */
  readonly watchdogAtMs: number;
  readonly watchdogMs: number;
  /** What was measured is too much; then `trouble` says what. */
  readonly strained: boolean;
  /** It did not do in time what it owed, and its configuration lets it be; then `trouble` says what. */
  readonly overdue: boolean;
  /** It says itself that it is in trouble; then `trouble` says why. */
  readonly ailing: boolean;
  /** Given up with its board: an order to stop does not make it fit again, for nothing of it was ever at fault here. */
  readonly forsaken: boolean;
  /** The program that it waits for, or would wait for; `must`: it may not run without. */
  readonly held: { readonly by: string; readonly must: boolean } | undefined;
  /** Why it is, or last was, in trouble or not responding, in this life. */
  readonly trouble: string | undefined;
  /** The last STATUS= of this life. */
  readonly says: string | undefined;
  readonly lastEnd: string | undefined;
}

export const initial: State = {
  phase: 'stopped',
  sinceMs: 0,
  wanted: false,
  restarts: 0,
  deathsMs: [],
  streak: 0,
  number: 0,
  spawning: false,
  instance: undefined,
  ended: false,
  after: 'stopped',
  pausedUntilMs: Number.POSITIVE_INFINITY,
  killAtMs: Number.POSITIVE_INFINITY,
  probeAtMs: Number.POSITIVE_INFINITY,
  watched: false,
  missed: 0,
  answers: 0,
  isReady: false,
  readyAtMs: Number.POSITIVE_INFINITY,
  knockAtMs: Number.POSITIVE_INFINITY,
  limitAtMs: Number.POSITIVE_INFINITY,
  watchdogAtMs: Number.POSITIVE_INFINITY,
  watchdogMs: 0,
  strained: false,
  overdue: false,
  ailing: false,
  forsaken: false,
  held: undefined,
  trouble: undefined,
  says: undefined,
  lastEnd: undefined,
};

/** What outlives psrmd, so that a second crash of it changes neither what is wanted nor what was counted. */
export type Kept = Pick<State, 'wanted' | 'restarts' | 'deathsMs' | 'streak' | 'number' | 'lastEnd' | 'isReady'> & {
  readonly instance?: Instance;
  readonly failed: boolean;
  readonly forsaken?: boolean;
};

export function kept(state: State): Kept {
  const { wanted, restarts, deathsMs, streak, number, lastEnd, isReady, instance, forsaken } = state;
  const ends = state.phase === 'stopping' || state.phase === 'not-responding';
  const failed = state.phase === 'failed' || (ends && state.after === 'failed');
  const counts = { wanted, restarts, deathsMs, streak, number, lastEnd };
  // READY=1 is said once in a life: the next psrmd will not hear it.
  return {
    ...counts,
    isReady: isReady && instance !== undefined,
    failed,
    ...(forsaken ? { forsaken } : {}),
    ...(instance ? { instance } : {}),
  };
}

/** The state in which a returning psrmd begins; whether the instance still runs is told by the events that follow. */
export function restored({ instance: _, failed, ...rest }: Kept, nowMs: number): State {
  return { ...initial, ...rest, phase: failed ? 'failed' : 'stopped', sinceMs: nowMs };
}
