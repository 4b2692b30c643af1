import { assert, type Random } from '@softset/base';
import type { Timeline } from './timeline.js';

/** A stall or a death that strikes between two steps of a process: before its `steps`-th step, or effect of that kind, from now. */
export interface Strike {
  readonly kind?: string;
  steps: number;
  readonly freezeMs?: number;
  readonly kill?: () => void;
  readonly done?: () => void;
}

/** Steps in one go, after which a core must be turning in circles. */
const ROUNDS_MAX = 100_000;
/** Strikes that wait at most; a plan that arms more is wrong. */
const STRIKES_MAX = 64;

/**
 * One process of one board: it waits, takes what came, steps its core, and performs the effects one by one. It may be
 * frozen or die before each of them; when it thaws it goes on with the next, knowing nothing of the time that passed.
 */
export abstract class Process<E> {
  alive = true;
  readonly sentUntilMs = new Map<object, number>();
  frozenUntilMs = 0;
  readonly strikes: Strike[] = [];
  /** Steps so far: between each two of them a strike can find it. */
  steps = 0;
  protected readonly timeline: Timeline;
  protected readonly random: Random;
  #effects: readonly E[] = [];
  #at = 0;
  #wakeMs = Number.POSITIVE_INFINITY;
  #running = false;

  constructor(timeline: Timeline, random: Random) {
    this.timeline = timeline;
    this.random = random;
  }

  /** The effects of its next event; undefined when nothing is left to do before it waits again. */
  protected abstract next(): readonly E[] | undefined;
  protected abstract perform(effect: E): void;
  /** A word for what an effect does, by which strikes find it. */
  protected abstract label(effect: E): string;
  /** Virtual time of its next deadline. */
  protected abstract deadlineMs(): number;
  protected died(): void {}

  /** It was woken: something came, or it thawed. */
  wake(delayMs = 0.02 + this.random.next() * 0.2): void {
    if (this.alive) this.#wakeAt(Math.max(this.timeline.nowMs + delayMs, this.frozenUntilMs));
  }

  freeze(ms: number): void {
    this.frozenUntilMs = Math.max(this.frozenUntilMs, this.timeline.nowMs + ms);
    this.#wakeAt(this.frozenUntilMs);
  }

  thaw(): void {
    this.strikes.length = 0;
    this.frozenUntilMs = 0;
    this.wake();
  }

  strike(strike: Strike): void {
    if (this.strikes.length < STRIKES_MAX) this.strikes.push(strike);
  }

  die(): void {
    if (!this.alive) return;
    this.alive = false;
    this.died();
  }

  #wakeAt(atMs: number): void {
    if (atMs >= this.#wakeMs) return;
    this.#wakeMs = atMs;
    this.timeline.at(atMs, () => {
      if (this.#wakeMs !== atMs) return;
      this.#wakeMs = Number.POSITIVE_INFINITY;
      this.#run();
    });
  }

  #run() {
    if (!this.alive || this.#running) return;
    if (this.timeline.nowMs < this.frozenUntilMs) return this.#wakeAt(this.frozenUntilMs);
    this.#running = true;
    this.#work();
    this.#running = false;
    if (!this.alive) return;
    const due = this.frozenUntilMs > this.timeline.nowMs ? this.frozenUntilMs : this.deadlineMs();
    // A deadline that is due already is met a scheduling later, so that time goes on.
    this.#wakeAt(Math.max(due, this.timeline.nowMs + 0.05));
  }

  #work(): void {
    for (let rounds = 0; ; rounds++) {
      assert(rounds < ROUNDS_MAX, `a process never waits again: ${this.constructor.name}`);
      while (this.#at < this.#effects.length) {
        const effect = this.#effects[this.#at] as E;
        this.steps++;
        if (this.strikes.length > 0 && this.#struck(this.label(effect))) return;
        this.#at++;
        this.perform(effect);
        if (!this.alive || this.timeline.nowMs < this.frozenUntilMs) return;
      }
      this.steps++;
      if (this.strikes.length > 0 && this.#struck('event')) return;
      const effects = this.next();
      if (effects === undefined) return;
      this.#effects = effects;
      this.#at = 0;
    }
  }

  /** A strike that is due strikes once. True when the process may not go on now. */
  #struck(label: string): boolean {
    const i = this.strikes.findIndex((one) => one.kind === undefined || label.startsWith(one.kind));
    const strike = this.strikes[i];
    if (!strike || strike.steps-- > 0) return false;
    this.strikes.splice(i, 1);
    strike.done?.();
    if (strike.kill) {
      strike.kill();
      return true;
    }
    this.frozenUntilMs = Math.max(this.frozenUntilMs, this.timeline.nowMs + (strike.freezeMs ?? 0));
    return this.timeline.nowMs < this.frozenUntilMs;
  }
}
