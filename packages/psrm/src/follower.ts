import type { Children } from './adapters/children.js';
import { readPidFile } from './adapters/pid-file.js';
import { isAlive, readStat } from './adapters/process-table.js';
import type { End, Instance } from './core/events.js';

/** What is no child of ours is looked up this often where the kernel has no pidfds, or we no descriptors. */
const watchMs = 50;
/** How often, and for how long, the PID file of a program is looked for that went into the background. */
const lookMs = 20;
const lookMsMax = 5000;

/** Keeps an eye on processes that psrmd did not start itself: adopted ones, and those in the background. */
export class Follower {
  readonly #children: Children;
  #closed = false;
  /** Of whom news is still wanted: the last that was asked for. */
  #watched = 0;
  #cancel: (() => void) | undefined;

  constructor(children: Children) {
    this.#children = children;
  }

  /** `ended` hears once of this process's end. A later call takes its place: then the earlier one is heard of no more. */
  watch({ pid, startTicks }: Instance, ended: (end: End) => void): void {
    const turn = ++this.#watched;
    this.#cancel?.();
    this.#cancel = undefined;
    const tell = (end: End): void => {
      if (turn !== this.#watched || this.#closed) return;
      this.#watched++;
      ended(end);
    };
    // One whose parent has yet to end becomes our child then: how it ended is told whichever of the two is heard first.
    this.#children.follow(pid, tell);
    const stat = readStat(pid);
    if (stat?.parent === process.pid && stat.startTicks === startTicks && !stat.dead) return;
    const unseen = (): void => {
      if (turn !== this.#watched) return;
      this.#children.settle(pid);
      tell({ kind: 'unseen' });
    };
    const told = this.#children.strangers.watch({ pid, startTicks }, unseen);
    if (told.ok) {
      this.#cancel = told.value;
      return;
    }
    const timer = setInterval(() => {
      if (turn !== this.#watched || this.#closed) clearInterval(timer);
      else if (!isAlive(pid, startTicks)) {
        clearInterval(timer);
        unseen();
      }
    }, watchMs);
    timer.unref();
  }

  /**
   * The first process of `life` has ended with 0, and a PID file should name the one that is the program now. `found`
   * hears of it once the file names a living process that `belongs`, which an old file's does not; `lost` if none does.
   */
  lookFor(
    path: string,
    life: Instance,
    belongs: (pid: number) => boolean,
    found: (instance: Instance) => void,
    lost: () => void,
  ): void {
    const turn = ++this.#watched;
    let looks = Math.ceil(lookMsMax / lookMs);
    const look = (): void => {
      if (turn !== this.#watched || this.#closed) return;
      const pid = readPidFile(path);
      const instance = pid === undefined || !belongs(pid) ? undefined : instanceOf(pid, life);
      looks--;
      if (instance) found(instance);
      else if (looks <= 0) lost();
      else setTimeout(look, lookMs).unref();
    };
    look();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }
}

/** The life `life` as the process `pid`; undefined when that is gone. */
export function instanceOf(pid: number, { number, startedMs }: Instance): Instance | undefined {
  const stat = readStat(pid);
  if (stat === undefined || stat.dead) return undefined;
  const group = stat.group === pid ? {} : { group: stat.group };
  return { number, pid, startTicks: stat.startTicks, startedMs, ...group };
}
