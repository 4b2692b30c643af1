import { killRemains, type Life } from './adapters/remains.js';

/** How soon the remains of an ended life are looked for again, growing to the second number. */
const cleanAgainMsMin = 2;
const cleanAgainMsMax = 50;

/** Kills what an ended life of one program left behind, until nothing of it is left. */
export class Cleaner {
  #closed = false;

  /** `gone` hears once nothing is left: at once where nothing was. */
  clean(life: Life, thorough: boolean, gone: () => void, againMs = cleanAgainMsMin): void {
    if (this.#closed) return;
    if (killRemains(life, thorough) === 0) {
      gone();
      return;
    }
    setTimeout(() => this.clean(life, thorough, gone, Math.min(againMs * 2, cleanAgainMsMax)), againMs);
  }

  close(): void {
    this.#closed = true;
  }
}
