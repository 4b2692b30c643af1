import type { Wrapping } from './events.js';

/** So many deaths in a row are restarted at once: a bucket of two tokens. */
const atOnce = 2;
/** Doubling further than this could only overflow: the longest pause is reached long before. */
const doublingsMax = 30;

/**
 * Pause before the restart that follows the `streak`-th death in a row, in ms: none twice, then `minMs`, doubled each
 * time, up to `maxMs`. A first death must cost no more than the spawn itself; only a program that keeps dying is slowed,
 * and never for long, for giving up is the answer to a lasting fault, not waiting (002 ¶0030).
 */
export function pauseMs(streak: number, { minMs, maxMs }: Wrapping['pause']): number {
  if (streak <= atOnce) return 0;
  return Math.min(maxMs, minMs * 2 ** Math.min(doublingsMax, streak - atOnce - 1));
}

/** The deaths that count at `nowMs`, with one more: at most `giveUp.deaths` of them. */
export function countDeath(deathsMs: readonly number[], nowMs: number, giveUp: Wrapping['giveUp']): readonly number[] {
  return [...deathsMs.filter((atMs) => nowMs - atMs < giveUp.withinMs), nowMs].slice(-giveUp.deaths);
}
