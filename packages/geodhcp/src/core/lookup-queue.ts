import type { Mac } from '@softset/base';

/**
 * Which look-ups run, and which wait. An agent answers some hundred questions a second, one after the other: asked for
 * thousands at once, it answers none in time, and a flood from devices that nobody knows would keep the switches from
 * telling where the known boards are. So a few run, devices that have a lease go first, and of the others the oldest
 * are given up: who sent them asks again, or was never a board.
 */
export interface LookupQueue {
  readonly running: ReadonlySet<Mac>;
  readonly known: readonly Mac[];
  readonly others: readonly Mac[];
}

export interface QueueTurn {
  readonly queue: LookupQueue;
  /** To be begun now. */
  readonly begin: readonly Mac[];
  /** Given up. */
  readonly drop: readonly Mac[];
}

/** At ten ms for a question, the last of them waits no longer than a fifth of the time that a look-up has. */
export const RUNNING_MAX = 16;
/** As many as questions of devices may wait. */
export const WAITING_MAX = 256;

export const emptyQueue: LookupQueue = { running: new Set(), known: [], others: [] };

/** A look-up is wanted; one that runs or waits already is not wanted twice, but may become more urgent. */
export function enqueue(was: LookupQueue, mac: Mac, isKnown: boolean): QueueTurn {
  if (was.running.has(mac) || was.known.includes(mac)) return { queue: was, begin: [], drop: [] };
  const others = was.others.filter((one) => one !== mac);
  const queue: LookupQueue = isKnown
    ? { ...was, known: [...was.known, mac], others }
    : { ...was, others: was.others.includes(mac) ? was.others : [...others, mac] };
  const begun = beginSome(queue, []);
  const { known, others: waiting } = begun.queue;
  const over = Math.max(0, known.length + waiting.length - WAITING_MAX);
  const drop = waiting.slice(0, over);
  return { ...begun, queue: { ...begun.queue, others: waiting.slice(drop.length) }, drop };
}

/** One that ran is over. */
export function finished(was: LookupQueue, mac: Mac): QueueTurn {
  const running = new Set(was.running);
  running.delete(mac);
  return beginSome({ ...was, running }, []);
}

function beginSome(queue: LookupQueue, begin: readonly Mac[]): QueueTurn {
  const next = queue.known[0] ?? queue.others[0];
  if (next === undefined || queue.running.size >= RUNNING_MAX) return { queue, begin, drop: [] };
  const [known, others] = queue.known.length > 0 ? [queue.known.slice(1), queue.others] : [[], queue.others.slice(1)];
  return beginSome({ running: new Set(queue.running).add(next), known, others }, [...begin, next]);
}
