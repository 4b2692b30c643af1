import { nowMs } from '@softset/runtime/now-ms.js';

/** A wait of so much or less is kept to the millisecond. */
const exactMs = 1000;
/** By this part of itself, at most, may a longer one be late. */
const part = 16;

/** A regular wait shorter than this would make ticks of its own. */
const sharedMsMin = 256;

/**
 * When a wait ends, for many programs at once: what is due far ahead is put off to the next of the ticks that waits of
 * its length share, so that two hundred programs that are asked every ten seconds wake psrmd twenty times and not two
 * hundred. Never early. Both in ms of one clock.
 */
export function sharedTick(atMs: number, nowMs: number): number {
  const waitMs = atMs - nowMs;
  return waitMs <= exactMs ? atMs : tickOf(atMs, waitMs / part);
}

/** The next tick of those that are `lateMs` apart at most, by a power of two, and a millisecond at least. */
export function tickOf(atMs: number, lateMs: number): number {
  const tickMs = 2 ** Math.max(0, Math.floor(Math.log2(lateMs)));
  return Math.ceil(atMs / tickMs) * tickMs;
}

/**
 * Calls `act` at each multiple of `everyMs`, a power of two, until the returned function is called: at ticks that
 * `sharedTick` uses too, so that what must be done regularly wakes nobody who would sleep otherwise.
 */
export function onTicks(everyMs: number, act: () => void): () => void {
  let end = (): void => {};
  const wait = (): void => {
    end = atTick(() => {
      wait();
      act();
    }, everyMs);
  };
  wait();
  return () => end();
}

/** Calls `act` at the next tick of this length: no later than after `withinMs`, and for short waits then. */
export function atTick(act: () => void, withinMs: number): () => void {
  const tickMs = 2 ** Math.floor(Math.log2(withinMs));
  const leftMs = withinMs < sharedMsMin ? withinMs : tickMs - (nowMs() % tickMs);
  const timer = setTimeout(act, Math.ceil(leftMs));
  return () => clearTimeout(timer);
}
