import {
  type BoardId,
  type BoardMessage,
  compareVersions,
  type Register,
  type Stamp,
  type Stock,
} from '@softset/protocol';
import { takeLead } from './lead.js';
import { agentConfirmed, majorityOf, peerOf, voters, votesPresent } from './state.js';
import type { ClusterConfig, ClusterEffect, ClusterState } from './types.js';

/** Doublings of a claim's time after claims that failed: at most thirty-two-fold. */
const PATIENCE_MAX = 5;

/**
 * Who directs (T1–T6):
 *
 * ```
 *               the director is missed, its turn has come
 *   follower ─────────────────────────────────────────────► candidate
 *      ▲  ▲                                                  │     │
 *      │  │     no majority in time, or a higher term        │     │ votes of a majority, each no older
 *      │  └──────────────────────────────────────────────────┘     │ than a lease (T2)
 *      │                 higher term, or its proof stays lost      ▼
 *      └───────────────────────────────────────────────────── director
 * ```
 * A vote leaves, and a candidate's own counts, after the disk kept it, the pulse follows the candidate and the agent
 * obeys no older term (T3).
 */
export function tendElection(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  if (state.role === 'candidate') return tendClaim(state, nowMs, config);
  if (state.role === 'director') return [];
  const missed = directorMissed(state, nowMs, config);
  if (!missed) {
    state.troubleMs = undefined;
    return [];
  }
  const turn = turnOf(state, config);
  if (turn === undefined) {
    // It waits its turn from when it may stand: boards whose doubt ends together would all stand at once.
    state.troubleMs = undefined;
    if (state.director !== 0 && nowMs - state.directorSinceMs > config.cluster.timing.leaseMs) state.claimsFailed = 0;
    return [];
  }
  state.troubleMs ??= nowMs;
  if (nowMs < state.backoffUntilMs) return [];
  if (nowMs - state.troubleMs < turn * 6 * config.cluster.timing.intervalMs) return [];
  return stand(state, nowMs, config);
}

/** Why the director counts as missed, or undefined while it is well. */
export function directorMissed(state: ClusterState, nowMs: number, config: ClusterConfig): string | undefined {
  const { director } = state;
  if (director === 0) return 'no director';
  // A netrackd that returns finds its pulse following itself: its own role is gone, and a new term is the clean way.
  if (director === config.self) return 'lost its own role';
  const peer = peerOf(state, director);
  if (!peer) return 'unknown director';
  const half = config.cluster.timing.leaseMs / 2;
  const longMs = nowMs - peer.sinceMs;
  switch (peer.verdict) {
    case 'down':
      return 'director down';
    case 'stalled':
    case 'unheard':
      return longMs > half ? `director ${peer.verdict}` : undefined;
    case 'unknown':
      return longMs > half ? 'director never heard' : undefined;
    case 'up':
    case 'silent': {
      if (peer.amnesiac) return 'director rebooted';
      if (peer.leaving) return 'director leaves';
      if (!peer.daemons.includes('netrackd')) return "director's netrackd is gone";
      const directs = peer.elected && peer.term >= state.term;
      const graceMs = half * 2 ** Math.min(state.claimsFailed, PATIENCE_MAX);
      return directs || nowMs - state.directorSinceMs < graceMs ? undefined : 'director does not direct';
    }
  }
}

/** 0 stands at once; the others wait, so that one exchange decides. Undefined: may not stand. */
function turnOf(state: ClusterState, config: ClusterConfig): number | undefined {
  const { report } = state;
  const { self } = config;
  if (!report || !state.pulseUp || report.doubt || report.isolated || state.amnesiac) return undefined;
  if (report.boards.some((board) => board.verdict === 'unknown')) return undefined;
  const present = votesPresent(state, config);
  if (!present.includes(self) || present.length < majorityOf(state, config)) return undefined;
  const others = present.filter((id) => id !== state.director);
  const deputy = state.director === 0 ? 0 : (peerOf(state, state.director)?.deputy ?? 0);
  // T6: the deputy that the director named is first.
  const order = others.sort((a, b) => Number(b === deputy) - Number(a === deputy) || a - b);
  const at = order.indexOf(self);
  return at < 0 ? (state.director === self ? 0 : undefined) : at;
}

