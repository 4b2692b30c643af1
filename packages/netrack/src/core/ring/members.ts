import { passOn } from './gossip.js';
import type { Delegate, Digest, Member, MemberUpdate, RingConfig, RingState, RingStatus, Update } from './types.js';

const RANK: Readonly<Record<RingStatus, number>> = { alive: 0, suspect: 1, dead: 2 };
/** A dead delegate of a group that has others is forgotten after this, ms; by then nobody passes old news of it on. */
const FORGET_MS = 60_000;

export const idOf = ({ group, board }: Delegate): number => group * 65 + board;
export const same = (a: Delegate, b: Delegate): boolean => a.group === b.group && a.board === b.board;

/** Alive, or under suspicion and not yet judged. */
export function present(state: RingState): Member[] {
  return [...state.members.values()].filter(({ status }) => status !== 'dead');
}

/**
 * Takes in what is said, and passes on what is news. What is said of this board itself and is wrong is refuted. Returns
 * what whoever said it should know instead, where it is behind.
 */
export function hear(state: RingState, update: Update, nowMs: number, config: RingConfig): Update | undefined {
  if (update.kind === 'digest') return hearDigest(state, update);
  return same(update, config.self) ? refute(state, update, config) : hearMember(state, update, nowMs);
}

function hearDigest(state: RingState, digest: Digest): Digest | undefined {
  const known = state.digests.get(digest.group);
  const newer = known === undefined ? 1 : digest.term - known.term || digest.n - known.n;
  if (newer < 0) return known;
  if (newer === 0) return undefined;
  state.digests.set(digest.group, digest);
  passOn(state, digest);
  return undefined;
}

/** Nobody but it may raise its incarnation. To have been suspected is a sign of one's own trouble (Lifeguard §IV-A). */
function refute(state: RingState, update: MemberUpdate, config: RingConfig): MemberUpdate | undefined {
  if (update.status === 'alive') return undefined;
  if (update.incarnation < state.incarnation) return ofSelf(state, config);
  state.incarnation = update.incarnation + 1;
  state.health = Math.min(7, state.health + 1);
  passOn(state, ofSelf(state, config));
  return undefined;
}

export function ofSelf({ incarnation }: RingState, { self }: RingConfig): MemberUpdate {
  return { kind: 'member', ...self, status: 'alive', incarnation, by: self.group };
}

/** What is believed of it, as something to say: somebody's suspicion stays that group's. */
export function ofMember({ group, board, status, incarnation, suspectedBy }: Member): MemberUpdate {
  const [by = group] = suspectedBy;
  return { kind: 'member', group, board, status, incarnation, by };
}

function hearMember(state: RingState, update: MemberUpdate, nowMs: number): MemberUpdate | undefined {
  const { group, board, status, incarnation, by } = update;
  const known = state.members.get(idOf(update));
  if (known === undefined) {
    state.members.set(idOf(update), { group, board, status, incarnation, sinceMs: nowMs, suspectedBy: new Set([by]) });
    passOn(state, update);
    return undefined;
  }
  const newer = incarnation - known.incarnation || RANK[status] - RANK[known.status];
  if (newer < 0) return ofMember(known);
  if (newer === 0) {
    if (status !== 'suspect' || known.suspectedBy.has(by)) return undefined;
    known.suspectedBy.add(by);
    passOn(state, update);
    return undefined;
  }
  known.incarnation = incarnation;
  if (known.status !== status) known.sinceMs = nowMs;
  known.status = status;
  known.suspectedBy.clear();
  known.suspectedBy.add(by);
  passOn(state, update);
  return undefined;
}

/** Dead ones are remembered, so that old news does not bring them back, and so that a group that is back is found. */
export function forget(state: RingState, nowMs: number): void {
  const there = new Set(present(state).map(({ group }) => group));
  for (const [id, { status, group, sinceMs }] of state.members)
    if (status === 'dead' && there.has(group) && nowMs - sinceMs > FORGET_MS) state.members.delete(id);
}
