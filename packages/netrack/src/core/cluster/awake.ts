import type { ClusterConfig, ClusterState } from './types.js';

/** A wake this much later than an interval after the last one is a gap, ms. */
const LATE_MS = 10;

/** A time for which this board's clock went on and its netrackd did not run, monotonic ms. */
export interface Gap {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Waits that safety rests on (L5, T5) count only time that this daemon lived through: it wakes once an interval while
 * one runs. Where it did not, it was stopped, or the clock leapt, as it may on a machine that was suspended, and other
 * boards' leases still stand. The two cannot be told apart; to wait too long is safe.
 */
export function noteWake(state: ClusterState, nowMs: number, config: ClusterConfig): void {
  const { awake } = state;
  const { intervalMs, leaseMs } = config.cluster.timing;
  const dueMs = awake.wokeMs + intervalMs;
  if (nowMs - dueMs > LATE_MS && waits(state)) awake.gaps.push({ fromMs: dueMs, untilMs: nowMs });
  awake.wokeMs = nowMs;
  // What lies a longest wait of living behind can lengthen no wait any more.
  while (awake.gaps[0] && endOfWait(state, awake.gaps[0].untilMs, 2 * leaseMs) <= nowMs - leaseMs) awake.gaps.shift();
}

/** Only a director and a board without memory count a wait; others sleep for longer than an interval (tempo.ts). */
function waits(state: ClusterState): boolean {
  return state.lead !== undefined || state.amnesiac;
}

/** When `waitMs` that this daemon lived through will have passed since `fromMs`, monotonic ms. */
export function endOfWait(state: ClusterState, fromMs: number, waitMs: number): number {
  let endMs = fromMs + waitMs;
  for (const gap of state.awake.gaps) {
    if (gap.fromMs >= endMs) break;
    endMs += Math.max(0, gap.untilMs - Math.max(gap.fromMs, fromMs));
  }
  return endMs;
}
