import type { RingState, Update } from './types.js';

/** News that one message carries at most: with all else it stays within an Ethernet frame (ADR 0024). */
export const UPDATES_MAX = 8;
/** How often one update is passed on for each power of ten of members (SWIM §4.1: λ). */
const SENDS = 6;

const keyOf = (update: Update): string =>
  update.kind === 'digest' ? `g${update.group}` : `m${update.group}.${update.board}`;

/** Passed on from now on; what was said of the same before is not any more. */
export function passOn(state: RingState, update: Update): void {
  state.outbox.set(keyOf(update), { update, sends: 0 });
}

/** What a message carries: what was passed on least often first. `first`: what its receiver must have besides. */
export function take(state: RingState, members: number, first: readonly Update[]): Update[] {
  const limit = SENDS * Math.ceil(Math.log10(members + 2));
  const waiting = [...state.outbox].sort(([, a], [, b]) => a.sends - b.sends).slice(0, UPDATES_MAX);
  for (const [key, one] of waiting) {
    one.sends++;
    if (one.sends >= limit) state.outbox.delete(key);
  }
  const keys = new Set(first.map(keyOf));
  return [...first, ...waiting.flatMap(([key, { update }]) => (keys.has(key) ? [] : [update]))];
}
