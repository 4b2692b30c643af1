import type { Instance, Phase, Wrapping } from './events.js';
import type { State } from './state.js';

const never = Number.POSITIVE_INFINITY;
/** Until its first answer, and while silence is no fault, it is asked this often: ready should be seen when it is. */
export const eagerMs = 50;

/** The phase of a program that runs, by what is known of it. */
export function runningPhase({ missed, strained, overdue, ailing, isReady }: State): Phase {
  if (missed > 0 || strained || overdue || ailing) return 'in-trouble';
  return isReady ? 'ready' : 'up';
}

type Awaited = Pick<
  State,
  'isReady' | 'watchdogMs' | 'watchdogAtMs' | 'probeAtMs' | 'readyAtMs' | 'knockAtMs' | 'limitAtMs'
>;

/** What is awaited of a life that begins, or that a returning psrmd takes up; then `isReady` may be true already. */
export function awaited(instance: Instance, isReady: boolean, nowMs: number, config: Wrapping): Awaited {
  const { ready, probe, notify } = config;
  const { startedMs } = instance;
  const watchdogMs = notify?.watchdogMs ?? 0;
  return {
    isReady,
    watchdogMs,
    watchdogAtMs: watchdogOf(isReady, watchdogMs, nowMs),
    probeAtMs: probe ? startedMs + Math.min(probe.intervalMs, eagerMs) : never,
    readyAtMs: !isReady && ready?.delayMs !== undefined ? startedMs + ready.delayMs : never,
    knockAtMs: !isReady && ready?.by === 'port' ? startedMs + eagerMs : never,
    limitAtMs: !isReady && ready && ready.timeoutMs > 0 ? startedMs + ready.timeoutMs : never,
  };
}

/** What is awaited of a life under another configuration than it began with. What it says by itself stands. */
export function reawaited(state: State, instance: Instance, nowMs: number, config: Wrapping): Partial<State> {
  const { isReady, limitAtMs } = state;
  const { probeAtMs, readyAtMs, knockAtMs } = awaited(instance, isReady, nowMs, config);
  const limitMs = isReady ? 0 : (config.ready?.timeoutMs ?? 0);
  return {
    // Due already for a life that began long ago, so that none is asked twice in the time of one.
    probeAtMs: Math.max(probeAtMs, nowMs),
    watched: false,
    readyAtMs,
    knockAtMs,
    // Its time to become ready does not begin again, or a file that is read often would leave it for ever.
    limitAtMs: limitMs > 0 ? Math.min(limitAtMs, nowMs + limitMs) : never,
  };
}

/** It is ready, by whatever its configuration calls so. */
export function becomeReady(state: State, nowMs: number): State {
  if (state.isReady) return state;
  const watchdogAtMs = watchdogOf(true, state.watchdogMs, nowMs);
  const calm = { readyAtMs: never, knockAtMs: never, limitAtMs: never, overdue: false } as const;
  return { ...state, ...calm, isReady: true, watchdogAtMs };
}

/** When it must have spoken next. A program that is not ready yet, or not again, owes no sign of life. */
export function watchdogOf(isReady: boolean, watchdogMs: number, nowMs: number): number {
  return isReady && watchdogMs > 0 ? nowMs + watchdogMs : never;
}
