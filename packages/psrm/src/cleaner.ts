import type { Logger } from '@softset/runtime/log.js';
import type { Owner } from './adapters/mark.js';
import { killMarked, killRemains, type Life } from './adapters/remains.js';

/** How soon the remains of an ended life are looked for again, growing to the second number. */
const cleanAgainMsMin = 2;
const cleanAgainMsMax = 50;
/** A restart does not wait for what left its process group; it is swept away a little later. */
const sweepAfterMs = 20;

/** Kills what the lives of one program left behind. */
export class Cleaner {
  readonly #owner: Owner;
  readonly #program: string;
  readonly #log: Logger;
  #closed = false;

  constructor(owner: Owner, program: string, log: Logger) {
    this.#owner = owner;
    this.#program = program;
    this.#log = log;
  }

  /** `gone` hears once nothing is left: at once where nothing was. */
  clean(life: Life, thorough: boolean, gone: () => void, againMs = cleanAgainMsMin): void {
    if (this.#closed) return;
    if (killRemains(life, thorough) === 0) {
      gone();
      return;
    }
    setTimeout(() => this.clean(life, thorough, gone, Math.min(againMs * 2, cleanAgainMsMax)), againMs);
  }

  /** What lives below this number left behind, in the shadow of the start. */
  sweep(below: number): void {
    const kill = (): void => {
      const pids = this.#closed ? [] : killMarked(this.#owner, this.#program, below - 1);
      if (pids.length > 0) this.#log.warn('remains-killed', { program: this.#program, pids });
    };
    setTimeout(kill, sweepAfterMs).unref();
  }

  close(): void {
    this.#closed = true;
  }
}
