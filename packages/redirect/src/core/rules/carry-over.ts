import type { Rule, RuleSet } from './rule-set.js';
import { newRulesState, type RulesEffect, type RulesState } from './state.js';

/**
 * A new set takes over from an old one while the system runs. A rule that is word for word what it was goes on where it
 * is: its hold times, its limit, its plan; reloading must not make a rule act again that has acted. Of a rule that is
 * gone or different the plan is given up and the alarms are cleared: if it is true still it raises them anew.
 */
export function carryOver(
  old: RulesState,
  before: RuleSet,
  after: RuleSet,
): { state: RulesState; effects: RulesEffect[] } {
  const state = newRulesState();
  const effects: RulesEffect[] = [];
  const byId = new Map(after.instances.map((instance) => [instance.id, instance]));
  const text = (rule: Rule | undefined): string => {
    if (rule === undefined) return '';
    // Where it stands in the files is no part of what it says.
    return JSON.stringify(rule, (key, value) =>
      key === 'index' || key === 'at' || key === 'file' ? undefined : value,
    );
  };
  const texts = new Map<Rule | undefined, string>();
  const textOf = (rule: Rule | undefined): string => {
    const known = texts.get(rule) ?? text(rule);
    texts.set(rule, known);
    return known;
  };
  const successor = (index: number): number | undefined => {
    const instance = before.instances[index];
    const next = instance && byId.get(instance.id);
    if (instance === undefined || next === undefined) return undefined;
    return textOf(before.rules[instance.rule]) === textOf(after.rules[next.rule]) ? next.index : undefined;
  };
  for (const [fact, value] of old.facts) state.facts.set(fact, value);
  for (const [source, window] of old.windows) {
    if (!after.bySource.has(source)) continue;
    state.windows.set(source, window);
    const value = old.windowValues.get(source);
    if (value !== undefined) state.windowValues.set(source, value);
  }
  const keep = <T>(from: ReadonlyMap<number, T>, to: Map<number, T>, lost: (value: T) => void): void => {
    for (const [index, value] of from) {
      const next = successor(index);
      if (next === undefined) lost(value);
      else to.set(next, value);
    }
  };
  keep(old.phases, state.phases, () => {});
  keep(old.acted, state.acted, () => {});
  keep(old.raised, state.raised, (alarms) => {
    for (const { object, cause } of alarms.values()) {
      const action = { kind: 'clear-alarm', object, cause } as const;
      effects.push({ kind: 'perform', call: old.nextCall++, plan: 0, rule: '', action });
    }
  });
  for (const index of old.limited) {
    const next = successor(index);
    if (next !== undefined) state.limited.add(next);
  }
  for (const index of old.toClear) {
    const next = successor(index);
    if (next !== undefined) state.toClear.add(next);
  }
  for (const plan of old.plans.values()) {
    const next = successor(plan.instance);
    if (next === undefined) effects.push({ kind: 'ended', plan: plan.id, outcome: 'given-up' });
    else state.plans.set(plan.id, { ...plan, instance: next });
  }
  state.nextPlan = old.nextPlan;
  state.nextCall = old.nextCall;
  return { state, effects };
}
