import type { BoardId, Member, Register } from '@softset/protocol';
import type { ClusterConfig, ClusterState, VoteMemory } from './types.js';

export function emptyRegister(config: ClusterConfig): Register {
  const members: Member[] = config.cluster.boards.map(({ id, vote }) => ({ board: id, vote, admin: 'in-service' }));
  const services = config.cluster.services.map(({ name }) => ({ service: name, abandoned: [], cause: 'new' }));
  return { cluster: config.cluster.number, term: 0, index: 0, members, services, alarms: [] };
}

/** A netrackd at its start: what its disk remembers, and nothing else. */
export function initialCluster(
  config: ClusterConfig,
  kept: { memory: VoteMemory | undefined; register: Register | undefined },
  nowMs: number,
): ClusterState {
  const own = kept.memory?.cluster === config.cluster.number ? kept.memory : undefined;
  const register = kept.register?.cluster === config.cluster.number ? kept.register : undefined;
  return {
    sinceMs: nowMs,
    pulseUp: false,
    report: undefined,
    pace: undefined,
    nextId: 1,
    term: own?.term ?? 0,
    director: 0,
    directorSinceMs: nowMs,
    role: 'follower',
    memory: own ?? { cluster: config.cluster.number, term: 0, candidate: 0 },
    amnesiac: own === undefined,
    amnesia: { sinceMs: nowMs, answered: new Map(), askedMs: Number.NEGATIVE_INFINITY, register: undefined },
    force: undefined,
    awake: { wokeMs: nowMs, gaps: [] },
    agentUp: false,
    agentTerm: 0,
    register: withServices(register ?? emptyRegister(config), config),
    dirty: false,
    unkept: undefined,
    keptMembership: register ? membershipOf(register) : '',
    pendingVote: undefined,
    claim: undefined,
    lead: undefined,
    seenTerm: own?.term ?? 0,
    troubleMs: undefined,
    backoffUntilMs: nowMs,
    claimsFailed: 0,
    reportSent: { stock: '', term: 0, directed: false, atMs: Number.NEGATIVE_INFINITY },
    programs: new Map(),
    programsSentMs: Number.NEGATIVE_INFINITY,
    releases: new Map(),
    releaseSentMs: Number.NEGATIVE_INFINITY,
    alarms: new Map(),
    faults: [],
    lastPhases: '',
    changed: true,
  };
}

/** Services that the cluster file has and an older register lacks get an empty entry; what it no longer has goes. */
export function withServices(register: Register, config: ClusterConfig): Register {
  const empty = emptyRegister(config);
  const services = empty.services.map(
    (entry) => register.services.find((old) => old.service === entry.service) ?? entry,
  );
  const members = empty.members.map((member) => ({
    ...(register.members.find((old) => old.board === member.board) ?? member),
    // Who may vote at all is the file's to say.
    vote: member.vote,
  }));
  return { ...register, services, members };
}

/** What a register says that must be on disk before it is acknowledged (R2), for comparing. */
export function membershipOf({ members, services, prefers, rollout }: Register): string {
  const pins = services.map(({ service, pin }) => `${service}:${pin ?? ''}`);
  return JSON.stringify([members, pins, prefers, rollout]);
}

/** Whose votes count: those of the cluster file, but of boards that left by this register (R4). */
export function voters({ register }: { readonly register: Register }, config: ClusterConfig): BoardId[] {
  const left = new Set(register.members.filter((member) => member.left === true).map(({ board }) => board));
  return config.cluster.boards.filter(({ id, vote }) => vote && !left.has(id)).map(({ id }) => id);
}

export function majorityOf(holder: { readonly register: Register }, config: ClusterConfig): number {
  return Math.floor(voters(holder, config).length / 2) + 1;
}

/** Voters that are up by our pulse's report, this board included; an amnesiac one counts for no majority (T4). */
export function votesPresent(state: ClusterState, config: ClusterConfig): BoardId[] {
  return voters(state, config).filter((id) => {
    if (id === config.self) return !state.amnesiac;
    const peer = state.report?.boards.find((board) => board.board === id);
    return peer !== undefined && (peer.verdict === 'up' || peer.verdict === 'silent') && !peer.amnesiac;
  });
}

export function peerOf(state: ClusterState, id: BoardId) {
  return state.report?.boards.find((board) => board.board === id);
}

/** T3: the agent confirmed the term, or there is none that could obey an older one. */
export function agentConfirmed(state: ClusterState, term: number): boolean {
  return !state.agentUp || state.agentTerm >= term;
}
