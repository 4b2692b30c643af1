import type { Logger } from '@softset/runtime/log.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { findMarked, type Marked, type Owner } from './adapters/mark.js';
import { killProcess } from './adapters/process-table.js';

/** A restart does not wait for what left its process group; it is swept away a little later. */
const afterMs = 20;
/** No later than this, however many restart meanwhile. */
const afterMsMax = 500;

/**
 * Kills what earlier lives of all programs left in other sessions, in the shadow of their restarts. To find it, the mark
 * of every process of the machine is read; so that is done once for all that restart together.
 */
export class Sweeper {
  readonly #owner: Owner;
  readonly #log: Logger;
  /** By program: the life below which nothing may be left. */
  readonly #asked = new Map<string, number>();
  #firstMs = 0;
  #lastMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(owner: Owner, log: Logger) {
    this.#owner = owner;
    this.#log = log;
  }

  ask(program: string, below: number): void {
    this.#asked.set(program, below);
    this.#lastMs = nowMs();
    if (this.#timer) return;
    this.#firstMs = this.#lastMs;
    this.#wait(afterMs);
  }

  /** Nothing of this program's is to be touched any more. */
  forget(program: string): void {
    this.#asked.delete(program);
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.#look(), ms).unref();
  }

  #look(): void {
    const atMs = nowMs();
    const leftMs = Math.min(this.#lastMs + afterMs, this.#firstMs + afterMsMax) - atMs;
    if (leftMs > 0) {
      this.#wait(leftMs);
      return;
    }
    this.#timer = undefined;
    this.#sweep();
  }

  #sweep(): void {
    if (this.#asked.size === 0) return;
    let marked: readonly Marked[];
    try {
      marked = findMarked(this.#owner);
    } catch {
      // Out of descriptors: later.
      this.#wait(afterMsMax);
      return;
    }
    const killed = new Map<string, number[]>();
    for (const { program, number, pid } of marked) {
      if (number >= (this.#asked.get(program) ?? 0)) continue;
      killProcess(pid);
      killed.set(program, [...(killed.get(program) ?? []), pid]);
    }
    this.#asked.clear();
    for (const [program, pids] of killed) this.#log.warn('remains-killed', { program, pids });
  }
}
