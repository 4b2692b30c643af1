import { actionText } from '@softset/protocol/rules-actions.js';
import type { FactValue } from '../core/rules/facts.js';
import type { RulesEffect } from '../core/rules/state.js';

/** A line of the journal, before whoever writes it adds who and when. */
export interface Journaled {
  readonly what: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Facts as they came; `whole`: all of them, so that a replay can begin here. */
export function factsLine(whole: boolean, facts: Iterable<readonly [string, FactValue | undefined]>): Journaled {
  const told = [...facts].map(([fact, value]) => [fact, value ?? null] as const);
  return { what: 'rules-facts', fields: { whole, facts: Object.fromEntries(told) } };
}

/** What the rules decided, did and left. */
export function effectLine(effect: RulesEffect): Journaled {
  const { kind, ...fields } = effect;
  const text = effect.kind === 'perform' ? { text: actionText(effect.action) } : {};
  return { what: `rules-${kind}`, fields: { ...fields, ...text } };
}
