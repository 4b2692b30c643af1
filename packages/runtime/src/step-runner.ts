import { assert, type NowMs } from '@softset/base';
import { EventRing } from './event-ring.js';
import { nowMs as monotonicMs } from './now-ms.js';
import { Timers } from './timers.js';

export interface Kinded {
  readonly kind: string;
}
export type Step<S, E extends Kinded, F extends Kinded> = (
  state: S,
  event: E,
  nowMs: number,
) => { readonly state: S; readonly effects: readonly F[] };

/** One handler per kind of effect. A promise holds back the effects after it (persist before send), never the events. */
export type EffectHandlers<F extends Kinded> = {
  readonly [K in F['kind']]: (effect: Extract<F, { kind: K }>) => void | Promise<void>;
};

export interface StepRunnerOptions<S, E extends Kinded, F extends Kinded> {
  readonly initial: S;
  readonly step: Step<S, E, F>;
  readonly effects: EffectHandlers<F>;
  /** Throws (`assert`) where the state after a step breaks an invariant. */
  readonly invariant?: (state: S) => void;
  /** Whatever a step, an invariant or a handler throws. The runner has stopped for good when this is called. */
  readonly onCrash: (error: unknown) => void;
  readonly ring?: EventRing;
  readonly nowMs?: NowMs;
  /** Events or effects that may wait (default 10,000); more means that something is stuck, which is a crash. */
  readonly limit?: number;
}

/**
 * Runs a core inside a daemon: one event at a time, each step's effects in order. An event that an effect's handler
 * dispatches is stepped after the step under way, never inside it.
 */
export class StepRunner<S, E extends Kinded, F extends Kinded> {
  readonly timers: Timers;
  readonly #options: StepRunnerOptions<S, E, F>;
  readonly #ring: EventRing;
  readonly #nowMs: NowMs;
  readonly #limit: number;
  readonly #events: E[] = [];
  readonly #effects: F[] = [];
  #state: S;
  #stepping = false;
  #performing = false;
  #halted = false;

  constructor(options: StepRunnerOptions<S, E, F>) {
    this.#options = options;
    this.#state = options.initial;
    this.#nowMs = options.nowMs ?? monotonicMs;
    this.#ring = options.ring ?? new EventRing();
    this.#limit = options.limit ?? 10_000;
    this.timers = new Timers(this.#nowMs);
  }

  get state(): S {
    return this.#state;
  }

  /** Takes an event; dropped silently once the runner is halted. */
  dispatch(event: E): void {
    if (this.#halted) return;
    this.#events.push(event);
    this.#check(this.#events.length, 'events');
    if (this.#stepping) return;
    this.#stepping = true;
    for (let next = this.#events.shift(); next !== undefined && !this.#halted; next = this.#events.shift()) {
      this.#stepOnce(next);
    }
    this.#stepping = false;
  }

  /** Arms a named timer whose firing is an event; `lateMs` tells how late the loop was. */
  armEvent(name: string, deadlineMs: number, event: (lateMs: number) => E): void {
    if (!this.#halted) this.timers.arm(name, deadlineMs, (lateMs) => this.dispatch(event(lateMs)));
  }

  /** No further step, effect or timer. Effects that wait behind a promise are given up. */
  halt(): void {
    this.#halted = true;
    this.#events.length = 0;
    this.#effects.length = 0;
    this.timers.cancelAll();
  }

  #stepOnce(event: E): void {
    const nowMs = this.#nowMs();
    this.#ring.record(nowMs, event.kind, event);
    try {
      const { state, effects } = this.#options.step(this.#state, event, nowMs);
      this.#options.invariant?.(state);
      this.#state = state;
      this.#effects.push(...effects);
    } catch (error) {
      this.#crash(error);
      return;
    }
    this.#check(this.#effects.length, 'effects');
    this.#perform();
  }

  /** Goes on until the queue is empty or an effect has to be waited for. */
  #perform(): void {
    if (this.#performing) return;
    this.#performing = true;
    for (let effect = this.#effects.shift(); effect !== undefined; effect = this.#effects.shift()) {
      try {
        // The table has a handler for each kind; the compiler cannot follow the pairing through an index.
        const handle = this.#options.effects[effect.kind as F['kind']] as (effect: F) => void | Promise<void>;
        const waiting = handle(effect);
        if (waiting !== undefined) {
          waiting.then(
            () => {
              this.#performing = false;
              this.#perform();
            },
            (error: unknown) => this.#crash(error),
          );
          return;
        }
      } catch (error) {
        this.#crash(error);
        return;
      }
    }
    this.#performing = false;
  }

  #check(length: number, what: string): void {
    try {
      assert(length <= this.#limit, `${length} ${what} wait: a handler is stuck`);
    } catch (error) {
      this.#crash(error);
    }
  }

  #crash(error: unknown): void {
    if (this.#halted) return;
    this.halt();
    this.#options.onCrash(error);
  }
}
