import type { Engine, NestedCondition, TopLevelCondition } from 'json-rules-engine';
import { type Condition, compares, type FactValue, type Operator, type Truth } from '../core/rules/facts.js';
import type { Instance, RuleSet } from '../core/rules/rule-set.js';

/**
 * json-rules-engine evaluates, two-valued as it is. Around its limits (7.3.1):
 *
 * - It knows no unknown: with `allowUndefinedFacts` a `not` matches a missing fact. So each rule is given to it twice,
 *   as "certainly true" and as "certainly false", with every `not` pushed down to the operators, and each operator of
 *   ours is false of an unknown value. What is neither certainly true nor certainly false is unknown (Kleene).
 * - Overlapping runs of one engine skip rules silently: `verdicts` is awaited before the next one begins (`engine.ts`).
 * - It is slow at size: an engine holds one rule, and is run only for the instances that a change touches. It is made
 *   when it is first asked, and serves all instances of its rule: their facts are given to each run by position.
 */
export class Evaluator {
  readonly #set: RuleSet;
  readonly #engines = new Map<number, Engine>();
  /** Loaded with the first set of rules: a system without rules starts without it. */
  readonly #library = import('json-rules-engine');

  constructor(set: RuleSet) {
    this.#set = set;
  }

  /** What each instance's condition is, in the order asked. `valuesOf`: its leaves' values, undefined: unknown. */
  async verdicts(
    instances: readonly number[],
    valuesOf: (instance: Instance) => readonly (FactValue | undefined)[],
  ): Promise<ReadonlyMap<number, Truth>> {
    const library = await this.#library;
    const verdicts = new Map<number, Truth>();
    for (const index of instances) {
      const instance = this.#set.instances[index];
      if (instance === undefined) continue;
      const values = valuesOf(instance);
      const facts: Record<string, unknown> = {};
      instance.leaves.forEach((leaf, i) => {
        facts[`v${i}`] = values[i] ?? UNKNOWN;
        facts[`w${i}`] = leaf.values;
      });
      const { events } = await this.#engine(instance.rule, library).run(facts);
      verdicts.set(index, (events[0]?.type as Truth | undefined) ?? 'unknown');
    }
    return verdicts;
  }

  #engine(rule: number, library: { readonly Engine: new () => Engine }): Engine {
    const made = this.#engines.get(rule);
    if (made !== undefined) return made;
    const engine = new library.Engine();
    for (const operator of OPERATORS) {
      engine.addOperator(`certainly-${operator}`, (value: unknown, wanted: unknown) =>
        certainly(operator, value, wanted, true),
      );
      engine.addOperator(`certainly-not-${operator}`, (value: unknown, wanted: unknown) =>
        certainly(operator, value, wanted, false),
      );
    }
    const when = this.#set.rules[rule]?.when;
    if (when !== undefined) {
      engine.addRule({ conditions: top(certain(when, true, { next: 0 })), event: { type: 'true' } });
      engine.addRule({ conditions: top(certain(when, false, { next: 0 })), event: { type: 'false' } });
    }
    this.#engines.set(rule, engine);
    return engine;
  }
}

/** Told instead of a missing fact, which json-rules-engine would refuse or, worse, match. */
const UNKNOWN = Object.freeze({ unknown: true });

const OPERATORS: readonly Operator[] = [
  'is',
  'is-not',
  'is-one-of',
  'is-not-one-of',
  'greater',
  'at-least',
  'less',
  'at-most',
  'is-known',
  'is-unknown',
];

function certainly(operator: Operator, value: unknown, wanted: unknown, yes: boolean): boolean {
  if (operator === 'is-known') return (value !== UNKNOWN) === yes;
  if (operator === 'is-unknown') return (value === UNKNOWN) === yes;
  return value !== UNKNOWN && compares(operator, value as FactValue, wanted as readonly FactValue[]) === yes;
}

/** `yes`: when it is certainly true; otherwise when it is certainly false. De Morgan takes every `not` down to a leaf. */
function certain(condition: Condition, yes: boolean, position: { next: number }): NestedCondition {
  switch (condition.kind) {
    case 'leaf': {
      const at = position.next++;
      const operator = `certainly-${yes ? '' : 'not-'}${condition.leaf.operator}`;
      return { fact: `v${at}`, operator, value: { fact: `w${at}` } };
    }
    case 'not':
      return certain(condition.of, !yes, position);
    case 'all':
    case 'any': {
      const of = condition.of.map((one) => certain(one, yes, position));
      return (condition.kind === 'all') === yes ? { all: of } : { any: of };
    }
  }
}

function top(condition: NestedCondition): TopLevelCondition {
  return 'all' in condition || 'any' in condition ? condition : { all: [condition] };
}
