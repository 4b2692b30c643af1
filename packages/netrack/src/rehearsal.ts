import { type BoardId, boardById, type Cluster } from '@softset/protocol';
import { rehearse } from './core/cluster/rehearsal.js';

/** The start itself needs the processor more, ms. */
const BEGIN_MS = 2000;
/** A little at a time, and a twentieth of a processor: a step that finds cold caches takes several milliseconds. */
const PAUSE_MS = 20;
const PAUSE_SLICES = 19;
const SLICE_MS = 1;
/** So many, that the engine has optimised what repeats. */
const ROUNDS = 40;
/** And one more each time, ms: what is not used for long the engine forgets. */
const AGAIN_MS = 15_000;

/**
 * Rehearses failovers after a daemon's start, while nothing else is to be done: on boards that may come to direct. The
 * others would only take the processors from those. Returns how to stop it.
 */
export function beginRehearsal(cluster: Cluster, self: BoardId, busy: () => boolean): () => void {
  if (boardById(cluster, self)?.vote !== true) return () => undefined;
  let play = rehearse(cluster, self, ROUNDS);
  const slice = (): void => {
    const beganMs = performance.now();
    let ended = false;
    while (!ended && !busy() && performance.now() < beganMs + SLICE_MS) ended = play.next().done === true;
    if (ended) play = rehearse(cluster, self, 1);
    const pauseMs = Math.max(PAUSE_MS, PAUSE_SLICES * (performance.now() - beganMs));
    timer = setTimeout(slice, ended ? AGAIN_MS : pauseMs);
  };
  let timer = setTimeout(slice, BEGIN_MS);
  return () => clearTimeout(timer);
}
