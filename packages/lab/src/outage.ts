/**
 * What an outside client saw, from the replies to probes sent every interval. Pure: times are monotonic ms.
 * A probe that was lost leaves no sample.
 */
export interface Reply {
  /** When the reply was received. */
  readonly atMs: number;
  /** The board that its echo names. */
  readonly board: string;
}

export interface Outage {
  /** The longest silence between two replies that touches the window, less one probe interval; never negative. */
  readonly outageMs: number;
  /** When the last reply before that silence came; undefined when none came before it. */
  readonly lastBeforeMs: number | undefined;
  /** When the first reply after it came; undefined when the service has not come back. */
  readonly firstAfterMs: number | undefined;
  /** Which board answered before, and after. */
  readonly boardBefore: string | undefined;
  readonly boardAfter: string | undefined;
}

/**
 * The outage around `instantMs`: the greatest gap between consecutive replies that overlaps
 * [instant, instant + window]. A silence that has not ended counts up to `nowMs`. `replies` are in order of time.
 */
export function outageAround(
  replies: readonly Reply[],
  instantMs: number,
  windowMs: number,
  intervalMs: number,
  nowMs: number,
): Outage {
  const endMs = instantMs + windowMs;
  let worst: { gapMs: number; before: Reply | undefined; after: Reply | undefined } = {
    gapMs: 0,
    before: undefined,
    after: undefined,
  };
  const consider = (before: Reply | undefined, after: Reply | undefined): void => {
    const fromMs = before?.atMs ?? instantMs;
    const toMs = after?.atMs ?? Math.max(fromMs, nowMs);
    if (toMs < instantMs || fromMs > endMs || toMs - fromMs <= worst.gapMs) return;
    worst = { gapMs: toMs - fromMs, before, after };
  };
  let previous: Reply | undefined;
  for (const reply of replies) {
    consider(previous, reply);
    previous = reply;
  }
  consider(previous, undefined);
  return {
    outageMs: Math.max(0, worst.gapMs - intervalMs),
    lastBeforeMs: worst.before?.atMs,
    firstAfterMs: worst.after?.atMs,
    boardBefore: worst.before?.board,
    boardAfter: worst.after?.board,
  };
}
