import { actionText, type RuleAction } from '@softset/protocol/rules-actions.js';
import { type Condition, compares, type FactValue, type Leaf } from './facts.js';
import type { Finding } from './placed.js';
import type { Step } from './read-actions.js';
import type { Rule, RuleSet } from './rule-set.js';
import { type Bindings, fill } from './template.js';
import { showDuration } from './words.js';

/** Alternatives that are looked at; a condition with more is not judged. */
const TERMS_MAX = 128;
/** Pairs of rules with one subject that are compared. */
const PAIRS_MAX = 20_000;

/** What is wrong with rules that are each well written: those that can never fire, and those that contradict. */
export function lint(set: RuleSet): readonly Finding[] {
  return [...neverFire(set), ...outsidePools(set), ...conflicts(set)];
}

function neverFire(set: RuleSet): Finding[] {
  return set.rules.flatMap((rule): Finding[] => {
    const terms = alternatives(rule.when, true);
    if (terms === undefined) return [];
    const clashes = terms.map(clash);
    if (clashes.some((one) => one === undefined)) return [];
    const [why = 'its condition is never true'] = clashes;
    const message = `rule "${rule.name}" can never fire: ${why}`;
    return [{ severity: 'warning', code: 'NEVER_FIRES', file: rule.file, at: rule.at, message }];
  });
}

interface Literal {
  readonly leaf: Leaf;
  /** False: it is denied. */
  readonly yes: boolean;
}

/** The condition as alternatives, each a list of what must hold together. Undefined where there are too many. */
function alternatives(condition: Condition, yes: boolean): readonly (readonly Literal[])[] | undefined {
  switch (condition.kind) {
    case 'leaf':
      return [[{ leaf: condition.leaf, yes }]];
    case 'not':
      return alternatives(condition.of, !yes);
    case 'all':
    case 'any': {
      const inner = condition.of.map((one) => alternatives(one, yes));
      const known = inner.filter((one) => one !== undefined);
      if (known.length < inner.length) return undefined;
      if ((condition.kind === 'any') === yes) {
        const terms = known.flat();
        return terms.length > TERMS_MAX ? undefined : terms;
      }
      let terms: readonly (readonly Literal[])[] = [[]];
      for (const one of known) {
        terms = terms.flatMap((left) => one.map((right) => [...left, ...right]));
        if (terms.length > TERMS_MAX) return undefined;
      }
      return terms;
    }
  }
}

/** Why these cannot all hold; undefined where they can. */
function clash(literals: readonly Literal[]): string | undefined {
  const bySource = new Map<string, Literal[]>();
  for (const literal of literals) {
    const { fact, window } = literal.leaf;
    const source = window === undefined ? fact : `${fact} ${window.kind} ${showDuration(window.ms)}`;
    bySource.set(source, [...(bySource.get(source) ?? []), literal]);
  }
  for (const [source, own] of bySource) {
    if (own.some(({ leaf }) => leaf.values.some((value) => typeof value === 'string' && value.includes('$')))) continue;
    const unknown = own.some((one) => isUnknown(one, true));
    if (unknown ? own.every((one) => isUnknown(one, true)) : possible(own)) continue;
    return `${source} cannot be ${own.map(show).join(' and ')} at the same time`;
  }
  return undefined;
}

/** Whether a literal asks that its fact is unknown (or, with `no`, that it is known). */
function isUnknown({ leaf, yes }: Literal, unknown: boolean): boolean {
  const asks = leaf.operator === 'is-unknown' ? yes : leaf.operator === 'is-known' ? !yes : undefined;
  return asks === unknown;
}

/** Whether some known value satisfies all: the values named, those between and beyond them, and any other word. */
function possible(own: readonly Literal[]): boolean {
  const named = own.flatMap(({ leaf }) => leaf.values);
  const numbers = named.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  const between = numbers.flatMap((value, i) => [value, (value + (numbers[i + 1] ?? value + 2)) / 2]);
  const tried: FactValue[] = [...named, ...between, (numbers[0] ?? 0) - 1, 'another word', true, false];
  return tried.some((value) => own.every(({ leaf, yes }) => compares(leaf.operator, value, leaf.values) === yes));
}

function show({ leaf, yes }: Literal): string {
  const words = leaf.operator.replaceAll('-', ' ');
  return `${yes ? '' : 'not '}${[words, ...leaf.values.map(String)].join(' ')}`;
}

