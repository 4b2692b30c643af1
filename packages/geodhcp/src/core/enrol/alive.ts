import type { NetrackState } from '@softset/protocol';

/**
 * A board that was dead has to seem alive for so long before it is believed: while a newcomer's kernel answers and no pulse of
 * ours runs there yet, the other boards' words on it change twice a second (`stalled`, `unheard`, `down`).
 */
export const SETTLE_MS = 1_500;

export type Seen = Pick<NetrackState['boards'][number], 'name' | 'verdict' | 'sinceMs'>;

/**
 * Who must not be replaced. One that is silent or unheard may be alive, and is, where it was before or stays so. Stalled is
 * no objection: the newcomer's own kernel answers for that address by now. `before`: who was alive; undefined, nothing is
 * known. `againMs`: when to look again though nothing changed. Pure.
 */
export function whoIsAlive(
  boards: readonly Seen[],
  before: ReadonlySet<string> | undefined,
  nowMs: number,
): { readonly alive: ReadonlySet<string>; readonly againMs: number | undefined } {
  const alive = new Set<string>();
  let againMs: number | undefined;
  for (const { name, verdict, sinceMs } of boards) {
    const maybe = verdict === 'unheard' || verdict === 'silent';
    const leftMs = sinceMs + SETTLE_MS - nowMs;
    const believed = maybe && (before === undefined || before.has(name) || leftMs <= 0);
    if (verdict === 'self' || verdict === 'up' || believed) alive.add(name);
    else if (maybe) againMs = Math.min(againMs ?? leftMs, leftMs);
  }
  return { alive, againMs };
}
