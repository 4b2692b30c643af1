import type { RuleAction } from '@softset/protocol/rules-actions.js';
import { actionText } from '@softset/protocol/rules-actions.js';
import { chooseBoard } from './choose.js';
import type { Step } from './read-actions.js';
import type { Instance, Rule } from './rule-set.js';
import type { Branch, Ground, Plan, RulesConfig, RulesEffect, RulesState } from './state.js';
import { type Bindings, fill, variablesOf } from './template.js';

/**
 * A plan: the steps of one branch, one after the other.
 *
 *     do ── choose finds nothing, or a step fails ──► else ── likewise ──► failed
 *     │                                                │
 *     └── all done ──► done                            └── all done ──► done
 */
export function openPlan(
  state: RulesState,
  instance: Instance,
  rule: Rule,
  branch: Branch,
  nowMs: number,
  config: RulesConfig,
  effects: RulesEffect[],
  grounds: readonly Ground[],
): void {
  const plan: Plan = {
    id: state.nextPlan++,
    instance: instance.index,
    key: branch === 'on_clear' ? undefined : instance.key,
    branch,
    steps: stepsOf(rule, branch),
    actions: [],
    bindings: instance.bindings,
    promised: [],
  };
  state.plans.set(plan.id, plan);
  const file = config.set.files[rule.file];
  effects.push({
    kind: 'decided',
    plan: plan.id,
    decision: {
      rule: rule.name,
      instance: instance.id,
      file: file?.name ?? '',
      revision: file?.revision ?? '',
      branch,
      bindings: instance.bindings,
      grounds,
      heldMs: branch === 'do' ? rule.forMs : 0,
    },
  });
  advance(state, plan, undefined, nowMs, config, effects);
}

function stepsOf(rule: Rule, branch: Branch): readonly Step[] {
  return branch === 'do' ? rule.do : branch === 'else' ? rule.else : rule.onClear;
}

/** Goes on until something has to be waited for. `answer`: of the action that was asked for. True when it ended. */
export function advance(
  state: RulesState,
  plan: Plan,
  answer: { readonly ok: boolean; readonly message: string } | undefined,
  nowMs: number,
  config: RulesConfig,
  effects: RulesEffect[],
): boolean {
  const { set } = config;
  const rule = set.rules[set.instances[plan.instance]?.rule ?? -1];
  if (rule === undefined) return end(state, plan, 'failed', effects);
  const { asked } = plan;
  delete plan.asked;
  if (asked !== undefined && answer !== undefined) {
    effects.push({ kind: 'done', plan: plan.id, action: actionText(asked.action), ...answer });
    if (!answer.ok && !otherwise(plan, rule)) return end(state, plan, 'failed', effects);
  }
  for (;;) {
    const [action, ...later] = plan.actions;
    if (action !== undefined) {
      plan.actions = later;
      ask(state, plan, rule, action, nowMs, config, effects);
      return false;
    }
    const [step, ...rest] = plan.steps;
    if (step === undefined) return end(state, plan, 'done', effects);
    plan.steps = rest;
    if (step.kind !== 'choose') {
      plan.actions = actionsOf(step, plan.bindings, state, config);
      continue;
    }
    if (!choose(state, plan, step, config, effects) && !otherwise(plan, rule))
      return end(state, plan, 'failed', effects);
  }
}

/** Turns to `else`; false where there is none, or it is `else` that failed. */
function otherwise(plan: Plan, rule: Rule): boolean {
  if (plan.branch !== 'do' || rule.else.length === 0) return false;
  plan.branch = 'else';
  plan.steps = rule.else;
  plan.actions = [];
  return true;
}

function end(state: RulesState, plan: Plan, outcome: 'done' | 'failed', effects: RulesEffect[]): true {
  state.plans.delete(plan.id);
  effects.push({ kind: 'ended', plan: plan.id, outcome });
  return true;
}

function ask(
  state: RulesState,
  plan: Plan,
  rule: Rule,
  action: RuleAction,
  nowMs: number,
  config: RulesConfig,
  effects: RulesEffect[],
): void {
  const call = state.nextCall++;
  const commandMs = action.kind === 'run' ? (config.set.commands.get(action.command)?.timeoutMs ?? 0) : 0;
  plan.asked = { call, action, untilMs: nowMs + config.stepMs + commandMs };
  if (action.kind === 'alarm') {
    const mine = new Map(state.raised.get(plan.instance) ?? []);
    state.raised.set(plan.instance, mine.set(`${action.object} ${action.cause}`, action));
  }
  effects.push({ kind: 'perform', call, plan: plan.id, rule: rule.name, action });
}

function choose(
  state: RulesState,
  plan: Plan,
  step: Extract<Step, { kind: 'choose' }>,
  config: RulesConfig,
  effects: RulesEffect[],
): boolean {
  const promised = new Map<string, number>();
  for (const other of state.plans.values()) {
    for (const board of other.promised) promised.set(board, (promised.get(board) ?? 0) + 1);
  }
  const selector = { ...step.selector, of: fill(step.selector.of, plan.bindings) };
  const already = alreadyThere(plan, step.as, state);
  const { board, reasons } = chooseBoard(selector, config.set, state.facts, promised, plan.bindings.board, already);
  effects.push({ kind: 'chose', plan: plan.id, as: step.as, board, reasons });
  if (board === undefined) return false;
  plan.bindings = { ...plan.bindings, [step.as]: board };
  plan.promised = [...plan.promised, board];
  return true;
}

/**
 * Boards that hold what is to be moved there: a director that takes over may find its predecessor's move done, and must
 * not take the board for full because of it.
 */
function alreadyThere(plan: Plan, as: string, { facts }: RulesState): readonly string[] {
  const holders = plan.steps.flatMap((step) => {
    if (
      step.kind !== 'act' ||
      step.action.kind !== 'move' ||
      !variablesOf(step.action.to).some(({ name }) => name === as)
    ) {
      return [];
    }
    const holder = facts.get(`service.${fill(step.action.service, plan.bindings)}.holder`);
    return typeof holder === 'string' ? [holder] : [];
  });
  return holders;
}

function actionsOf(
  step: Exclude<Step, { kind: 'choose' }>,
  bindings: Bindings,
  state: RulesState,
  { set }: RulesConfig,
): readonly RuleAction[] {
  if (step.kind === 'act') return [fillAction(step.action, bindings)];
  const from = fill(step.from, bindings);
  const to = fill(step.to, bindings);
  const held = set.world.services.filter(({ name }) => state.facts.get(`service.${name}.holder`) === from);
  return held.map(({ name }) => ({ kind: 'move', service: name, to }));
}

export function fillAction(action: RuleAction, bindings: Bindings): RuleAction {
  const filled = Object.entries(action).map(([key, value]) => [key, fillValue(key, value, bindings)]);
  // Field by field the same shape: only words inside texts change.
  return Object.fromEntries(filled) as RuleAction;
}

function fillValue(key: string, value: unknown, bindings: Bindings): unknown {
  if (key === 'kind') return value;
  if (typeof value === 'string') return fill(value, bindings);
  return Array.isArray(value) ? value.map((one) => (typeof one === 'string' ? fill(one, bindings) : one)) : value;
}
