import { faultWords } from '../status/words.js';
import type { Heard } from './witness.js';

/**
 * What the boards said between two instants, in one line. A fault weighs the time that it stood, summed over the boards
 * that named it, and counts when it has a third of the heaviest one's weight: a board that is itself in trouble sees the
 * others fail, and news that is still on its way makes passing guesses. `heard` has nothing older than `fromMs`.
 */
export function diagnosisFrom(heard: readonly Heard[], fromMs: number, toMs: number): string {
  const weights = new Map<string, number>();
  const programs = new Set<string>();
  for (const one of heard) {
    if (one.fromMs > toMs) continue;
    if (one.kind === 'program') {
      programs.add(one.evidence);
      continue;
    }
    const text = faultWords({ kind: one.kind, target: one.target });
    const stoodMs = Math.min(one.toMs, toMs) - Math.max(one.fromMs, fromMs);
    weights.set(text, (weights.get(text) ?? 0) + Math.max(0, stoodMs));
  }
  const heaviest = Math.max(0, ...weights.values());
  const agreed = [...weights]
    .filter(([, weight]) => weight > 0 && weight * 3 >= heaviest)
    .sort(([, a], [, b]) => b - a);
  return [...agreed.map(([text]) => text), ...programs].join('; ') || 'nothing wrong';
}
