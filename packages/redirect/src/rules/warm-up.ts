import { setImmediate as yielded } from 'node:timers/promises';
import type { RuleSet } from '../core/rules/rule-set.js';
import { Evaluator } from './evaluator.js';

/** Rules that are played; code is compiled long before. */
const RULES_MAX = 50;
const ROUNDS = 10;

/**
 * Evaluates some rules on nothing, so that the first real decision finds json-rules-engine loaded and compiled. An
 * evaluator of its own: a run that overlaps a real one would make that skip rules. The loop is let go after each.
 */
export async function warmUp(set: RuleSet): Promise<void> {
  const evaluator = new Evaluator(set);
  for (let round = 0; round < ROUNDS; round++) {
    for (const { index } of set.instances.slice(0, RULES_MAX)) {
      await evaluator.verdicts([index], (instance) => instance.leaves.map(() => undefined));
      await yielded();
    }
  }
}
