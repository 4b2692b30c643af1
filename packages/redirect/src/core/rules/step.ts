import { assert } from '@softset/base';
import type { AlarmCause } from '@softset/protocol';
import type { FactValue, Truth } from './facts.js';
import { advance, openPlan } from './plan.js';
import type { Instance, Rule } from './rule-set.js';
import type { Ground, Phase, PlanOutcome, RulesConfig, RulesEffect, RulesState } from './state.js';
import { newWindow, observe, windowValue, windowWakeMs } from './window.js';

/**
 * The rules engine without its evaluator. A turn has two halves: `takeFacts` or `takeTime` says which instances a change
 * touches; the evaluator (json-rules-engine, in the shell) says of each whether its condition is true; `judge` decides.
 * The state is the engine's own and is changed in place: a snapshot of thousands of facts is not copied for each beat.
 *
 *     each instance of a rule:
 *
 *            true                 true for `for`                  false
 *     idle ───────────► pending ─────────────────► active ─────────────────► clearing
 *       ▲  false, unknown │        (acts once)      ▲ │ unknown: stays         │ │
 *       ├─────────────────┘                         │ └─────┘     true, unknown│ │
 *       │                                           └──────────────────────────┘ │
 *       └────────────────────── false for `clear_after` (on_clear) ──────────────┘
 *
 * Unknown begins nothing and ends nothing: a hold time needs the truth for all of its length, and a rule that acted is
 * not armed again by silence. `unknown: fire` or `clear` of a rule says otherwise before it comes here.
 */

/** Changes of facts; undefined: not known any more. Returns the instances that they touch, ascending. */
export function takeFacts(
  state: RulesState,
  changes: ReadonlyMap<string, FactValue | undefined>,
  nowMs: number,
  { set }: RulesConfig,
): readonly number[] {
  const touched = new Set<number>();
  const touch = (source: string): void => {
    for (const index of set.bySource.get(source) ?? []) touched.add(index);
  };
  for (const [fact, value] of changes) {
    const changed = state.facts.get(fact) !== value;
    if (value === undefined) state.facts.delete(fact);
    else state.facts.set(fact, value);
    if (changed) touch(fact);
    for (const { source, window } of set.windowsOf.get(fact) ?? []) {
      const seen = state.windows.get(source) ?? newWindow(window);
      state.windows.set(source, seen);
      observe(seen, value, nowMs);
      if (refreshWindow(state, source, nowMs)) touch(source);
    }
  }
  return [...touched].sort((a, b) => a - b);
}

/** Time alone: windows that move on, hold times that end. Returns the instances to evaluate. */
export function takeTime(state: RulesState, nowMs: number, { set }: RulesConfig): readonly number[] {
  const touched = new Set<number>();
  for (const source of state.windows.keys()) {
    if (!refreshWindow(state, source, nowMs)) continue;
    for (const index of set.bySource.get(source) ?? []) touched.add(index);
  }
  for (const [index, phase] of state.phases) {
    const untilMs = phaseEndMs(phase, ruleOf(set.instances[index], set.rules));
    if (untilMs !== undefined && untilMs <= nowMs) touched.add(index);
  }
  return [...touched].sort((a, b) => a - b);
}

/**
 * This process stood still: nobody saw what was true meanwhile, and what waits to be read is the past. Hold times begin
 * afresh, as NETRACK's deadlines do.
 */
export function stalled(state: RulesState, nowMs: number): void {
  for (const [index, phase] of state.phases) {
    if (phase.kind !== 'active') state.phases.set(index, { ...phase, sinceMs: nowMs });
  }
}

/** Every instance: for a new set, and for a board that begins to direct. */
export function everything({ set }: RulesConfig): readonly number[] {
  return set.instances.map((instance) => instance.index);
}

function refreshWindow(state: RulesState, source: string, nowMs: number): boolean {
  const seen = state.windows.get(source);
  if (seen === undefined) return false;
  const value = windowValue(seen, nowMs);
  if (state.windowValues.get(source) === value) return false;
  if (value === undefined) state.windowValues.delete(source);
  else state.windowValues.set(source, value);
  return true;
}

