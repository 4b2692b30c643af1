import { setTimeout as sleep } from 'node:timers/promises';
import type { Observer } from '@softset/lab';
import { type Tally, Tallying } from './tally.js';

/** The observer keeps its last million answers, some minutes of them: it is read far more often. */
const WINDOW_MS = 5000;
/** Looked back over, for silences that began before a window. */
const BACK_MS = 2000;

/** Watches the address for so long, or until `over`. */
export async function watch(observer: Observer, ms: number, over: () => boolean = () => false): Promise<Tally> {
  const tallying = new Tallying();
  const endMs = observer.mark() + ms;
  for (let fromMs = observer.mark(); fromMs < endMs && !over(); ) {
    await sleep(Math.max(0, Math.min(WINDOW_MS, endMs - fromMs)));
    const toMs = observer.mark();
    tallying.add(await observer.read(fromMs - BACK_MS), fromMs, toMs);
    fromMs = toMs;
  }
  return tallying.tally;
}
