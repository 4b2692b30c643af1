import { nowMs } from '@softset/runtime/now-ms.js';
import { tickOf } from './shared-tick.js';

interface Round {
  readonly key: string;
  readonly everyMs: number;
  /** Asks. False when that is not wanted any more. */
  readonly ask: () => boolean;
}

/**
 * By this part of its pace, at most, may a question be late, for the sake of those that are put with it: to wake costs as
 * much as ten questions, for nothing of psrmd is in the processor's caches then. The first pause of who comes new is one
 * of so many parts of its own, so that those that began together are not all asked at one tick for ever.
 */
const parts = 4;

/**
 * Asks many programs, each at its pace and for as long as it wants: one timer for all, and those that are due at one tick
 * together. What is asked twice a second costs psrmd neither a timer nor a step of its core for each time.
 */
export class Rounds {
  readonly #due = new Map<number, Round[]>();
  readonly #rounds = new Map<string, Round>();
  #timer: NodeJS.Timeout | undefined;
  #armedMs = Number.POSITIVE_INFINITY;
  #came = 0;

  /** Asks now, and then every `everyMs`. Of one `key` the latest is asked. */
  begin(key: string, everyMs: number, ask: () => boolean): void {
    const round = { key, everyMs, ask };
    this.#rounds.set(key, round);
    const part = (this.#came++ % parts) + 1;
    this.#put(round, nowMs() + (everyMs * part) / parts, nowMs());
    if (!ask()) this.end(key);
    this.#arm();
  }

  end(key: string): void {
    this.#rounds.delete(key);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#due.clear();
    this.#rounds.clear();
  }

  #again(round: Round, now: number): void {
    if (round.ask()) this.#put(round, now + round.everyMs, now);
    else if (this.#rounds.get(round.key) === round) this.#rounds.delete(round.key);
  }

  #put(round: Round, atMs: number, now: number): void {
    const dueMs = tickOf(atMs, Math.max(atMs - now, 1) / parts);
    const others = this.#due.get(dueMs);
    if (others) others.push(round);
    else this.#due.set(dueMs, [round]);
  }

  #arm(): void {
    const nextMs = Math.min(...this.#due.keys());
    if (nextMs === this.#armedMs) return;
    clearTimeout(this.#timer);
    this.#armedMs = nextMs;
    if (nextMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, Math.ceil(nextMs - nowMs())));
  }

  #fire(): void {
    this.#armedMs = Number.POSITIVE_INFINITY;
    const now = nowMs();
    for (const [dueMs, due] of [...this.#due]) {
      if (dueMs > now) continue;
      this.#due.delete(dueMs);
      // From now and not from when it was due: after a stall none is asked in a burst.
      for (const round of due) if (this.#rounds.get(round.key) === round) this.#again(round, now);
    }
    this.#arm();
  }
}