/** What an instance's leaves are now, in their order; undefined: unknown. */
export function valuesOf(state: RulesState, instance: Instance): readonly (FactValue | undefined)[] {
  return instance.leaves.map((leaf, i) => {
    const source = instance.sources[i] ?? leaf.fact;
    return leaf.window === undefined ? state.facts.get(leaf.fact) : state.windowValues.get(source);
  });
}

/** Takes the evaluator's verdicts on the instances that were touched, and decides. */
export function judge(
  state: RulesState,
  verdicts: ReadonlyMap<number, Truth>,
  nowMs: number,
  config: RulesConfig,
): readonly RulesEffect[] {
  const { set } = config;
  const effects: RulesEffect[] = [];
  const firing: Instance[] = [];
  for (const [index, verdict] of verdicts) {
    const instance = set.instances[index];
    if (instance === undefined) continue;
    const rule = ruleOf(instance, set.rules);
    const truth =
      verdict !== 'unknown' || rule.unknown === 'hold' ? verdict : rule.unknown === 'fire' ? 'true' : 'false';
    const next = move(state.phases.get(index), truth, rule, nowMs);
    if (next.acts) firing.push(instance);
    if (next.phase === undefined) state.phases.delete(index);
    else state.phases.set(index, next.phase);
    if (next.clears) clear(state, instance, rule, nowMs, config, effects);
  }
  for (const instance of firing.sort((a, b) => order(a, b, set.rules))) {
    act(state, instance, ruleOf(instance, set.rules), nowMs, config, effects);
  }
  check(state, config);
  return effects;
}

/** One cell of the diagram for each phase and truth. */
function move(
  phase: Phase | undefined,
  truth: Truth,
  rule: Rule,
  nowMs: number,
): { phase: Phase | undefined; acts?: true; clears?: true } {
  const active: Phase = { kind: 'active', sinceMs: nowMs, waits: false };
  switch (phase?.kind) {
    case undefined:
      if (truth !== 'true') return { phase };
      return rule.forMs === 0 ? { phase: active, acts: true } : { phase: { kind: 'pending', sinceMs: nowMs } };
    case 'pending':
      if (truth !== 'true') return { phase: undefined };
      return nowMs - phase.sinceMs >= rule.forMs ? { phase: active, acts: true } : { phase };
    case 'active':
      if (truth !== 'false') return { phase };
      return rule.clearAfterMs === 0
        ? { phase: undefined, clears: true }
        : { phase: { kind: 'clearing', sinceMs: nowMs, waits: phase.waits } };
    case 'clearing':
      if (truth !== 'false') return { phase: { ...active, waits: phase.waits } };
      return nowMs - phase.sinceMs >= rule.clearAfterMs ? { phase: undefined, clears: true } : { phase };
  }
}

/** Higher priority first, then the order of the files and of the scope. */
function order(a: Instance, b: Instance, rules: readonly Rule[]): number {
  return ruleOf(b, rules).priority - ruleOf(a, rules).priority || a.index - b.index;
}

function act(
  state: RulesState,
  instance: Instance,
  rule: Rule,
  nowMs: number,
  config: RulesConfig,
  effects: RulesEffect[],
) {
  const held = (why: string): void => {
    effects.push({ kind: 'held-back', rule: rule.name, instance: instance.id, why });
  };
  const busy = keyTaken(state, instance);
  if (busy !== undefined || state.plans.size >= config.plansMax) {
    const phase = state.phases.get(instance.index);
    if (phase?.kind === 'active') state.phases.set(instance.index, { ...phase, waits: true });
    return held(busy === undefined ? `${config.plansMax} plans are under way` : `plan ${busy} has the key`);
  }
  const { limit } = rule;
  const acted = (state.acted.get(instance.index) ?? []).filter(
    (atMs) => limit !== 'none' && nowMs - atMs < limit.windowMs,
  );
  if (limit !== 'none' && acted.length >= limit.times) {
    held(`it acted ${limit.times} times in ${limit.windowMs / 1000} s: its limit`);
    if (rule.onLimit === 'else')
      openPlan(state, instance, rule, 'else', nowMs, config, effects, grounds(state, instance));
    if (rule.onLimit === 'alarm') {
      state.limited.add(instance.index);
      const text = `rule "${rule.name}" acted ${limit.times} times in ${limit.windowMs / 1000} s and rests`;
      alarmOf(state, instance, rule, 'alarm', text, effects);
    }
    return;
  }
  if (limit !== 'none') state.acted.set(instance.index, [...acted, nowMs]);
  openPlan(state, instance, rule, 'do', nowMs, config, effects, grounds(state, instance));
}