export function stand(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const term = Math.max(state.term, state.seenTerm, state.memory.term) + 1;
  const why = directorMissed(state, nowMs, config) ?? '';
  state.role = 'candidate';
  state.term = term;
  state.seenTerm = term;
  state.director = config.self;
  state.directorSinceMs = nowMs;
  state.changed = true;
  state.claim = {
    term,
    startedMs: nowMs,
    resendMs: Number.NEGATIVE_INFINITY,
    stamps: new Map(),
    newest: undefined,
    votes: new Map(),
    register: state.register,
    leadId: 0,
  };
  return [
    { kind: 'log', event: 'stands', fields: { term, why } },
    ...vote(state, term, config.self, undefined, config),
  ];
}

/** Begins a vote: the three confirmations run side by side, and `castWhenReady` sends it. */
function vote(
  state: ClusterState,
  term: number,
  candidate: BoardId,
  claim: { stamp: Stamp; register: { term: number; index: number } } | undefined,
  config: ClusterConfig,
): ClusterEffect[] {
  const followId = state.nextId++;
  state.memory = { cluster: config.cluster.number, term, candidate };
  state.pendingVote = {
    term,
    candidate,
    stamp: claim?.stamp ?? { boot: '', incarnation: 0, sequence: 0 },
    register: claim?.register ?? { term: 0, index: 0 },
    kept: false,
    early: state.pendingVote?.kept ?? true,
    stock: undefined,
    followId,
    sent: false,
  };
  return [
    { kind: 'keep-vote', memory: state.memory },
    { kind: 'pulse', request: { kind: 'follow', id: followId, term, director: candidate } },
    ...(state.agentUp ? [{ kind: 'agent', message: { kind: 'term', term } } as const] : []),
  ];
}

export function hearClaim(
  state: ClusterState,
  from: BoardId,
  claim: Extract<BoardMessage, { kind: 'claim' }>,
  nowMs: number,
  config: ClusterConfig,
): ClusterEffect[] {
  if (!voters(state, config).includes(config.self)) return [];
  if (state.amnesiac && !config.without.has('T4')) return [];
  const pending = state.pendingVote;
  if (pending && pending.term === claim.term && pending.candidate === from) {
    // The same claim again, with a newer beat: the vote goes again, dated anew.
    pending.stamp = claim.stamp;
    pending.sent = false;
    return castWhenReady(state, config);
  }
  state.seenTerm = Math.max(state.seenTerm, claim.term);
  const deny = (reason: string): ClusterEffect[] => [
    { kind: 'send', to: from, message: { kind: 'denied', term: Math.max(state.term, state.seenTerm), reason } },
  ];
  // R4: it left, by a register that it has not; one that returned since has a newer one than this board.
  if (!voters(state, config).includes(from) && compareVersions(claim.register, state.register) <= 0)
    return deny('it has no vote');
  if (claim.term <= Math.max(state.term, state.memory.term)) return deny('the term is not new');
  if (state.role === 'director' && state.pace && state.pace.proofUntilMs > nowMs) return deny('I direct');
  if (from !== state.director && state.role === 'follower' && directorMissed(state, nowMs, config) === undefined) {
    return deny('the director is well');
  }
  const effects = stepDown(state, claim.term, from, 'voted', nowMs);
  return [...effects, ...vote(state, claim.term, from, claim, config)];
}

/** T3: only when the disk has it, the pulse follows, and the agent obeys nothing older. */
export function castWhenReady(state: ClusterState, config: ClusterConfig): ClusterEffect[] {
  const pending = state.pendingVote;
  if (!pending || pending.sent || !pending.kept || !pending.stock || !agentConfirmed(state, pending.term)) return [];
  if (pending.term !== state.term) return [];
  pending.sent = true;
  if (pending.candidate === config.self) return [];
  const newer = compareVersions(state.register, pending.register) > 0;
  return [
    {
      kind: 'send',
      to: pending.candidate,
      message: {
        kind: 'vote',
        term: pending.term,
        stamp: pending.stamp,
        stock: pending.stock,
        ...(newer ? { register: state.register } : {}),
      },
    },
  ];
}

