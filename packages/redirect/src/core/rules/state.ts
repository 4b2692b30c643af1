import type { RuleAction } from '@softset/protocol/rules-actions.js';
import type { FactValue } from './facts.js';
import type { Step } from './read-actions.js';
import type { RuleSet } from './rule-set.js';
import type { Bindings } from './template.js';
import type { WindowState } from './window.js';

/** Where an instance of a rule is; the diagram stands at the head of `step.ts`. Idle ones are not kept. */
export type Phase =
  | { readonly kind: 'pending'; readonly sinceMs: number }
  /** `waits`: it wants to act, and another plan has its key. */
  | { readonly kind: 'active'; readonly sinceMs: number; readonly waits: boolean }
  | { readonly kind: 'clearing'; readonly sinceMs: number; readonly waits: boolean };

export type Branch = 'do' | 'else' | 'on_clear';

/** What a rule decided, on its way through its steps. */
export interface Plan {
  readonly id: number;
  readonly instance: number;
  readonly key: string | undefined;
  branch: Branch;
  /** Steps of the branch that are still to be looked at. */
  steps: readonly Step[];
  /** Actions of the step under way that are still to be done. */
  actions: readonly RuleAction[];
  bindings: Bindings;
  /** The action that was asked for and not answered yet. */
  asked?: { readonly call: number; readonly action: RuleAction; readonly untilMs: number };
  /** Boards chosen, which count as loaded until the plan ends. */
  promised: readonly string[];
}

export interface RulesState {
  readonly facts: Map<string, FactValue>;
  readonly windows: Map<string, WindowState>;
  /** The last value of each window that anybody was told. */
  readonly windowValues: Map<string, number>;
  readonly phases: Map<number, Phase>;
  readonly plans: Map<number, Plan>;
  /** When each instance acted, within its limit's window. */
  readonly acted: Map<number, readonly number[]>;
  /** Instances whose limit is alarmed. */
  readonly limited: Set<number>;
  /** Alarms raised by instances, to be cleared with them: `object cause`. */
  readonly raised: Map<number, ReadonlyMap<string, Extract<RuleAction, { kind: 'alarm' }>>>;
  /** Instances that are armed again, and whose plan is not done yet. */
  readonly toClear: Set<number>;
  nextPlan: number;
  nextCall: number;
}

export function newRulesState(): RulesState {
  return {
    facts: new Map(),
    windows: new Map(),
    windowValues: new Map(),
    phases: new Map(),
    plans: new Map(),
    acted: new Map(),
    limited: new Set(),
    raised: new Map(),
    toClear: new Set(),
    nextPlan: 1,
    nextCall: 1,
  };
}

/** A fact that a decision stood on, as it was then. */
export interface Ground {
  readonly fact: string;
  readonly value: FactValue | 'unknown';
}

export type RulesEffect =
  /** Perform this, and answer with `performed`. */
  | {
      readonly kind: 'perform';
      readonly call: number;
      readonly plan: number;
      readonly rule: string;
      readonly action: RuleAction;
    }
  | { readonly kind: 'decided'; readonly plan: number; readonly decision: Decision }
  | {
      readonly kind: 'chose';
      readonly plan: number;
      readonly as: string;
      readonly board: string | undefined;
      readonly reasons: readonly string[];
    }
  | {
      readonly kind: 'done';
      readonly plan: number;
      readonly action: string;
      readonly ok: boolean;
      readonly message: string;
    }
  | { readonly kind: 'ended'; readonly plan: number; readonly outcome: PlanOutcome }
  /** Something that was wanted is not done, and why: at its limit, or its key is taken. */
  | { readonly kind: 'held-back'; readonly rule: string; readonly instance: string; readonly why: string };

export type PlanOutcome = 'done' | 'failed' | 'given-up';

/** Why and by what: the head of a decision in the journal. */
export interface Decision {
  readonly rule: string;
  readonly instance: string;
  readonly file: string;
  readonly revision: string;
  readonly branch: Branch;
  readonly bindings: Bindings;
  readonly grounds: readonly Ground[];
  readonly heldMs: number;
}

export interface RulesConfig {
  readonly set: RuleSet;
  /** A step that nobody answers has failed after this. */
  readonly stepMs: number;
  /** Plans that run at the same time; more wait. */
  readonly plansMax: number;
}

export function rulesConfig(set: RuleSet): RulesConfig {
  return { set, stepMs: 15_000, plansMax: 256 };
}
