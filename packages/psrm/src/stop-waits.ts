import { type Failure, fail, ok, type Result } from '@softset/base';
import type { Program, ProgramStatus } from '@softset/protocol';

/** Beyond `stop.timeoutMs`, what a KILL may take before an order to stop is answered NOT_STOPPED. */
const stopGraceMs = 5000;

/** Those who ordered a program to stop and wait until nothing of it is left. */
export class StopWaits {
  readonly #waiting = new Set<(result: Result<void>) => void>();

  /** Fails `NOT_STOPPED` when that takes too long, or it was started meanwhile. */
  wait({ name, stop }: Program): Promise<Result<void>> {
    return new Promise((resolve) => {
      const settle = (result: Result<void>): void => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        resolve(result);
      };
      const late = (): void => settle(notStopped(`${name} still runs, long after KILL`));
      const timer = setTimeout(late, stop.timeoutMs + (stop.dump?.timeoutMs ?? 0) + stopGraceMs);
      this.#waiting.add(settle);
    });
  }

  told({ program, state, wanted }: ProgramStatus): void {
    for (const settle of [...this.#waiting]) {
      // Given up with its board meanwhile: nothing of it is left then, either.
      if (state === 'stopped' || state === 'failed') settle(ok(undefined));
      else if (wanted) settle(notStopped(`${program} was started again`));
    }
  }
}

function notStopped(message: string): Failure<'NOT_STOPPED'> {
  return fail('NOT_STOPPED', message);
}
