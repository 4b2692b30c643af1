import { faultWords } from '../status/words.js';
import type { Heard, Witness } from './witness.js';

/**
 * What the boards said, in one line. A fault counts when at least half as many boards named it as named the most
 * named one: a board that is itself in trouble sees the others fail, and news that is on its way makes passing guesses.
 */
export function diagnosisOf(witnesses: Iterable<Witness>, sinceMs: number): string {
  const heard = [...witnesses].flatMap((witness) => witness.heardSince(sinceMs));
  return diagnosisFrom(heard);
}

export function diagnosisFrom(heard: readonly Heard[]): string {
  const named = new Map<string, Set<string>>();
  const words: string[] = [];
  for (const one of heard) {
    if (one.kind === 'program') {
      if (!words.includes(one.evidence)) words.push(one.evidence);
      continue;
    }
    const text = faultWords({ kind: one.kind, target: one.target });
    named.set(text, (named.get(text) ?? new Set()).add(one.board));
  }
  const most = Math.max(0, ...[...named.values()].map((boards) => boards.size));
  const agreed = [...named].filter(([, boards]) => boards.size * 2 >= most).map(([text]) => text);
  return [...agreed, ...words].join('; ') || 'nothing wrong';
}
