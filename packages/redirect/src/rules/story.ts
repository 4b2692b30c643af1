import { actionText, type RuleAction } from '@softset/protocol/rules-actions.js';
import type { FactValue } from '../core/rules/facts.js';
import type { RuleSet } from '../core/rules/rule-set.js';
import type { RulesEffect } from '../core/rules/state.js';
import { countServices } from '../core/rules/well.js';
import { RulesEngine } from './engine.js';
import { effectLine, factsLine } from './journaled.js';
import type { Recorder } from './recorder.js';

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

/** What came of an action, as a journal tells it. */
export interface Answer {
  readonly text: string;
  readonly ok: boolean;
  readonly message: string;
}

export interface StoryOptions {
  /** Actions that fail, by their text. */
  readonly fails?: (text: string) => boolean;
  /**
   * The world is told from outside, what is done changes nothing (replay), and of these actions it is told too what came
   * of them and when. Each answer is one action's; any other action is done as soon as it is decided.
   */
  readonly told?: readonly string[];
  /** Writes the story down as redirectd's journal. */
  readonly recorder?: Recorder;
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
  readonly #recorder: Recorder | undefined;
  /** Answers that will be told, by action; those that were told before it was decided; calls that wait for theirs. */
  readonly #coming = new Map<string, number>();
  readonly #early: Answer[] = [];
  readonly #waiting: { readonly call: number; readonly text: string }[] = [];
  #nowMs = 0;
  #answers: {
    call: number;
    ok: boolean;
    message: string;
    after: (() => Map<string, FactValue | undefined>) | undefined;
  }[] = [];
  #crash: unknown;

  constructor(set: RuleSet, facts: Map<string, FactValue>, { fails, told, recorder }: StoryOptions = {}) {
    this.#set = set;
    this.#told = told !== undefined;
    for (const text of told ?? []) this.#coming.set(text, (this.#coming.get(text) ?? 0) + 1);
    this.facts = facts;
    this.#fails = fails ?? (() => false);
    this.#recorder = recorder;
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
    this.#recorder?.note(this.#nowMs, 'rules', factsLine(true, this.facts));
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

  /** What came of an action then; it may be told before these rules decide it, or never asked for. */
  async answer(told: Answer): Promise<void> {
    const at = this.#waiting.findIndex(({ text }) => text === told.text);
    const [waiting] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (waiting === undefined) {
      this.#early.push(told);
      return;
    }
    await this.#engine.take({ kind: 'performed', call: waiting.call, ok: told.ok, message: told.message });
    await this.#settle();
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
    this.#recorder?.note(this.#nowMs, 'rules', factsLine(false, all));
    return all;
  }

  #take(effect: RulesEffect): void {
    this.happened.push({ atMs: this.#nowMs, effect });
    this.#recorder?.note(this.#nowMs, 'rules', effectLine(effect));
    if (effect.kind !== 'perform') return;
    const { action, call, rule } = effect;
    const text = actionText(action);
    this.decided.push({ atMs: this.#nowMs, rule, action, text });
    if (this.#told) {
      this.#expect(call, text);
      return;
    }
    const ok = !this.#fails(text);
    if (ok && action.kind === 'move') this.#recordMove(rule, action);
    this.#answers.push({
      call,
      ok,
      message: ok ? '' : 'FAILED: the story says so',
      after: () => this.#outcome(action),
    });
  }

  /** Told, and not asked for: it is answered when it was, or at once where nobody answered it then. */
  #expect(call: number, text: string): void {
    const at = this.#early.findIndex((one) => one.text === text);
    const [early] = at < 0 ? [] : this.#early.splice(at, 1);
    const coming = this.#coming.get(text) ?? 0;
    if (coming > 0) this.#coming.set(text, coming - 1);
    if (early === undefined && coming > 0) {
      this.#waiting.push({ call, text });
      return;
    }
    this.#answers.push({ call, ok: early?.ok ?? true, message: early?.message ?? '', after: undefined });
  }

  /** The director's own line; boards by name, for a set of rules knows no numbers. */
  #recordMove(rule: string, { service, to }: Extract<RuleAction, { kind: 'move' }>): void {
    const from = this.facts.get(`service.${service}.holder`);
    const fields = { service, ...(from === undefined ? {} : { from }), to, cause: `rule ${rule}`, reasons: [] };
    this.#recorder?.note(this.#nowMs, 'director', { what: 'move', fields });
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
      case 'snmp-set': {
        const value = /^-?\d+$/.test(action.value) ? Number(action.value) : action.value;
        return new Map([[`snmp.${action.agent}.${action.object}`, value]]);
      }
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