function tendClaim(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const { claim } = state;
  const { intervalMs, leaseMs } = config.cluster.timing;
  if (!claim) return [];
  const patience = 2 ** Math.min(state.claimsFailed, PATIENCE_MAX);
  if (nowMs - claim.startedMs > Math.max(8 * intervalMs, leaseMs / 3) * patience) {
    // Two candidates that met stand again at different times, and where everything is slow, with more patience.
    state.claimsFailed++;
    state.backoffUntilMs = nowMs + config.random.integer(0, 8) * 3 * intervalMs * patience;
    return [
      { kind: 'log', event: 'claim-failed', fields: { term: claim.term, votes: [...claim.votes.keys()] } },
      ...abandonClaim(state),
    ];
  }
  // It asks while the disk is still at its own vote, which counts only once it is kept: a candidate that forgets it is
  // a new life, for which nobody's vote of the old one counts. One whose disk failed it last time asks nobody first.
  const pending = state.pendingVote;
  const early = pending?.early && pending.stock !== undefined && agentConfirmed(state, claim.term);
  if (!(pending?.sent || early) || !claim.newest || nowMs - claim.resendMs < intervalMs)
    return countVotes(state, nowMs, config);
  claim.resendMs = nowMs;
  const { boot, incarnation, sequence, sentMs } = claim.newest;
  claim.stamps.set(sequence, sentMs);
  const { term, index } = state.register;
  return [
    {
      kind: 'send',
      to: 'all',
      message: { kind: 'claim', term: claim.term, stamp: { boot, incarnation, sequence }, register: { term, index } },
    },
    ...countVotes(state, nowMs, config),
  ];
}

function abandonClaim(state: ClusterState): ClusterEffect[] {
  state.role = 'follower';
  state.director = 0;
  state.claim = undefined;
  state.changed = true;
  return [{ kind: 'pulse', request: { kind: 'follow', id: state.nextId++, term: state.term, director: 0 } }];
}

export function hearVote(
  state: ClusterState,
  from: BoardId,
  ballot: { term: number; stamp: Stamp; stock: Stock; register?: Register },
  nowMs: number,
  config: ClusterConfig,
): ClusterEffect[] {
  const { claim } = state;
  if (!claim || ballot.term !== claim.term) return [];
  const sentMs = claim.stamps.get(ballot.stamp.sequence);
  const life = claim.newest;
  if (sentMs === undefined || ballot.stamp.boot !== life?.boot || ballot.stamp.incarnation !== life.incarnation)
    return [];
  claim.votes.set(from, { sentMs, stock: ballot.stock });
  if (
    ballot.register &&
    ballot.register.cluster === config.cluster.number &&
    compareVersions(ballot.register, claim.register) > 0
  ) {
    claim.register = ballot.register;
  }
  return countVotes(state, nowMs, config);
}

/** T2: a vote counts for a lease from the send time of the beat that it names. */
function countVotes(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const { claim } = state;
  if (claim?.leadId !== 0 || !state.pendingVote?.sent) return [];
  // R4: whose votes count is in the newest register that any of them brought, and not in this board's own.
  const counted = voters(claim, config);
  const fresh = [...claim.votes].filter(
    ([id, { sentMs }]) => counted.includes(id) && nowMs - sentMs < config.cluster.timing.leaseMs,
  );
  if (!counted.includes(config.self) || fresh.length + 1 < majorityOf(claim, config)) return [];
  claim.leadId = state.nextId++;
  const deputy = deputyOf(state, config);
  return [{ kind: 'pulse', request: { kind: 'lead', id: claim.leadId, term: claim.term, deputy } }];
}

/** The first other voter that is up. */
export function deputyOf(state: ClusterState, config: ClusterConfig): BoardId | 0 {
  return votesPresent(state, config).find((id) => id !== config.self) ?? 0;
}

/** The pulse leads: from here the term is this board's. */
export function elected(state: ClusterState, own: Stock, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const { claim } = state;
  if (!claim) return [];
  state.claim = undefined;
  state.role = 'director';
  state.director = config.self;
  state.troubleMs = undefined;
  state.changed = true;
  return [
    { kind: 'log', event: 'elected', fields: { term: claim.term, votes: [config.self, ...claim.votes.keys()] } },
    ...takeLead(state, claim, own, nowMs, config),
  ];
}

export function hearDenied(state: ClusterState, term: number): void {
  state.seenTerm = Math.max(state.seenTerm, term);
}

/** A higher term, or somebody else's: whatever role this board had is over. */
export function stepDown(
  state: ClusterState,
  term: number,
  director: BoardId | 0,
  why: string,
  nowMs: number,
): ClusterEffect[] {
  const was = state.role;
  const effects: ClusterEffect[] =
    was === 'follower' ? [] : [{ kind: 'log', event: 'steps-down', fields: { was, term, director, why } }];
  if (state.lead) {
    for (const move of state.lead.moves.values()) {
      effects.push({ kind: 'log', event: 'move-dropped', fields: { service: move.service, to: move.to } });
    }
  }
  state.role = 'follower';
  state.claim = undefined;
  state.lead = undefined;
  state.term = term;
  state.director = director;
  state.directorSinceMs = nowMs;
  state.seenTerm = Math.max(state.seenTerm, term);
  state.troubleMs = undefined;
  state.changed = true;
  return effects;
}
