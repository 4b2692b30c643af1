import type { Result } from '@softset/base';
import { becomeSubreaper, type ChildSpec, reapChild, spawnChild } from '@softset/linux/child.js';
import { EndWatch } from '@softset/linux/process-end.js';
import type { End } from '../core/events.js';

/**
 * All children of psrmd: programs, probes that are programs, dumps; and, since it is a subreaper, what programs left
 * behind. So a program that went into the background by itself is a child as well, and its end is told at once. It takes
 * note of every child, so psrmd must not use node:child_process.
 */
export class Children {
  /** For what is no child: adopted ones. */
  readonly strangers = new EndWatch();
  readonly #waiting = new Map<number, (end: End) => void>();
  readonly #reap = (): void => {
    for (let found = reapChild(); found !== undefined; found = reapChild()) {
      const tell = this.#waiting.get(found.pid);
      this.#waiting.delete(found.pid);
      tell?.(found.end);
    }
  };

  constructor() {
    becomeSubreaper(); // Refused by no Linux since 3.4; without it, only what left its parent is looked up and not told.
    process.on('SIGCHLD', this.#reap);
  }

  /** The child is told of once, later. Errors: as `spawnChild`. */
  start(spec: ChildSpec, onEnd: (end: End) => void): Result<number> {
    const started = spawnChild(spec);
    if (started.ok) this.#waiting.set(started.value, onEnd);
    return started;
  }

  /** To be told of the end of a process that became a child, or becomes one when its parent ends. */
  follow(pid: number, onEnd: (end: End) => void): void {
    this.#waiting.set(pid, onEnd);
  }

  /** It has ended: if it was a child, it is told of now; if not, it never will be. */
  settle(pid: number): void {
    this.#reap();
    this.#waiting.delete(pid);
  }

  /** Nobody is told any more. */
  close(): void {
    process.off('SIGCHLD', this.#reap);
    this.#waiting.clear();
  }
}
