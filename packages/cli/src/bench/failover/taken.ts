import type { ProbedOutage } from '@softset/lab';
import type { Measured } from '../row.js';

/** One run of one case: a figure, or why there is none. */
export type Taken = { readonly ms: number; readonly stallMs: number } | { readonly unable: string };

/** A prober that was itself held up for longer does not know the outage well enough, ms. */
const stallMaxMs = 5;
const repeatsMax = 2;

export const fromOutage = ({ outageMs, stallMsMax }: ProbedOutage): Taken => ({ ms: outageMs, stallMs: stallMsMax });

/** Takes a run again, at most twice, when its prober stalled; the last one counts, whatever it is. */
export class Takings {
  readonly #samples: number[] = [];
  readonly #unable = new Map<string, number>();
  #runs = 0;
  #repeats = 0;
  #stallMs = 0;
  #stalled = 0;

  async take(run: () => Promise<Taken>): Promise<void> {
    this.#runs++;
    for (let repeats = 0; ; repeats++) {
      // One run that the lab refuses or cannot do, on a machine that does other things as well, ends no benchmark.
      const taken = await run().catch((error: Error): Taken => ({ unable: error.message }));
      if ('unable' in taken) {
        this.#unable.set(taken.unable, (this.#unable.get(taken.unable) ?? 0) + 1);
        return;
      }
      const stalled = taken.stallMs > stallMaxMs;
      if (stalled && repeats < repeatsMax) {
        this.#repeats++;
        continue;
      }
      if (stalled) this.#stalled++;
      if (stalled) this.#stallMs = Math.max(this.#stallMs, taken.stallMs);
      this.#samples.push(taken.ms);
      return;
    }
  }

  measured(): Measured {
    const notes = [...this.#unable].map(([why, times]) => `${why} (${times} of ${counted(this.#runs, 'run')})`);
    if (this.#repeats > 0) notes.push(`${counted(this.#repeats, 'run')} taken again: the prober was held up`);
    if (this.#stalled > 0) {
      notes.push(
        `${counted(this.#stalled, 'figure')} of a prober that was held up, by ${Math.round(this.#stallMs)} ms at most`,
      );
    }
    return { samples: this.#samples, notes };
  }
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
