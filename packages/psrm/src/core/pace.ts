import type { Wrapping } from './events.js';

/** A death after this much quiet running is a first death again. */
export const quietMs = 10_000;
/** So many deaths in a row are restarted at once: a bucket of two tokens. */
const atOnce = 2;
const pauseMsMin = 50;
const pauseMsMax = 1000;

/**
 * Pause before the restart that follows the `streak`-th death in a row, in ms: none twice, then 50, 100 … 1000.
 * A first death must cost no more than the spawn itself; only a program that keeps dying is slowed, and never beyond
 * a second, for giving up is the answer to a lasting fault, not waiting (002 ¶0030).
 */
export function pauseMs(streak: number): number {
  if (streak <= atOnce) return 0;
  return Math.min(pauseMsMax, pauseMsMin * 2 ** (streak - atOnce - 1));
}

/** The deaths that count at `nowMs`, with one more: at most `giveUp.deaths` of them. */
export function countDeath(deathsMs: readonly number[], nowMs: number, giveUp: Wrapping['giveUp']): readonly number[] {
  return [...deathsMs.filter((atMs) => nowMs - atMs < giveUp.withinMs), nowMs].slice(-giveUp.deaths);
}
