import { type Candidate, candidates, type Ground, type Member, PINNED_ELSEWHERE } from './candidates.js';
import { standsBy } from './fitness.js';
import { RELIEF_CAUSE } from './history.js';

export interface Relief {
  readonly board: number;
  readonly weighed: readonly Candidate[];
  readonly cause: string;
}

/**
 * Whether a unit that is well where it is should leave it because that board stands by (000 Figs 4, 6: a spare takes over,
 * and an active board takes it again). Only for an active board that stands well in every way, its standby programs
 * running: until there is one nobody needs the outage of a move. A pin to the spare does not hold it there.
 */
export function relief(ground: Ground, unit: readonly Member[]): Relief | undefined {
  const [first] = unit;
  const from = first?.now.holder?.board;
  if (first === undefined || from === undefined || !standsBy(ground.state, from)) return undefined;
  if (unit.some(({ now, fixed }) => fixed !== undefined || now.phase !== 'held' || now.holder?.board !== from)) return;
  const weighed = candidates(ground, unit, first);
  const [best] = relievers(weighed);
  if (best === undefined) return undefined;
  const name = ground.state.boards.find(({ board }) => board === from)?.name ?? `board ${from}`;
  return { board: best.board, weighed, cause: `${name} ${RELIEF_CAUSE}` };
}

/** Of the candidates, those with nothing against them, the best first: that it stands by would be something. */
export function relievers(weighed: readonly Candidate[]): readonly Candidate[] {
  return weighed.filter(
    ({ refused, marks }) => refused === undefined && !marks.some(([set, text]) => set && text !== PINNED_ELSEWHERE),
  );
}