const RULE_LIMIT: AlarmCause = 'RULE_LIMIT';

function alarmOf(
  state: RulesState,
  instance: Instance,
  rule: Rule,
  kind: 'alarm' | 'clear-alarm',
  text: string,
  effects: RulesEffect[],
): void {
  const object = `rule/${instance.id.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').replace(/-$/, '')}`;
  const call = state.nextCall++;
  const action =
    kind === 'alarm'
      ? ({ kind, object, cause: RULE_LIMIT, severity: 'major', text } as const)
      : ({ kind, object, cause: RULE_LIMIT } as const);
  effects.push({ kind: 'perform', call, plan: 0, rule: rule.name, action });
}

/** Instances that acted as often as they may: another time they would rest. */
export function atLimit(
  state: RulesState,
  nowMs: number,
  { set }: RulesConfig,
): readonly { readonly instance: string; readonly times: number; readonly windowMs: number }[] {
  return [...state.acted].flatMap(([index, acted]) => {
    const instance = set.instances[index];
    const { limit } = ruleOf(instance, set.rules);
    if (instance === undefined || limit === 'none') return [];
    const { times, windowMs } = limit;
    const within = acted.filter((atMs) => nowMs - atMs < windowMs);
    return within.length < times ? [] : [{ instance: instance.id, times, windowMs }];
  });
}

/** The rule is armed again: what it alarmed is cleared, and `on_clear` is done. */
function clear(
  state: RulesState,
  instance: Instance,
  rule: Rule,
  nowMs: number,
  config: RulesConfig,
  effects: RulesEffect[],
): void {
  // What it is doing is done first: on_clear undoes, and must not be overtaken by what it undoes.
  if ([...state.plans.values()].some((plan) => plan.instance === instance.index)) {
    state.toClear.add(instance.index);
    return;
  }
  state.toClear.delete(instance.index);
  if (state.limited.delete(instance.index)) alarmOf(state, instance, rule, 'clear-alarm', '', effects);
  for (const { object, cause } of state.raised.get(instance.index)?.values() ?? []) {
    const action = { kind: 'clear-alarm', object, cause } as const;
    effects.push({ kind: 'perform', call: state.nextCall++, plan: 0, rule: rule.name, action });
  }
  state.raised.delete(instance.index);
  if (rule.onClear.length > 0)
    openPlan(state, instance, rule, 'on_clear', nowMs, config, effects, grounds(state, instance));
}

/** The plan that has this instance's key, or its own that is not done yet. */
function keyTaken(state: RulesState, instance: Instance): number | undefined {
  for (const plan of state.plans.values()) {
    if (plan.instance === instance.index) return plan.id;
    if (plan.key !== undefined && plan.key === instance.key) return plan.id;
  }
  return undefined;
}

function grounds(state: RulesState, instance: Instance): readonly Ground[] {
  const values = valuesOf(state, instance);
  return instance.sources.map((fact, i) => ({ fact, value: values[i] ?? 'unknown' }));
}

/** An action was done, or not. An answer to a question that is not open any more is nobody's. */
export function performed(
  state: RulesState,
  call: number,
  ok: boolean,
  message: string,
  nowMs: number,
  config: RulesConfig,
): readonly RulesEffect[] {
  const effects: RulesEffect[] = [];
  const plan = [...state.plans.values()].find((one) => one.asked?.call === call);
  if (plan === undefined) return effects;
  const ended = advance(state, plan, { ok, message }, nowMs, config, effects);
  if (ended) wakeWaiting(state, nowMs, config, effects);
  check(state, config);
  return effects;
}

