import { carryOver } from '../core/rules/carry-over.js';
import type { FactValue } from '../core/rules/facts.js';
import type { RuleSet } from '../core/rules/rule-set.js';
import {
  newRulesState,
  type RulesConfig,
  type RulesEffect,
  type RulesState,
  rulesConfig,
} from '../core/rules/state.js';
import {
  atLimit,
  everything,
  expire,
  giveUp,
  judge,
  performed,
  rulesWakeMs,
  stalled,
  takeFacts,
  takeTime,
  valuesOf,
} from '../core/rules/step.js';
import { Evaluator } from './evaluator.js';

/** What the engine is told. Each is one turn, and turns never overlap. */
export type RulesInput =
  /** Changes of facts that belong to one moment. */
  | { readonly kind: 'facts'; readonly changes: ReadonlyMap<string, FactValue | undefined> }
  | { readonly kind: 'performed'; readonly call: number; readonly ok: boolean; readonly message: string }
  | { readonly kind: 'tick' }
  /** This process stood still. */
  | { readonly kind: 'stalled' }
  /** Another set of rules; what is unchanged goes on (`carry-over.ts`). */
  | { readonly kind: 'set'; readonly set: RuleSet }
  /** This board directs no more. */
  | { readonly kind: 'stand' };

export interface RulesPorts {
  readonly nowMs: () => number;
  readonly onEffect: (effect: RulesEffect) => void;
  readonly onCrash: (error: unknown) => void;
}

/** Inputs that may wait for the turn under way; facts that wait are taken together. More means that something is stuck. */
const INPUTS_MAX = 10_000;

/** One decision at a time: what comes while json-rules-engine is evaluating waits for the next turn. */
export class RulesEngine {
  readonly #ports: RulesPorts;
  #config: RulesConfig;
  #evaluator: Evaluator;
  #state: RulesState = newRulesState();
  #inputs: RulesInput[] = [];
  #turning: Promise<void> | undefined;
  #closed = false;

  constructor(set: RuleSet, ports: RulesPorts) {
    this.#ports = ports;
    this.#config = rulesConfig(set);
    this.#evaluator = new Evaluator(set);
  }

  get state(): RulesState {
    return this.#state;
  }

  get set(): RuleSet {
    return this.#config.set;
  }

  /** For status. */
  get atLimit(): ReturnType<typeof atLimit> {
    return atLimit(this.#state, this.#ports.nowMs(), this.#config);
  }

  /** When `tick` is due. */
  get wakeMs(): number | undefined {
    return rulesWakeMs(this.#state, this.#config);
  }

  /** Resolves once this input, and all before it, were decided on. */
  take(input: RulesInput): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const last = this.#inputs.at(-1);
    if (input.kind === 'facts' && last?.kind === 'facts') {
      this.#inputs[this.#inputs.length - 1] = { kind: 'facts', changes: new Map([...last.changes, ...input.changes]) };
    } else this.#inputs.push(input);
    if (this.#inputs.length > INPUTS_MAX) {
      this.#crash(new Error(`${this.#inputs.length} inputs wait: the rules engine is stuck`));
      return Promise.resolve();
    }
    this.#turning ??= this.#turns();
    return this.#turning;
  }

  close(): void {
    this.#closed = true;
    this.#inputs = [];
  }

  async #turns(): Promise<void> {
    try {
      for (let next = this.#inputs.shift(); next !== undefined && !this.#closed; next = this.#inputs.shift()) {
        await this.#turn(next);
      }
    } catch (error) {
      this.#crash(error);
    }
    this.#turning = undefined;
  }

  async #turn(input: RulesInput): Promise<void> {
    const nowMs = this.#ports.nowMs();
    switch (input.kind) {
      case 'facts':
        return this.#judge(takeFacts(this.#state, input.changes, nowMs, this.#config));
      case 'performed':
        return this.#tell(performed(this.#state, input.call, input.ok, input.message, nowMs, this.#config));
      case 'tick':
        this.#tell(expire(this.#state, nowMs, this.#config));
        return this.#judge(takeTime(this.#state, nowMs, this.#config));
      case 'set': {
        const { state, effects } = carryOver(this.#state, this.#config.set, input.set);
        this.#state = state;
        this.#config = rulesConfig(input.set);
        this.#evaluator = new Evaluator(input.set);
        this.#tell(effects);
        // Windows of the new set begin with what is known now.
        takeFacts(this.#state, new Map(state.facts), nowMs, this.#config);
        return this.#judge(everything(this.#config));
      }
      case 'stalled':
        return stalled(this.#state, nowMs);
      case 'stand':
        return this.#tell(giveUp(this.#state));
    }
  }

  async #judge(touched: readonly number[]): Promise<void> {
    if (touched.length === 0) return;
    const verdicts = await this.#evaluator.verdicts(touched, (instance) => valuesOf(this.#state, instance));
    // Time may have passed in evaluating; the facts are those of the turn, for no other turn began.
    this.#tell(judge(this.#state, verdicts, this.#ports.nowMs(), this.#config));
  }

  #tell(effects: readonly RulesEffect[]): void {
    for (const effect of effects) if (!this.#closed) this.#ports.onEffect(effect);
  }

  #crash(error: unknown): void {
    this.close();
    this.#ports.onCrash(error);
  }
}
