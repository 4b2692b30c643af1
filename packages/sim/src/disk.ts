import type { Random } from '@softset/base';
import type { VoteMemory } from '@softset/netrack/core/cluster/types.js';
import { compareVersions, type Register } from '@softset/protocol';
import type { Timeline } from './timeline.js';

/** A board's disk: writes are atomic, in order, and take 0.3 to 4 ms, now and then 40. What was under way at a power cut is lost. */
export class Disk {
  vote: VoteMemory | undefined;
  register: Register | undefined;
  readonly #timeline: Timeline;
  readonly #random: Random;
  #doneMs = 0;
  #life = 0;

  constructor(timeline: Timeline, random: Random, vote: VoteMemory) {
    this.#timeline = timeline;
    this.#random = random;
    this.vote = vote;
  }

  /** A later write may have been faster: an older version does not replace a newer one. */
  keep(register: Register): void {
    if (!this.register || compareVersions(register, this.register) > 0) this.register = register;
  }

  write(commit: (disk: Disk) => void): void {
    const tookMs = this.#random.chance(0.01) ? 40 * this.#random.next() : 0.3 + this.#random.next() * 2;
    this.#doneMs = Math.max(this.#timeline.nowMs, this.#doneMs) + tookMs;
    const life = this.#life;
    this.#timeline.at(this.#doneMs, () => {
      if (life === this.#life) commit(this);
    });
  }

  /** At leisure: a power cut in the next 60 ms finds the older content (R2). */
  writeLazily(commit: (disk: Disk) => void): void {
    const life = this.#life;
    this.#timeline.after(60, () => {
      if (life === this.#life) commit(this);
    });
  }

  powerOff(content: 'kept' | 'lost'): void {
    this.#life++;
    if (content === 'kept') return;
    this.vote = undefined;
    this.register = undefined;
  }
}
