import type { LeaseTable } from './adapters/lease-table.js';
import { PulseRehearsal } from './core/pulse/rehearsal.js';
import type { PulseConfig } from './core/pulse/types.js';

/** A pulse that comes back has addresses to renew before anything else, ms. */
const BEGIN_MS = 1500;
/** Between two moves that are rehearsed: at first, and once all is warm; code that is not used the engine forgets. */
const PAUSE_MS = { first: 40, later: 15_000 };
/** So many, that the engine has optimised what repeats. */
const FIRST = 60;
/** Each so many also in the kernel's tables. */
const KERNEL_EVERY = 20;

/**
 * Rehearses moves between two beats. What takes 5 ms the first time, the library's and the kernel's part of it
 * included, takes half of one when it is done the third time; and the first time may come after months.
 */
export class Rehearsals {
  readonly #play: PulseRehearsal;
  readonly #table: LeaseTable;
  #count = 0;
  #dueMs: number;

  constructor(config: PulseConfig, table: LeaseTable, nowMs: number) {
    this.#play = new PulseRehearsal(config);
    this.#table = table;
    this.#dueMs = nowMs + BEGIN_MS;
  }

  /** One move, if one is due. To be called when nothing else is for some milliseconds. */
  go(nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    this.#play.play();
    if (this.#count % KERNEL_EVERY === 0 || this.#count > FIRST) this.#table.rehearse();
    this.#count++;
    this.#dueMs = nowMs + (this.#count < FIRST ? PAUSE_MS.first : PAUSE_MS.later);
  }
}
