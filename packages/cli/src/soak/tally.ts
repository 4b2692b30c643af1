import type { ObserverReport } from '@softset/lab';

/** A silence that a user of the address would notice, ms. */
export const SILENCE_MS = 100;

export interface Tally {
  /** Times that another board answered than before. */
  readonly moves: number;
  /** Silences of the address above 100 ms, less what the observer was held up itself; and the longest. */
  readonly silences: number;
  readonly silenceMsMax: number;
  readonly holdersMax: number;
  /** How long the observer itself was held up, at worst: what is shorter than that it may have missed. */
  readonly stallMsMax: number;
  readonly watchedMs: number;
}

/**
 * Adds up what an observer saw, window by window: each is read back for longer than it is, so that a silence across the
 * border between two is seen whole, and counted where it ends.
 */
export class Tallying {
  #holder: string | undefined;
  #moves = 0;
  #silences = 0;
  #silenceMsMax = 0;
  #holdersMax = 0;
  #stallMsMax = 0;
  #watchedMs = 0;
  #openCounted = false;
  #windows = 0;

  /** `report` reaches back before `fromMs`; what ended before that was counted already. */
  add(report: ObserverReport, fromMs: number, toMs: number): void {
    this.#watchedMs += toMs - fromMs;
    this.#holdersMax = Math.max(this.#holdersMax, report.holdersMax);
    this.#stallMsMax = Math.max(this.#stallMsMax, report.stallMsMax);
    for (const { board, timeMs } of report.timeline) {
      if (timeMs < fromMs && this.#windows > 0) continue;
      // Whatever happened before the first window only says who held it then.
      if (timeMs >= fromMs && this.#holder !== undefined && this.#holder !== board) this.#moves++;
      this.#holder = board;
    }
    this.#windows++;
    let open = false;
    for (const { fromMs: beganMs, toMs: endedMs } of report.silencesMs) {
      if (endedMs !== undefined && endedMs <= fromMs) continue;
      const ms = (endedMs ?? toMs) - beganMs - report.stallMsMax;
      if (ms <= SILENCE_MS) continue;
      this.#silenceMsMax = Math.max(this.#silenceMsMax, ms);
      // One that lasts is counted once, and not again where it ends.
      if (!this.#openCounted) this.#silences++;
      if (endedMs === undefined) open = true;
      else this.#openCounted = false;
    }
    this.#openCounted = open;
  }

  get tally(): Tally {
    return {
      moves: this.#moves,
      silences: this.#silences,
      silenceMsMax: Math.round(this.#silenceMsMax),
      holdersMax: this.#holdersMax,
      stallMsMax: Math.round(this.#stallMsMax),
      watchedMs: Math.round(this.#watchedMs),
    };
  }
}
