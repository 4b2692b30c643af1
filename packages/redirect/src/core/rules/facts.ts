import { showDuration } from './words.js';

/** A fact's value; a fact that nobody told is absent, and that is what unknown means. */
export type FactValue = string | number | boolean;
export type Truth = 'true' | 'false' | 'unknown';

export type Operator =
  | 'is'
  | 'is-not'
  | 'is-one-of'
  | 'is-not-one-of'
  | 'greater'
  | 'at-least'
  | 'less'
  | 'at-most'
  | 'is-known'
  | 'is-unknown';

export interface Window {
  readonly kind: 'over' | 'rate' | 'changes';
  readonly ms: number;
}

/** One question about one fact. `fact` may hold variables until an instance fills them in. */
export interface Leaf {
  readonly fact: string;
  readonly window?: Window;
  readonly operator: Operator;
  /** One for most operators, several for `one of`, none for `known`. */
  readonly values: readonly FactValue[];
}

export type Condition =
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition };

/** The name under which a leaf's value is kept: the fact, or the fact through its window. */
export function sourceOf(fact: string, window: Window | undefined): string {
  return window === undefined ? fact : `${fact} ${window.kind} ${showDuration(window.ms)}`;
}

export function leavesOf(condition: Condition): readonly Leaf[] {
  switch (condition.kind) {
    case 'leaf':
      return [condition.leaf];
    case 'not':
      return leavesOf(condition.of);
    case 'all':
    case 'any':
      return condition.of.flatMap(leavesOf);
  }
}

/** Of a known value. */
export function compares(operator: Operator, value: FactValue, wanted: readonly FactValue[]): boolean {
  const [first] = wanted;
  const number = typeof value === 'number' && typeof first === 'number';
  switch (operator) {
    case 'is':
      return value === first;
    case 'is-not':
      return value !== first;
    case 'is-one-of':
      return wanted.includes(value);
    case 'is-not-one-of':
      return !wanted.includes(value);
    case 'greater':
      return number && value > first;
    case 'at-least':
      return number && value >= first;
    case 'less':
      return number && value < first;
    case 'at-most':
      return number && value <= first;
    case 'is-known':
      return true;
    case 'is-unknown':
      return false;
  }
}

/**
 * Kleene's three values: `not unknown` is unknown, `all` is false as soon as one is false, `any` true as soon as one is
 * true. The daemon evaluates with json-rules-engine; this is its naive twin in tests, and what explains a decision.
 */
export function truthOf(condition: Condition, knownValue: (leaf: Leaf) => FactValue | undefined): Truth {
  switch (condition.kind) {
    case 'leaf': {
      const { leaf } = condition;
      const value = knownValue(leaf);
      if (leaf.operator === 'is-known') return value === undefined ? 'false' : 'true';
      if (leaf.operator === 'is-unknown') return value === undefined ? 'true' : 'false';
      if (value === undefined) return 'unknown';
      return compares(leaf.operator, value, leaf.values) ? 'true' : 'false';
    }
    case 'not': {
      const inner = truthOf(condition.of, knownValue);
      return inner === 'unknown' ? 'unknown' : inner === 'true' ? 'false' : 'true';
    }
    case 'all':
    case 'any': {
      const decisive: Truth = condition.kind === 'all' ? 'false' : 'true';
      const inner = condition.of.map((one) => truthOf(one, knownValue));
      if (inner.includes(decisive)) return decisive;
      if (inner.includes('unknown')) return 'unknown';
      return decisive === 'false' ? 'true' : 'false';
    }
  }
}
