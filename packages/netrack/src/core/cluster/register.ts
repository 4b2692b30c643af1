import { type BoardId, compareVersions, type Holding, type Register } from '@softset/protocol';
import { membershipOf, peerOf, voters } from './state.js';
import type { ClusterConfig, ClusterEffect, ClusterState } from './types.js';

/** For so long after a first write, in intervals, those who need not act on it are left alone. */
const LEISURE_INTERVALS = 6;

/** Changes the director's register; all changes of one step go out as one write (R1). Returns the index it will have. */
export function amend(state: ClusterState, change: (register: Register) => Register): number {
  const index = state.dirty ? state.register.index : state.register.index + 1;
  state.register = { ...change(state.register), term: state.term, index };
  state.dirty = true;
  state.changed = true;
  return index;
}

/** Index that the next change of this step will have: the number of a grant made in it. */
export function nextIndex(state: ClusterState): number {
  return state.dirty ? state.register.index : state.register.index + 1;
}

/** Sends what this step wrote, and again once an interval to those who have not acknowledged it. */
export function tendWrites(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const { lead, register } = state;
  if (!lead) return [];
  const { intervalMs } = config.cluster.timing;
  if (state.dirty) {
    state.dirty = false;
    lead.resendMs = nowMs;
    if (nowMs >= lead.leisureMs) lead.leisureMs = nowMs + LEISURE_INTERVALS * intervalMs;
    const kept = keep(state, register);
    // R2 holds for the director too: its own vote counts once its disk has the membership, as everybody's does.
    if (state.unkept === undefined) lead.acks.set(config.self, register.index);
    const first = urgentReaders(register, config);
    const sends = first.map((to): ClusterEffect => ({ kind: 'send', to, message: { kind: 'write', register } }));
    return [...kept, nameSelf(state, config), ...sends, ...count(state, config)];
  }
  if (nowMs - lead.resendMs < intervalMs) return [];
  lead.resendMs = nowMs;
  const first = urgentReaders(register, config);
  return config.cluster.boards.flatMap(({ id }): ClusterEffect[] => {
    const has = lead.acks.get(id) ?? 0;
    if (id === config.self || has >= register.index) return [];
    // Its first write of this term tells a board that its director directs.
    if (has > 0 && nowMs < lead.leisureMs && !first.includes(id)) return [];
    return peerOf(state, id)?.verdict === 'up' ? [{ kind: 'send', to: id, message: { kind: 'write', register } }] : [];
  });
}

/** A move waits for the voters, and for whoever it concerns; all others get its writes when it is over, in one. */
function urgentReaders(register: Register, config: ClusterConfig): BoardId[] {
  const named = register.services.flatMap(({ holder, next }) => [holder, next].flatMap((place) => place?.board ?? []));
  return [...new Set([...voters({ register }, config), ...named])].filter((id) => id !== config.self);
}

/** A write counts when boards with a majority of votes have it; the director counts itself (R1). */
function count(state: ClusterState, config: ClusterConfig): ClusterEffect[] {
  const { lead } = state;
  if (!lead) return [];
  const indices = voters(state, config)
    .map((id) => lead.acks.get(id) ?? 0)
    .sort((a, b) => b - a);
  const committed = indices[Math.floor(voters(state, config).length / 2)] ?? 0;
  if (committed <= lead.committed) return [];
  lead.committed = committed;
  state.changed = true;
  return [];
}

export function hearWrote(
  state: ClusterState,
  from: BoardId,
  ack: { term: number; index: number; boot: string },
  config: ClusterConfig,
): ClusterEffect[] {
  const { lead } = state;
  const peer = peerOf(state, from);
  if (!lead || ack.term !== state.term || !peer || peer.boot !== ack.boot) return [];
  if (peer.amnesiac && !config.without.has('T4')) return [];
  // What it says last counts: a netrackd that was restarted may have an older register than it acknowledged before.
  lead.acks.set(from, ack.index);
  return count(state, config);
}

/** A follower takes a write of the director it follows, in the term it follows; older ones are acknowledged as they stand. */
export function hearWrite(
  state: ClusterState,
  from: BoardId,
  register: Register,
  config: ClusterConfig,
): ClusterEffect[] {
  if (register.cluster !== config.cluster.number || state.role !== 'follower') return [];
  if (register.term !== state.term || from !== state.director) return [];
  // T4: an amnesiac board acknowledges nothing.
  if (state.amnesiac && !config.without.has('T4')) return [];
  if (compareVersions(register, state.register) <= 0) return [acknowledge(state)].flat();
  state.register = register;
  state.changed = true;
  return [nameSelf(state, config), ...keep(state, register), ...acknowledge(state)];
}

/** The disk has what was waited for: the board's word for it, or the director's own vote, counts from here. */
export function registerKept(
  state: ClusterState,
  version: { term: number; index: number },
  config: ClusterConfig,
): ClusterEffect[] {
  const { unkept, lead } = state;
  if (unkept === undefined || compareVersions(version, unkept) < 0) return [];
  state.unkept = undefined;
  state.keptMembership = unkept.membership;
  // T4: an amnesiac board keeps what it was told of and acknowledges nothing.
  if (state.role === 'follower') return state.amnesiac && !config.without.has('T4') ? [] : acknowledge(state);
  if (!lead || state.dirty) return [];
  lead.acks.set(config.self, state.register.index);
  return count(state, config);
}

function acknowledge(state: ClusterState): ClusterEffect[] {
  const { term, index } = state.register;
  if (state.director === 0 || !state.report || term !== state.term || state.unkept !== undefined) return [];
  return [{ kind: 'send', to: state.director, message: { kind: 'wrote', term, index, boot: state.report.boot } }];
}

/**
 * R2: membership, votes and pins are on disk before they are acknowledged; grants from memory. What comes while the disk
 * is busy waits with it.
 */
function keep(state: ClusterState, register: Register): ClusterEffect[] {
  const membership = membershipOf(register);
  const durably = state.unkept !== undefined || state.keptMembership !== membership;
  // The first version with this membership is enough; those after it are kept as well, in case that write fails.
  if (durably && state.unkept?.membership !== membership) {
    state.unkept = { term: register.term, index: register.index, membership };
  }
  return [{ kind: 'keep-register', register, answer: durably }];
}

/** Tells the pulse what the register names this board holder of: it renews that and nothing else (M3). */
export function nameSelf(state: ClusterState, config: ClusterConfig): ClusterEffect {
  const { term, index, services } = state.register;
  const grants: Holding[] = services.flatMap(({ service, holder, next }) =>
    [holder, next].flatMap((place) => (place?.board === config.self ? [{ service, grant: place.grant }] : [])),
  );
  return { kind: 'pulse', request: { kind: 'named', term, index, grants, voters: voters(state, config) } };
}
