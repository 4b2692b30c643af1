import { fail, type Result } from '@softset/base';
import { goBefore, holdOf, type Standing } from './core/order.js';
import type { Keeper } from './keeper.js';

/** What KILL may take. */
const stopGraceMs = 5000;

/**
 * Keeps the programs of a board in order: tells each what it must wait for, whenever another's standing changes, and
 * lets an order to stop wait until what stands on the program is gone. Programs that nothing is said of cost nothing.
 */
export class StartingOrder {
  readonly #keepers: ReadonlyMap<string, Keeper>;
  readonly #leaving = new Map<string, number>();
  #waits: { readonly program: string; readonly go: () => void }[] = [];
  #working = false;
  #again = false;

  constructor(keepers: ReadonlyMap<string, Keeper>) {
    this.#keepers = keepers;
  }

  get #ordered(): boolean {
    for (const { program } of this.#keepers.values())
      if (program.after.length > 0 || program.requires.length > 0) return true;
    return false;
  }

  /** Before anything begins: all that have somebody to wait for wait. */
  hold(): void {
    for (const keeper of this.#keepers.values()) {
      const [by] = [...keeper.program.requires, ...keeper.program.after];
      if (by !== undefined) keeper.hold({ by, must: false });
    }
  }

  /** Whenever a program's standing may have changed. What it tells may change another's: it goes on until nothing does. */
  look(): void {
    this.#again = true;
    if (this.#working) return;
    if (!this.#ordered) {
      // The order was taken out of the configuration meanwhile.
      for (const { go } of this.#waits.splice(0)) go();
      return;
    }
    this.#working = true;
    while (this.#again) {
      this.#again = false;
      const all = this.#standings();
      for (const [name, keeper] of this.#keepers) {
        const { after, requires } = keeper.program;
        if (after.length > 0 || requires.length > 0) keeper.hold(holdOf(name, all));
      }
      this.#waits = this.#waits.filter(({ program, go }) => {
        if (goBefore(program, all).length > 0) return true;
        go();
        return false;
      });
    }
    this.#working = false;
  }

  /**
   * Does `stop` once all that must be gone before are; until it is done the program counts as leaving. Fails `NOT_STOPPED`
   * where those take longer than all of them may, and as `stop` does.
   */
  async stopInOrder(program: string, stop: () => Promise<Result<void>>): Promise<Result<void>> {
    if (!this.#ordered) return stop();
    this.#leaving.set(program, (this.#leaving.get(program) ?? 0) + 1);
    try {
      // Orders for several programs come one after the other: let them all in, so that they are seen together.
      await new Promise((resolve) => setImmediate(resolve));
      const gone = await this.#goneBefore(program);
      return gone ? await stop() : fail('NOT_STOPPED', `what requires ${program} still runs, long after KILL`);
    } finally {
      const count = (this.#leaving.get(program) ?? 1) - 1;
      if (count > 0) this.#leaving.set(program, count);
      else this.#leaving.delete(program);
      this.look();
    }
  }

  /** Resolves once who must go before is gone; false when that takes too long. */
  #goneBefore(program: string): Promise<boolean> {
    return new Promise((resolve) => {
      const wait = {
        program,
        go: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      const timer = setTimeout(() => {
        this.#waits = this.#waits.filter((one) => one !== wait);
        resolve(false);
      }, this.#allStopMs());
      this.#waits.push(wait);
      this.look();
    });
  }

  /** More than one after the other could take. */
  #allStopMs(): number {
    let ms = stopGraceMs;
    for (const { program } of this.#keepers.values())
      ms += program.stop.timeoutMs + (program.stop.dump?.timeoutMs ?? 0);
    return ms;
  }

  #standings(): ReadonlyMap<string, Standing> {
    return new Map(
      [...this.#keepers].map(([name, keeper]) => [name, { ...keeper.standing(), leaving: this.#leaving.has(name) }]),
    );
  }
}