/** Steps that nobody answered in time have failed. */
export function expire(state: RulesState, nowMs: number, config: RulesConfig): readonly RulesEffect[] {
  const effects: RulesEffect[] = [];
  let ended = false;
  for (const plan of [...state.plans.values()]) {
    if (plan.asked === undefined || plan.asked.untilMs > nowMs) continue;
    ended = advance(state, plan, { ok: false, message: 'TIMEOUT: nobody answered' }, nowMs, config, effects) || ended;
  }
  if (ended) wakeWaiting(state, nowMs, config, effects);
  return effects;
}

/** A plan ended: what its rule had to clear is cleared, and of those that wait for its key the first acts. */
function wakeWaiting(state: RulesState, nowMs: number, config: RulesConfig, effects: RulesEffect[]): void {
  const { set } = config;
  for (const index of [...state.toClear]) {
    const instance = set.instances[index];
    if (instance !== undefined) clear(state, instance, ruleOf(instance, set.rules), nowMs, config, effects);
  }
  const waiting = [...state.phases].flatMap(([index, phase]) => {
    const instance = set.instances[index];
    return phase.kind === 'active' && phase.waits && instance !== undefined ? [{ instance, phase }] : [];
  });
  for (const { instance, phase } of waiting.sort((a, b) => order(a.instance, b.instance, set.rules))) {
    if (keyTaken(state, instance) !== undefined || state.plans.size >= config.plansMax) continue;
    state.phases.set(instance.index, { ...phase, waits: false });
    act(state, instance, ruleOf(instance, set.rules), nowMs, config, effects);
  }
}

/** This board directs no more: what was under way is another's now, and it begins afresh. */
export function giveUp(state: RulesState): readonly RulesEffect[] {
  const outcome: PlanOutcome = 'given-up';
  const effects = [...state.plans.keys()].map((plan): RulesEffect => ({ kind: 'ended', plan, outcome }));
  for (const one of [state.plans, state.phases, state.acted, state.limited, state.raised, state.toClear]) one.clear();
  for (const one of [state.facts, state.windows, state.windowValues]) one.clear();
  return effects;
}

/** When `takeTime` and `expire` are due: monotonic ms; undefined: only events change anything. */
export function rulesWakeMs(state: RulesState, { set }: RulesConfig): number | undefined {
  let wakeMs = Number.POSITIVE_INFINITY;
  for (const seen of state.windows.values()) wakeMs = Math.min(wakeMs, windowWakeMs(seen) ?? wakeMs);
  for (const [index, phase] of state.phases) {
    wakeMs = Math.min(wakeMs, phaseEndMs(phase, ruleOf(set.instances[index], set.rules)) ?? wakeMs);
  }
  for (const plan of state.plans.values()) wakeMs = Math.min(wakeMs, plan.asked?.untilMs ?? wakeMs);
  return wakeMs === Number.POSITIVE_INFINITY ? undefined : wakeMs;
}

function phaseEndMs(phase: Phase, rule: Rule): number | undefined {
  if (phase.kind === 'pending') return phase.sinceMs + rule.forMs;
  return phase.kind === 'clearing' ? phase.sinceMs + rule.clearAfterMs : undefined;
}

export function ruleOf(instance: Instance | undefined, rules: readonly Rule[]): Rule {
  const rule = instance && rules[instance.rule];
  assert(rule !== undefined, 'an instance belongs to a rule of its set');
  return rule;
}

function check(state: RulesState, config: RulesConfig): void {
  const keys = [...state.plans.values()].flatMap((plan) =>
    plan.key === undefined || plan.branch === 'on_clear' ? [] : [plan.key],
  );
  assert(new Set(keys).size === keys.length, 'one plan at a time has a key');
  assert(state.plans.size <= config.plansMax * 2, 'plans are bounded');
}
