import type { BoardId } from '@softset/protocol';
import { clear } from './clear.js';
import { stepDown } from './elect.js';
import { candidates, entryOf } from './grants.js';
import { amend } from './register.js';
import { voters } from './state.js';
import type { ClusterConfig, ClusterEffect, ClusterState } from './types.js';

/**
 * Membership for good (000 Figs 4, 6): a board leaves, its services first, then its vote; or it returns.
 *
 * ```
 *            leave: it holds nothing, R4 holds           a majority has the write
 *   member ───────────────────────────────────► leaving ─────────────────────────► left, a director makes room
 *      ▲                                                                             │
 *      └───────────────────── return: R4 holds, then a majority has it ◄─────────────┘
 * ```
 * R4: votes change by one at a time, and only when a majority has the director's newest register, written in its own
 * term. Then any two majorities that count anywhere have a board in common, and whoever stands learns of the newest votes from
 * one of its voters, which has them on disk (R2). Without: two changes in a row that nobody heard of leave a director
 * alone with its proof, while those that it struck off elect another.
 */
export function wishVote(state: ClusterState, board: BoardId, counts: boolean, config: ClusterConfig): ClusterEffect[] {
  const member = state.register.members.find((one) => one.board === board);
  if (!state.lead || !member) return [];
  // The last vote is nobody's to give away: no write could ever count again.
  const lastVote = !counts && voters(state, config).every((id) => id === board);
  if (lastVote || counts === (member.left !== true)) {
    state.lead.votes.delete(board);
    return [];
  }
  state.lead.votes.set(board, counts);
  return [];
}

export function tendVotes(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const { lead } = state;
  if (!lead) return [];
  const effects: ClusterEffect[] = [];
  for (const [board, counts] of lead.votes) {
    if (!settled(state) && !config.without.has('R4')) break;
    if (!counts && !holdsNothing(state, board, nowMs, config)) continue;
    lead.votes.delete(board);
    // Another wish may have been done since this one: it could be the last vote by now.
    if (!counts && voters(state, config).every((id) => id === board)) continue;
    amend(state, (register) => ({
      ...register,
      members: register.members.map(({ left: _, ...member }) => {
        const gone = member.board === board ? !counts : _ === true;
        return gone ? { ...member, left: true as const } : member;
      }),
    }));
    effects.push({ kind: 'log', event: counts ? 'board-returned' : 'board-left', fields: { board } });
  }
  return effects;
}

/** A majority has all that this director wrote, and it wrote something: what it found when it was elected, at the least. */
export function settled({ lead, dirty, unkept, register }: ClusterState): boolean {
  return lead !== undefined && !dirty && unkept === undefined && lead.committed > 0 && lead.committed >= register.index;
}

/** Services first: it confirmed, or its lease ran out, and nothing names it; not a judgement that it is unreachable. */
function holdsNothing(state: ClusterState, board: BoardId, nowMs: number, config: ClusterConfig): boolean {
  return config.cluster.services.every((service) => {
    if (!candidates(state, service).includes(board)) return true;
    const entry = entryOf(state, service.name);
    const named = [entry?.holder, entry?.next].some((place) => place?.board === board);
    const why = clear(state, board, service, nowMs, config);
    return !named && why !== undefined && why !== 'unreachable';
  });
}

/** A director without a vote makes room as soon as a majority knows that it has none. */
export function makeRoom(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  if (state.role !== 'director' || voters(state, config).includes(config.self) || !settled(state)) return [];
  return [
    ...stepDown(state, state.term, 0, 'it left', nowMs),
    { kind: 'pulse', request: { kind: 'follow', id: state.nextId++, term: state.term, director: 0 } },
  ];
}
