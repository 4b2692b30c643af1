import type { RuleTally } from '@softset/protocol';
import type { RulesEffect } from '../core/rules/state.js';

/** What is looked at of a set of rules. */
interface Running {
  readonly files: readonly { readonly name: string }[];
  readonly rules: readonly { readonly name: string; readonly file: number }[];
}

type Counts = Omit<RuleTally, 'rule' | 'file'>;
const NONE: Counts = { fired: 0, heldBack: 0 };
/** Plans that may be under way, and some more; an older one's end is not waited for. */
const PLANS_MAX = 512;

/** How often each rule fired in this life of redirectd, and what came of it the last time: for whoever looks on. */
export class RulesTally {
  readonly #counts = new Map<string, Counts>();
  /** Rule by plan, of plans under way. */
  readonly #plans = new Map<number, string>();

  /** `wallMs`: ms since 1970. */
  note(effect: RulesEffect, wallMs: number): void {
    if (effect.kind === 'held-back') {
      const before = this.#of(effect.rule);
      this.#counts.set(effect.rule, { ...before, heldBack: before.heldBack + 1 });
    }
    // What is done when a rule is armed again is its end, and no firing.
    if (effect.kind === 'decided' && effect.decision.branch !== 'on_clear') {
      const { rule, instance } = effect.decision;
      const before = this.#of(rule);
      const last = { atMs: wallMs, instance, outcome: 'running' } as const;
      this.#counts.set(rule, { ...before, fired: before.fired + 1, last });
      this.#plans.set(effect.plan, rule);
      const [oldest] = this.#plans.keys();
      if (this.#plans.size > PLANS_MAX && oldest !== undefined) this.#plans.delete(oldest);
    }
    if (effect.kind === 'ended') {
      const rule = this.#plans.get(effect.plan);
      this.#plans.delete(effect.plan);
      const before = rule === undefined ? NONE : this.#of(rule);
      // Of several instances the one that fired last is told of; another's end is not its own.
      const later = [...this.#plans].some(([plan, other]) => other === rule && plan > effect.plan);
      if (rule === undefined || before.last === undefined || later) return;
      this.#counts.set(rule, { ...before, last: { ...before.last, outcome: effect.outcome } });
    }
  }

  #of(rule: string): Counts {
    return this.#counts.get(rule) ?? NONE;
  }

  /** Of the rules that run, in the order of their files. */
  rows(set: Running | undefined): readonly RuleTally[] {
    return (set?.rules ?? []).map(({ name, file }) => ({
      rule: name,
      file: set?.files[file]?.name ?? '',
      ...this.#of(name),
    }));
  }
}
