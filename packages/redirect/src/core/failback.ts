import type { BoardId, Service } from '@softset/protocol';
import { type Candidate, candidates, type Ground, type Member } from './candidates.js';
import { rankOf, weightOf } from './occupancy.js';

/** How long after its time of day a daily failback may still begin, in minutes. */
const DAILY_MIN = 10;

export interface Failback {
  readonly board: BoardId;
  readonly weighed: readonly Candidate[];
  readonly cause: string;
}

/**
 * Whether a unit that is well where it is should go back: to a board of better rank, or of the same rank and so much
 * less load that the move makes the fuller of the two emptier, which cannot go to and fro. `minuteOfDay` is the
 * director's wall time; without it nothing is daily.
 */
export function failback(
  ground: Ground,
  unit: readonly Member[],
  nowMs: number,
  minuteOfDay: number | undefined,
): Failback | undefined {
  const [first] = unit;
  const from = first?.now.holder?.board;
  if (first === undefined || from === undefined) return undefined;
  if (unit.some(({ now, fixed }) => fixed !== undefined || now.phase !== 'held' || now.holder?.board !== from)) return;
  if (!unit.every(({ service }) => isTime(service, minuteOfDay))) return undefined;
  const { history, occupancy } = ground;
  const rank = unit.reduce((total, { service, now }) => total + rankOf(service, from, now.pin), 0);
  const weight = unit.reduce((total, { service }) => total + weightOf(service), 0);
  const stableMs = Math.max(...unit.map(({ service }) => service.failbackStableMs ?? 0));
  const weighed = candidates(ground, unit, first);
  const better = weighed
    .filter(({ board, refused, marks }) => board !== from && refused === undefined && !marks.some(([set]) => set))
    .filter(({ board }) => nowMs - (history.wellSinceMs[board] ?? Number.POSITIVE_INFINITY) >= stableMs)
    .filter((one) => one.rank < rank || (one.rank === rank && weight > 0 && one.load < occupancy.loadAfter(from)))
    .sort((a, b) => a.rank - b.rank || a.load - b.load || a.position - b.position)[0];
  if (better === undefined) return undefined;
  const why =
    better.rank < rank ? `rank ${better.rank}, not ${rank}` : `load ${better.load}, not ${occupancy.loadAfter(from)}`;
  return { board: better.board, weighed, cause: `failback: ${why}, and well for ${stableMs / 1000} s` };
}

function isTime({ failback: policy, failbackAtMin }: Service, minuteOfDay: number | undefined): boolean {
  if (policy !== 'daily') return policy === 'auto';
  if (minuteOfDay === undefined || failbackAtMin === undefined) return false;
  return (minuteOfDay - failbackAtMin + 1440) % 1440 < DAILY_MIN;
}
