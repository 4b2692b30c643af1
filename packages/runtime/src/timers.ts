import type { NowMs } from '@softset/base';
import { nowMs as monotonicMs } from './now-ms.js';

/** setTimeout takes a signed 32-bit count of ms and fires at once beyond it. */
const timeoutMsMax = 2 ** 31 - 1;

/**
 * Named timers by absolute monotonic deadline: arming a name again replaces it, a deadline in the past fires on the next
 * turn of the loop, and none fires early (setTimeout rounds to its loop's cached millisecond and may).
 */
export class Timers {
  readonly #nowMs: NowMs;
  readonly #armed = new Map<string, NodeJS.Timeout>();

  constructor(nowMs: NowMs = monotonicMs) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#armed.size;
  }

  /** `fire` learns how late it is, in ms (≥ 0): a slow loop is an event too. */
  arm(name: string, deadlineMs: number, fire: (lateMs: number) => void): void {
    this.cancel(name);
    const waitMs = Math.min(Math.max(Math.ceil(deadlineMs - this.#nowMs()), 0), timeoutMsMax);
    const timer = setTimeout(() => {
      const lateMs = this.#nowMs() - deadlineMs;
      if (lateMs < 0) {
        this.arm(name, deadlineMs, fire);
        return;
      }
      this.#armed.delete(name);
      fire(lateMs);
    }, waitMs);
    this.#armed.set(name, timer);
  }

  cancel(name: string): void {
    clearTimeout(this.#armed.get(name));
    this.#armed.delete(name);
  }

  cancelAll(): void {
    for (const name of [...this.#armed.keys()]) this.cancel(name);
  }
}