/** A move to a board that is not in the service's pool: the director refuses it each time. */
function outsidePools(set: RuleSet): Finding[] {
  const pools = new Map(set.world.services.map(({ name, pool }) => [name, pool]));
  const found = new Map<string, Finding>();
  for (const { rule: index, bindings } of set.instances) {
    const rule = set.rules[index];
    if (rule === undefined) continue;
    for (const step of [...rule.do, ...rule.else, ...rule.onClear]) {
      if (step.kind !== 'act' || step.action.kind !== 'move') continue;
      const service = fill(step.action.service, bindings);
      const to = fill(step.action.to, bindings);
      const pool = pools.get(service);
      if (pool === undefined || to.includes('$') || pool.includes(to)) continue;
      const message = `rule "${rule.name}" moves ${service} to ${to}, which is not in its pool: ${pool.join(', ')}`;
      found.set(`${index} ${step.at}`, {
        severity: 'error',
        code: 'CANNOT_PERFORM',
        file: rule.file,
        at: step.at,
        message,
      });
    }
  }
  return [...found.values()];
}

interface Wish {
  readonly rule: Rule;
  readonly at: number;
  readonly subject: string;
  readonly wants: string;
  readonly key: string | undefined;
  readonly bindings: Bindings;
}

/**
 * Two rules that want different things of one subject (a service's board, the preferred network, a program running or
 * not), while both can be true. With one key they take turns and undo each other, without one they race: an error, for
 * no order of theirs is right. Rules whose conditions exclude each other are no conflict.
 */
function conflicts(set: RuleSet): Finding[] {
  const bySubject = new Map<string, Wish[]>();
  const seen = new Set<string>();
  for (const instance of set.instances) {
    const rule = set.rules[instance.rule];
    if (rule === undefined) continue;
    const { bindings, key } = instance;
    // A chosen board is not known yet: where it is looked for stands for it.
    let words = bindings;
    for (const step of rule.do) {
      if (step.kind === 'choose') {
        const { kind, of } = step.selector;
        words = { ...words, [step.as]: `the ${kind} of ${fill(of, words)}` };
      }
      const wish = wishOf(step, words);
      if (wish === undefined) continue;
      const list = bySubject.get(wish.subject) ?? [];
      bySubject.set(wish.subject, list);
      list.push({ ...wish, rule, at: step.at, key, bindings });
    }
  }
  const found: Finding[] = [];
  let pairs = 0;
  for (const wishes of bySubject.values()) {
    for (const [i, one] of wishes.entries()) {
      for (const other of wishes.slice(0, i)) {
        if (++pairs > PAIRS_MAX) return found;
        const pair = `${one.rule.index} ${other.rule.index}`;
        if (one.rule === other.rule || one.wants === other.wants || seen.has(pair)) continue;
        if (!together(fillCondition(one), fillCondition(other))) continue;
        seen.add(pair);
        const key = one.key !== undefined && one.key === other.key ? ` for key ${one.key}` : '';
        const message = `rules "${one.rule.name}" and "${other.rule.name}" can both be true, and want different targets${key}: ${one.wants}, and ${other.wants}; let one exclude the other`;
        found.push({ severity: 'error', code: 'CONFLICT', file: one.rule.file, at: one.at, message });
      }
    }
  }
  return found;
}

function wishOf(step: Step, bindings: Bindings): Pick<Wish, 'subject' | 'wants'> | undefined {
  if (step.kind === 'choose') return undefined;
  if (step.kind === 'move-all') {
    const from = fill(step.from, bindings);
    return { subject: `from ${from}`, wants: `move all of ${from} to ${fill(step.to, bindings)}` };
  }
  const { action } = step;
  const subject = subjectOf(action, bindings);
  return subject === undefined ? undefined : { subject, wants: fill(actionText(action), bindings) };
}

function subjectOf(action: RuleAction, bindings: Bindings): string | undefined {
  switch (action.kind) {
    case 'move':
      return `service ${fill(action.service, bindings)}`;
    case 'start':
    case 'stop':
      return `program ${fill(action.program, bindings)} on ${fill(action.on, bindings)}`;
    case 'drain':
    case 'activate':
      return `board ${fill(action.board, bindings)}`;
    case 'prefer-network':
      return 'network';
    case 'change-route':
      return `route ${action.to}`;
    case 'snmp-set':
      return `snmp ${fill(action.agent, bindings)} ${fill(action.object, bindings)}`;
    default:
      return undefined;
  }
}

function fillCondition({ rule, bindings }: Wish): Condition {
  const filled = (condition: Condition): Condition => {
    if (condition.kind === 'not') return { kind: 'not', of: filled(condition.of) };
    if (condition.kind !== 'leaf') return { kind: condition.kind, of: condition.of.map(filled) };
    const { leaf } = condition;
    const values = leaf.values.map((value) => (typeof value === 'string' ? fill(value, bindings) : value));
    return { kind: 'leaf', leaf: { ...leaf, fact: fill(leaf.fact, bindings), values } };
  };
  return filled(rule.when);
}

/** Whether both can be true at once. */
function together(a: Condition, b: Condition): boolean {
  const terms = alternatives({ kind: 'all', of: [a, b] }, true);
  return terms === undefined || terms.some((term) => clash(term) === undefined);
}
