import {
  type BoardId,
  boardById,
  type Cluster,
  type NetrackState,
  type PlacementReason,
  type Service,
  type ServiceState,
} from '@softset/protocol';
import { isWarm, standsBy, unfitToTake } from './fitness.js';
import type { History } from './history.js';
import { type Occupancy, rankOf, weightOf } from './occupancy.js';

/** What placement looks at. */
export interface Ground {
  readonly cluster: Cluster;
  readonly state: NetrackState;
  readonly history: History;
  readonly occupancy: Occupancy;
}

/** One service of a unit, and what is to become of it. */
export interface Member {
  readonly service: Service;
  readonly now: ServiceState;
  /** Why its living holder is to give it up; absent when it may stay. */
  readonly leaves?: string;
  /** The board that it cannot be moved from now, or is on its way to. */
  readonly fixed?: BoardId;
}

/** A board of the pool as it was weighed: data, so that it can be told. */
export interface Candidate {
  readonly board: BoardId;
  readonly refused?: string;
  /** What speaks against it, the weightiest first. */
  readonly marks: readonly (readonly [boolean, string])[];
  readonly triedMs: number;
  /** Services that would have to move. */
  readonly moves: number;
  readonly rank: number;
  /** With the services that would come. */
  readonly load: number;
  readonly position: number;
}

export const PINNED_ELSEWHERE = 'another is pinned';

/** Every board of the pool of `first`, the best first; those that are refused last. */
export function candidates(ground: Ground, unit: readonly Member[], first: Member): readonly Candidate[] {
  const weighed = first.service.pool.map((board, position) => weigh(ground, unit, first, board, position));
  return weighed.sort(compare);
}

/**
 * The order of preference. A board that failed to take it a moment ago stands behind all others; then as little as can
 * be is moved; then come the marks, the rank, the load, and at last the pool's own order.
 */
function compare(a: Candidate, b: Candidate): number {
  if ((a.refused === undefined) !== (b.refused === undefined)) return a.refused === undefined ? -1 : 1;
  const tried = (one: Candidate): number => (one.triedMs > 0 ? 1 : 0);
  const mark = a.marks.findIndex(([set], i) => set !== b.marks[i]?.[0]);
  return (
    tried(a) - tried(b) ||
    a.moves - b.moves ||
    (mark < 0 ? 0 : a.marks[mark]?.[0] ? 1 : -1) ||
    a.triedMs - b.triedMs ||
    a.rank - b.rank ||
    a.load - b.load ||
    a.position - b.position
  );
}

function weigh(ground: Ground, unit: readonly Member[], first: Member, board: BoardId, position: number): Candidate {
  const { cluster, state, history, occupancy } = ground;
  const comers = unit.filter((member) => !(member.now.phase === 'held' && member.now.holder?.board === board));
  const weight = sum(comers.map(({ service }) => (occupancy.at(service.name).includes(board) ? 0 : weightOf(service))));
  const tried = comers.flatMap(({ service }) =>
    history.attempts.filter((entry) => entry.service === service.name && entry.board === board),
  );
  const gateway = state.boards.find((entry) => entry.board === board)?.gateway;
  const pins = unit.flatMap(({ now }) => now.pin ?? []);
  const refused = refusal(ground, unit, first, board, weight);
  // At the start of day programs come up in any order, and nobody waits for one rather than for another: rank decides.
  const waited = unit.some(({ now }) => now.holder !== undefined);
  const cold = waited && !comers.every(({ service }) => isWarm(cluster, state, service, board));
  return {
    board,
    ...(refused === undefined ? {} : { refused }),
    marks: [
      [tried.length > 0, 'it failed to take it a moment ago'],
      [gateway === false, 'it does not reach the gateway'],
      // Before the pin: an operator's word about the whole board counts more than one about a service's next choice.
      [standsBy(state, board), 'it stands by'],
      [pins.length > 0 && !pins.includes(board), PINNED_ELSEWHERE],
      [unit.some(({ now }) => now.phase === 'free' && now.holder?.board === board), 'it just lost it'],
      [cold, 'its standby programs do not run'],
    ],
    triedMs: Math.max(0, ...tried.map((entry) => entry.atMs)),
    moves: comers.length,
    rank: sum(unit.map(({ service, now }) => rankOf(service, board, now.pin))),
    load: occupancy.load(board, weight),
    position,
  };
}

/** Why the unit may not come to `board`; undefined when it may. */
function refusal(
  { cluster, state, occupancy }: Ground,
  unit: readonly Member[],
  first: Member,
  board: BoardId,
  weight: number,
): string | undefined {
  const whose = (member: Member, why: string): string =>
    member === first ? why : `${member.service.name} goes with it: ${why}`;
  for (const member of unit) {
    const { service, now, leaves, fixed } = member;
    const here = now.phase === 'held' && now.holder?.board === board;
    if (here && leaves !== undefined) return whose(member, 'it is to give it up');
    if (fixed !== undefined && fixed !== board)
      return `together with ${service.name}, which is on ${boardById(cluster, fixed)?.name}`;
    if (here || fixed === board) continue;
    if (!service.pool.includes(board)) return whose(member, 'it is not in the pool');
    const unfit = unfitToTake(cluster, state, service, board);
    if (unfit !== undefined) return whose(member, unfit);
    const near = (service.apart ?? []).find((other) => occupancy.at(other).includes(board));
    if (near !== undefined) return whose(member, `apart from ${near}`);
  }
  if (occupancy.fits(board, weight)) return undefined;
  return `it is full: load would be ${occupancy.load(board, weight)}`;
}

/** What was thought of each board, in the order of the pool. */
export function reasonsOf(weighed: readonly Candidate[], chosen: BoardId | undefined): readonly PlacementReason[] {
  return [...weighed]
    .sort((a, b) => a.position - b.position)
    .map(({ board, refused, marks, rank, load }) => {
      if (refused !== undefined) return { board, chosen: false, why: `refused, ${refused}` };
      const against = marks.filter(([set]) => set).map(([, text]) => text);
      const though = against.length === 0 ? '' : `, though ${against.join(' and ')}`;
      return {
        board,
        chosen: board === chosen,
        why: `${board === chosen ? 'chosen' : 'fit'}, rank ${rank}, load ${load}${though}`,
      };
    });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
