import { nowMs } from './now-ms.js';

/** Whether a batch is dealt with; `retry` keeps its lines at the front for another attempt. */
export type WriteOutcome = 'done' | 'retry';

export interface LineQueueOptions {
  /** Writes whole lines, each with its newline; must not reject. Only one call is under way at a time. */
  readonly write: (lines: readonly string[]) => Promise<WriteOutcome>;
  /** Lines that may wait (default 2,000); beyond it the newest is dropped and counted, so that the cause of trouble stays. */
  readonly limit?: number;
  /** Characters in one batch (default 262,144), so that no write takes long; a longer line goes alone. */
  readonly batchCharsMax?: number;
  /** Pause before a batch is tried again (default 250 ms). */
  readonly retryMs?: number;
}

/** Lines on their way to a slow place (a disk, a pipe): the caller never waits, and what does not fit is counted. */
export class LineQueue {
  readonly #options: Required<LineQueueOptions>;
  #waiting: string[] = [];
  #busySinceMs: number | undefined;
  #retry: NodeJS.Timeout | undefined;
  #dropped = 0;
  #idle: (() => void)[] = [];

  constructor(options: LineQueueOptions) {
    this.#options = { limit: 2_000, batchCharsMax: 262_144, retryMs: 250, ...options };
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Whether one more line would be taken. */
  get hasRoom(): boolean {
    return this.#waiting.length < this.#options.limit;
  }

  /** How long the write under way has taken, in ms; 0 when there is none. */
  get busyMs(): number {
    return this.#busySinceMs === undefined ? 0 : nowMs() - this.#busySinceMs;
  }

  /** False when the line was dropped. */
  push(line: string): boolean {
    if (!this.hasRoom) {
      this.#dropped++;
      return false;
    }
    this.#waiting.push(line);
    this.#pump();
    return true;
  }

  /** Resolves when nothing waits any more, or after `deadlineMs`; true when everything is out. */
  flush(deadlineMs: number): Promise<boolean> {
    if (this.#isIdle()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), deadlineMs);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  /** Takes the lines that wait, for a last synchronous write. */
  takeAll(): readonly string[] {
    return this.#waiting.splice(0);
  }

  #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#busySinceMs === undefined;
  }

  #pump(): void {
    if (this.#busySinceMs !== undefined || this.#retry !== undefined || this.#waiting.length === 0) return;
    this.#busySinceMs = nowMs();
    const batch = this.#takeBatch();
    void this.#options.write(batch).then((outcome) => {
      this.#busySinceMs = undefined;
      if (outcome === 'retry') {
        this.#waiting.unshift(...batch);
        this.#retry = setTimeout(() => {
          this.#retry = undefined;
          this.#pump();
        }, this.#options.retryMs);
        this.#retry.unref();
        return;
      }
      if (this.#isIdle()) for (const done of this.#idle.splice(0)) done();
      this.#pump();
    });
  }

  #takeBatch(): readonly string[] {
    let chars = 0;
    let count = 0;
    for (const line of this.#waiting) {
      if (count > 0 && chars + line.length > this.#options.batchCharsMax) break;
      chars += line.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }
}
