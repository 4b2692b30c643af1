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
  /** In `stopping`: what comes when it is gone. */
  readonly after: 'stopped' | 'failed' | 'start';
  readonly pausedUntilMs: number;
  readonly killAtMs: number;
  readonly probeAtMs: number;
  /** Unanswered probes in a row, after the grace. */
  readonly missed: number;
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
  missed: 0,
  lastEnd: undefined,
};

/** What outlives psrmd, so that a second crash of it changes neither what is wanted nor what was counted. */
export type Kept = Pick<State, 'wanted' | 'restarts' | 'deathsMs' | 'streak' | 'number' | 'lastEnd'> & {
  readonly instance?: Instance;
  readonly failed: boolean;
};

export function kept(state: State): Kept {
  const { wanted, restarts, deathsMs, streak, number, lastEnd, instance } = state;
  const failed = state.phase === 'failed' || (state.phase === 'stopping' && state.after === 'failed');
  return { wanted, restarts, deathsMs, streak, number, lastEnd, failed, ...(instance ? { instance } : {}) };
}

/** The state in which a returning psrmd begins; whether the instance still runs is told by the events that follow. */
export function restored({ instance: _, failed, ...rest }: Kept, nowMs: number): State {
  return { ...initial, ...rest, phase: failed ? 'failed' : 'stopped', sinceMs: nowMs };
}
