import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../clock.js';
import type { Outage } from '../outage.js';
import { PipedProcess } from '../pipe-lines.js';

export interface ProberOptions {
  readonly address: string;
  readonly port: number;
  /** Between probes; default 1 ms. */
  readonly intervalMs?: number;
}

export interface ProbedOutage extends Outage {
  /** How long the prober itself was held up, at worst, in that window: the outage is not known better than this. */
  readonly stallMsMax: number;
}

/** An outside client that probes a UDP echo and knows when it was silent. Keeps the last 8 minutes at 1 ms. */
export class Prober {
  readonly #process: PipedProcess;

  private constructor(process: PipedProcess) {
    this.#process = process;
  }

  static async start(command: readonly [string, ...string[]]): Promise<Prober> {
    return new Prober(await PipedProcess.start(command));
  }

  /** This instant, for `outage` later. */
  mark(): number {
    return monotonicMs();
  }

  /** The longest silence that touches [instant, instant + window]; waits until the window is over. */
  async outage(instantMs: number, windowMs = 1_000): Promise<ProbedOutage> {
    await sleep(Math.max(0, instantMs + windowMs - monotonicMs()));
    return this.#process.ask('outage', { instantMs, windowMs });
  }

  /** Replies received since an instant, by board. */
  replies(sinceMs: number): Promise<{ readonly count: number; readonly boards: Readonly<Record<string, number>> }> {
    return this.#process.ask('replies', { sinceMs });
  }

  /** Waits until a reply came after `sinceMs` (from `board`, if named); false when the time is over. */
  async answered(sinceMs: number, timeoutMs: number, board?: string): Promise<boolean> {
    const deadlineMs = monotonicMs() + timeoutMs;
    while (monotonicMs() < deadlineMs) {
      const { count, boards } = await this.replies(sinceMs);
      if (board === undefined ? count > 0 : (boards[board] ?? 0) > 0) return true;
      await sleep(5);
    }
    return false;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}
