import { setTimeout as sleep } from 'node:timers/promises';
import type { Ip, Mac } from '@softset/base';
import { monotonicMs } from '../clock.js';
import type { HoldersReport } from '../holders.js';
import { PipedProcess } from '../pipe-lines.js';

export interface ObserverSetting {
  readonly addresses: readonly Ip[];
  /** Which board a MAC belongs to; a MAC of nobody counts as a holder of its own. */
  readonly boards: Readonly<Record<Mac, string>>;
}

export interface ObserverReport extends HoldersReport {
  /** How long the observer itself was held up, at worst: what happened meanwhile it did not see. */
  readonly stallMsMax: number;
}

/**
 * Asks each millisecond, on both switches, who has each watched address. The lab's judge of safety: it sees answers, so
 * a board that nobody can reach does not count. Keeps the last million answers.
 */
export class Observer {
  readonly #process: PipedProcess;

  private constructor(process: PipedProcess) {
    this.#process = process;
  }

  static async start(command: readonly [string, ...string[]]): Promise<Observer> {
    return new Observer(await PipedProcess.start(command));
  }

  /** This instant, for `read` later. */
  mark(): number {
    return monotonicMs();
  }

  /** What was seen from `sinceMs` until now. */
  read(sinceMs: number): Promise<ObserverReport> {
    return this.#process.ask('read', { sinceMs });
  }

  /** Waits until `board` answers for `address`; false when the time is over. */
  async heldBy(address: Ip, board: string, timeoutMs: number): Promise<boolean> {
    const deadlineMs = monotonicMs() + timeoutMs;
    while (monotonicMs() < deadlineMs) {
      const { timeline } = await this.read(monotonicMs() - 20);
      const last = timeline.filter((change) => change.address === address).at(-1);
      if (last?.board === board) return true;
      await sleep(5);
    }
    return false;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}
