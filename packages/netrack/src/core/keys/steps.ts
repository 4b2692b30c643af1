import type { KeyOrder, KeyState } from '@softset/protocol/board-message.js';

/**
 * A rotation from one key to another, as one board's ring of keys sees it; the first of a ring seals, all are believed.
 *
 * ```
 *   [Y] ──install X──► [Y, X] ──use X──► [X, Y] ──remove Y──► [X]
 * ```
 * Each step is done on all boards before the next is begun on any. To take a rotation back is one from X to Y, which
 * begins where boards are: no board ever drops a key that another may seal with, in either direction.
 */
export type Step = 'install' | 'use' | 'remove';
export const STEPS: readonly Step[] = ['install', 'use', 'remove'];

export interface Direction {
  readonly into: string;
  readonly outOf: string;
}

/** The ring after a step; the same one where it was done already; or why the step cannot be done here. */
export function nextRing(
  ring: readonly string[],
  step: Step,
  { into, outOf }: Direction,
): { readonly ring: readonly string[] } | { readonly refusal: string } {
  const known = ring.every((key) => key === into || key === outOf);
  if (!known || ring.length === 0 || into === outOf)
    return { refusal: 'KEY_STRANGE: it has other keys than the two of this rotation' };
  const has = (key: string): boolean => ring.includes(key);
  switch (step) {
    case 'install':
      return { ring: has(into) ? ring : [outOf, into] };
    case 'use':
      if (!has(into)) return { refusal: 'KEY_LEAP: the key was not installed here' };
      return { ring: ring[0] === into ? ring : [into, outOf] };
    case 'remove':
      if (ring[0] !== into) return { refusal: 'KEY_LEAP: the key is not used here' };
      return { ring: [into] };
  }
}

/** Whether a board takes an order: of a newer rotation, or of the one that it follows and a step that is not behind it. */
export function orderRefusal(state: KeyState, order: KeyOrder): string | undefined {
  if (order.serial < state.serial) return 'KEY_OLD_ORDER: a later rotation was begun';
  if (order.serial > state.serial) return undefined;
  const same = order.rotation === state.rotation && order.into === state.into && order.outOf === state.outOf;
  return same ? undefined : 'KEY_OTHER_ROTATION: another rotation of this number is under way';
}

/**
 * The first step that not every board has done, by what all of them said; `undefined` when the rotation is over. Boards that
 * could not be asked are not in it: whoever plans has all, or plans nothing.
 */
export function nextStep(rings: readonly (readonly string[])[], { into, outOf }: Direction): Step | undefined {
  if (rings.some((ring) => !ring.includes(into))) return 'install';
  if (rings.some((ring) => ring[0] !== into)) return 'use';
  if (rings.some((ring) => ring.includes(outOf))) return 'remove';
  return undefined;
}

/** The rotation that was begun last, and is to go on or to be undone: of the boards that heard of one. */
export function lastRotation(states: readonly KeyState[]): KeyState | undefined {
  const begun = states.filter(({ rotation }) => rotation !== '');
  return begun.sort((a, b) => b.serial - a.serial)[0];
}
