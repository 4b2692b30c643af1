import { goBefore, holdOf, type Standing } from './core/order.js';
import type { Keeper } from './keeper.js';

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
    if (this.#working || !this.#ordered) return;
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

  /** Does `stop` once all that must be gone before are; until it is done the program counts as leaving. */
  async stopInOrder<T>(program: string, stop: () => Promise<T>): Promise<T> {
    if (!this.#ordered) return stop();
    this.#leaving.set(program, (this.#leaving.get(program) ?? 0) + 1);
    try {
      // Orders for several programs come one after the other: let them all in, so that they are seen together.
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise<void>((go) => {
        this.#waits.push({ program, go });
        this.look();
      });
      return await stop();
    } finally {
      const count = (this.#leaving.get(program) ?? 1) - 1;
      if (count > 0) this.#leaving.set(program, count);
      else this.#leaving.delete(program);
      this.look();
    }
  }

  #standings(): ReadonlyMap<string, Standing> {
    return new Map(
      [...this.#keepers].map(([name, keeper]) => [name, { ...keeper.standing(), leaving: this.#leaving.has(name) }]),
    );
  }
}
