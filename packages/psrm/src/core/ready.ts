import type { Instance, Phase, Wrapping } from './events.js';
import type { State } from './state.js';

const never = Number.POSITIVE_INFINITY;
/** Until its first answer, and while silence is no fault, it is asked this often: ready should be seen when it is. */
export const eagerMs = 50;

/** The phase of a program that runs, by what is known of it. */
export function runningPhase({ missed, strained, ailing, isReady }: State): Phase {
  if (missed > 0 || strained || ailing) return 'in-trouble';
  return isReady ? 'ready' : 'up';
}

/** What is awaited of a life that begins, or that a returning psrmd takes up; then `isReady` may be true already. */
export function awaited(instance: Instance, isReady: boolean, nowMs: number, config: Wrapping): Partial<State> {
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

/** It is ready, by whatever its configuration calls so. */
export function becomeReady(state: State, nowMs: number): State {
  if (state.isReady) return state;
  const watchdogAtMs = watchdogOf(true, state.watchdogMs, nowMs);
  return { ...state, isReady: true, readyAtMs: never, knockAtMs: never, limitAtMs: never, watchdogAtMs };
}

/** When it must have spoken next. A program that is not ready yet, or not again, owes no sign of life. */
export function watchdogOf(isReady: boolean, watchdogMs: number, nowMs: number): number {
  return isReady && watchdogMs > 0 ? nowMs + watchdogMs : never;
}
