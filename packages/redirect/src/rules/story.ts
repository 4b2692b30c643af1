import { actionText, type RuleAction } from '@softset/protocol/rules-actions.js';
import type { FactValue } from '../core/rules/facts.js';
import type { RuleSet } from '../core/rules/rule-set.js';
import type { RulesEffect } from '../core/rules/state.js';
import { countServices } from '../core/rules/well.js';
import { RulesEngine } from './engine.js';

export interface Happened {
  readonly atMs: number;
  readonly effect: RulesEffect;
}

export interface Decided {
  readonly atMs: number;
  readonly rule: string;
  readonly action: RuleAction;
  readonly text: string;
}

/** Turns of one story; more means that rules chase each other. */
const TURNS_MAX = 10_000;

/**
 * The engine on a virtual clock, in a world that does what it is asked: a moved service has its new holder, a started
 * program is ready, an alarm stands. Used by tests of rules, by simulate and by replay.
 */
export class Story {
  readonly decided: Decided[] = [];
  readonly happened: Happened[] = [];
  readonly facts: Map<string, FactValue>;
  readonly #set: RuleSet;
  readonly #engine: RulesEngine;
  readonly #fails: (text: string) => boolean;
  readonly #told: boolean;
  #nowMs = 0;
  #answers: {
    call: number;
    ok: boolean;
    message: string;
    after: (() => Map<string, FactValue | undefined>) | undefined;
  }[] = [];
  #crash: unknown;

  /** `told`: the world is told from outside, and what is done changes nothing (replay). */
  constructor(
    set: RuleSet,
    facts: Map<string, FactValue>,
    fails: (text: string) => boolean = () => false,
    world: 'obeys' | 'told' = 'obeys',
  ) {
    this.#set = set;
    this.#told = world === 'told';
    this.facts = facts;
    this.#fails = fails;
    this.#engine = new RulesEngine(set, {
      nowMs: () => this.#nowMs,
      onEffect: (effect) => this.#take(effect),
      onCrash: (error) => {
        this.#crash = error;
      },
    });
  }

  /** Tells the first facts. What the rules do about them is decided too. */
  async begin(): Promise<void> {
    await this.#engine.take({ kind: 'facts', changes: new Map(this.facts) });
    await this.#settle();
  }

  /** Facts that change now. */
  async set(changes: ReadonlyMap<string, FactValue | undefined>): Promise<void> {
    await this.#engine.take({ kind: 'facts', changes: this.#apply(changes) });
    await this.#settle();
  }

  /** Lets time pass; whatever is due on the way happens at its time. */
  async passTo(atMs: number): Promise<void> {
    for (let turns = 0; turns < TURNS_MAX; turns++) {
      const wakeMs = this.#engine.wakeMs;
      if (wakeMs === undefined || wakeMs > atMs) break;
      this.#nowMs = Math.max(this.#nowMs, wakeMs);
      await this.#engine.take({ kind: 'tick' });
      await this.#settle();
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /** Answers what was asked, until nothing is asked any more. */
  async #settle(): Promise<void> {
    for (let turns = 0; this.#answers.length > 0; turns++) {
      if (turns > TURNS_MAX) throw new Error('the rules of this story chase each other without an end');
      const { call, ok, message, after } = this.#answers.shift() ?? {
        call: 0,
        ok: false,
        message: '',
        after: undefined,
      };
      // What was done is seen before it is answered, as with the real director.
      const changes = ok && after !== undefined ? this.#apply(after()) : new Map<string, FactValue | undefined>();
      if (changes.size > 0) await this.#engine.take({ kind: 'facts', changes });
      await this.#engine.take({ kind: 'performed', call, ok, message });
    }
    if (this.#crash !== undefined) throw this.#crash;
  }

  /** Changes the world, and what follows from it: the number of services of each board. */
  #apply(changes: ReadonlyMap<string, FactValue | undefined>): Map<string, FactValue | undefined> {
    const all = new Map(changes);
    for (const [fact, value] of changes) {
      if (value === undefined) this.facts.delete(fact);
      else this.facts.set(fact, value);
    }
    if (!this.#told && [...changes.keys()].some((fact) => fact.startsWith('service.'))) {
      const before = new Map(this.facts);
      countServices(this.#set.world, this.facts);
      const follow = this.#set.world.boards.flatMap((board) => [`board.${board}.services`, `board.${board}.holds`]);
      for (const fact of follow) {
        if (changes.has(fact)) {
          const told = changes.get(fact);
          if (told !== undefined) this.facts.set(fact, told);
        } else if (before.get(fact) !== this.facts.get(fact)) all.set(fact, this.facts.get(fact));
      }
    }
    return all;
  }

  #take(effect: RulesEffect): void {
    this.happened.push({ atMs: this.#nowMs, effect });
    if (effect.kind !== 'perform') return;
    const { action, call, rule } = effect;
    const text = actionText(action);
    this.decided.push({ atMs: this.#nowMs, rule, action, text });
    const ok = !this.#fails(text);
    this.#answers.push({
      call,
      ok,
      message: ok ? '' : 'FAILED: the story says so',
      after: this.#told ? undefined : () => this.#outcome(action),
    });
  }

  /** What the world is like once this is done. */
  #outcome(action: RuleAction): Map<string, FactValue | undefined> {
    switch (action.kind) {
      case 'move':
        return new Map<string, FactValue>([
          [`service.${action.service}.holder`, action.to],
          [`service.${action.service}.state`, 'held'],
        ]);
      case 'start':
      case 'restart':
        return new Map([[`program.${action.program}.${action.on}.state`, 'ready']]);
      case 'stop':
        return new Map([[`program.${action.program}.${action.on}.state`, 'stopped']]);
      case 'drain':
        return this.#drained(action.board);
      case 'activate':
        return new Map([[`board.${action.board}.drained`, false]]);
      case 'alarm':
        return new Map([[`alarm.${action.object}.${action.cause}`, action.severity]]);
      case 'clear-alarm':
        return new Map([[`alarm.${action.object}.${action.cause}`, 'none']]);
      default:
        return new Map();
    }
  }

  /** What a drained board holds goes to the first board of its pool that takes work; what nobody can take stays. */
  #drained(board: string): Map<string, FactValue> {
    const takes = (name: string): boolean =>
      name !== board &&
      this.facts.get(`board.${name}.state`) === 'up' &&
      this.facts.get(`board.${name}.maintenance`) === false &&
      this.facts.get(`board.${name}.drained`) !== true;
    const changes = new Map<string, FactValue>([[`board.${board}.drained`, true]]);
    for (const { name, pool } of this.#set.world.services) {
      const to = this.facts.get(`service.${name}.holder`) === board ? pool.find(takes) : undefined;
      if (to !== undefined) changes.set(`service.${name}.holder`, to);
    }
    return changes;
  }
}

/** `move media-1` means `move media-1 io-3` too: words at the end may be left out. */
export function meansAction(written: string, text: string): boolean {
  const wanted = written.trim().split(/\s+/);
  const words = text.split(/\s+/);
  return wanted.every((word, i) => word === words[i]);
}
