import type { FactValue, Window } from './facts.js';

/**
 * A fact seen through a window: what it grew by, or how often it changed, within the last `ms`. Bounded: beyond
 * `STEPS_MAX` steps neighbours are taken together under the later time, so that nothing leaves the window too early.
 */
export interface WindowState {
  readonly window: Window;
  /** The last known value; undefined before the first. */
  last?: FactValue;
  /** The fact is known now. */
  known: boolean;
  steps: { atMs: number; by: number }[];
}

const STEPS_MAX = 256;

export function newWindow(window: Window): WindowState {
  return { window, known: false, steps: [] };
}

/** Takes in a value; undefined: the fact is not known any more. Growth while it was unknown counts once it is known again. */
export function observe(state: WindowState, value: FactValue | undefined, nowMs: number): void {
  state.known = value !== undefined;
  if (value === undefined) return;
  const by = stepOf(state, value);
  state.last = value;
  if (by > 0) state.steps.push({ atMs: nowMs, by });
  if (state.steps.length <= STEPS_MAX) return;
  const [first, second] = state.steps.splice(0, 2);
  if (first !== undefined && second !== undefined) state.steps.unshift({ atMs: second.atMs, by: first.by + second.by });
}

function stepOf({ window, last }: WindowState, value: FactValue): number {
  if (last === undefined || last === value) return 0;
  if (window.kind === 'changes') return 1;
  if (typeof value !== 'number' || typeof last !== 'number') return 0;
  // A counter that fell began anew, and grew by what it shows.
  return value > last ? value - last : Math.max(0, value);
}

/** The value now; undefined where the fact is not known. */
export function windowValue(state: WindowState, nowMs: number): number | undefined {
  const { window, steps } = state;
  while (steps[0] !== undefined && nowMs - steps[0].atMs >= window.ms) steps.shift();
  if (!state.known) return undefined;
  const sum = steps.reduce((total, step) => total + step.by, 0);
  // The whole window divides, even where less of it was seen: a rate is never overstated.
  return window.kind === 'rate' ? sum / (window.ms / 1000) : sum;
}

/** When its value changes next by time alone. */
export function windowWakeMs(state: WindowState): number | undefined {
  const [oldest] = state.steps;
  return oldest === undefined ? undefined : oldest.atMs + state.window.ms;
}
