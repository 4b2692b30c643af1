import { type BoardId, boardById, type Cluster } from '@softset/protocol';
import { rehearse } from './core/cluster/rehearsal.js';

/** The start itself needs the processor more, ms. */
const BEGIN_MS = 2000;
/** A little at a time: a twentieth of a processor, for some ten seconds. */
const PAUSE_MS = 20;
const SLICE_MS = 1;
/** So many, that the engine has optimised what repeats. */
const ROUNDS = 40;

/**
 * Rehearses failovers after a daemon's start, while nothing else is to be done: on boards that may come to direct. The
 * others would only take the processors from those. Returns how to stop it.
 */
export function beginRehearsal(cluster: Cluster, self: BoardId, busy: () => boolean): () => void {
  if (boardById(cluster, self)?.vote !== true) return () => undefined;
  const play = rehearse(cluster, self, ROUNDS);
  const slice = (): void => {
    const untilMs = performance.now() + SLICE_MS;
    let ended = false;
    while (!ended && !busy() && performance.now() < untilMs) ended = play.next().done === true;
    if (!ended) timer = setTimeout(slice, PAUSE_MS);
  };
  let timer = setTimeout(slice, BEGIN_MS);
  return () => clearTimeout(timer);
}
