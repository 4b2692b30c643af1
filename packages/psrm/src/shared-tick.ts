/** A wait of so much or less is kept to the millisecond. */
const exactMs = 1000;
/** By this part of itself, at most, may a longer one be late. */
const part = 32;

/**
 * When a wait ends, for many programs at once: what is due far ahead is put off to the next of the ticks that waits of
 * its length share, so that two hundred programs that are asked every ten seconds wake psrmd forty times and not two
 * hundred. Never early. Both in ms of one clock.
 */
export function sharedTick(atMs: number, nowMs: number): number {
  const waitMs = atMs - nowMs;
  if (waitMs <= exactMs) return atMs;
  const tickMs = 2 ** Math.floor(Math.log2(waitMs / part));
  return Math.ceil(atMs / tickMs) * tickMs;
}
