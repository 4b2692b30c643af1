import { type BoardId, compareGrants, NO_GRANT, type Register, type Stock } from '@softset/protocol';
import { reportedLife } from './clear.js';
import { amend } from './register.js';
import { peerOf, withServices } from './state.js';
import type { Claim, ClusterConfig, ClusterEffect, ClusterState } from './types.js';

/** A new director: the newest register of a majority, under its own term, and every board unknown until it reports (R3). */
export function takeLead(
  state: ClusterState,
  claim: Claim,
  own: Stock,
  nowMs: number,
  config: ClusterConfig,
): ClusterEffect[] {
  state.lead = {
    electedMs: nowMs,
    acks: new Map(),
    committed: 0,
    resendMs: Number.NEGATIVE_INFINITY,
    leisureMs: Number.NEGATIVE_INFINITY,
    reports: new Map(),
    possible: new Map(),
    orderedMs: new Map(),
    releasedMs: new Map(),
    silenced: new Set(),
    fenced: new Map(),
    vouchAsked: undefined,
    vouchId: 0,
    vouching: undefined,
    echoedMs: new Map(),
    moves: new Map(),
    clears: new Map(),
    votes: new Map(),
    deputy: 0,
    proofLostMs: nowMs,
  };
  const newest: Register = { ...withServices(claim.register, config), index: 0 };
  state.register = newest;
  amend(state, (register) => register);
  hearReport(state, config.self, own, config);
  for (const [board, { stock }] of claim.votes) hearReport(state, board, stock, config);
  return [];
}

/** A board's stock under this term. A new life's stock replaces the old one's: its kernel forgot the elements. */
export function hearReport(state: ClusterState, from: BoardId, stock: Stock, config: ClusterConfig): void {
  const { lead } = state;
  if (!lead) return;
  if (from !== config.self) {
    const peer = peerOf(state, from);
    // The beat and the report must speak of one life, and an amnesiac one reports nothing (T4).
    if (!peer || peer.boot !== stock.boot || (peer.amnesiac && !config.without.has('T4'))) return;
  }
  const before = lead.possible.get(from);
  const possible = new Map(stock.held.map(({ service, grant }) => [service, grant]));
  const sameLife = lead.reports.get(from)?.boot === stock.boot || lead.reports.get(from) === undefined;
  for (const [service, grant] of before ?? []) {
    // An order may be under way to it: only a confirmation (M2) takes it off the list.
    const refused = stock.refused.find((one) => one.service === service);
    const confirmed = refused !== undefined && compareGrants(refused.grant, grant) >= 0;
    // A report that was sent before the order came names an earlier grant: the later one may still be created.
    const later = compareGrants(grant, possible.get(service) ?? NO_GRANT) > 0;
    if (sameLife && !confirmed && later && !config.without.has('M2')) possible.set(service, grant);
  }
  lead.reports.set(from, stock);
  lead.possible.set(from, possible);
  state.changed = true;
}

/**
 * Whom the director vouches for: boards that reported under its term, are up, whose daemons live, and who owe no
 * confirmation (M3, L6). Asked of the pulse when it changes; its answer dates the ends of leases (L5).
 */
export function tendVouching(state: ClusterState, config: ClusterConfig): ClusterEffect[] {
  const { lead, report } = state;
  if (!lead || !report) return [];
  const wanted = report.boards.filter((peer) => mayVouch(state, peer.board, config)).map((peer) => peer.board);
  const asked = lead.vouchAsked ?? [...(lead.vouching ?? [])];
  const same =
    lead.vouching !== undefined && wanted.length === asked.length && wanted.every((id) => asked.includes(id));
  if (same) return [];
  if (lead.vouchAsked && wanted.length === lead.vouchAsked.length && wanted.every((id) => asked.includes(id)))
    return [];
  lead.vouchAsked = wanted;
  lead.vouchId = state.nextId++;
  return [{ kind: 'pulse', request: { kind: 'vouch', id: lead.vouchId, term: state.term, boards: wanted } }];
}

function mayVouch(state: ClusterState, board: BoardId, config: ClusterConfig): boolean {
  const peer = peerOf(state, board);
  const { lead } = state;
  if (!lead || !peer || (peer.verdict !== 'up' && peer.verdict !== 'silent') || peer.amnesiac) return false;
  if (!reportedLife(state, board, config) || lead.silenced.has(board)) return false;
  const inPool = config.cluster.services.some((service) => service.pool.includes(board));
  if (inPool && !(peer.daemons.includes('netrackd') && peer.daemons.includes('redirectd'))) return false;
  if (config.without.has('M3')) return true;
  return !state.register.services.some((entry) => entry.abandoned.some((one) => one.board === board));
}

export function vouched(
  state: ClusterState,
  answer: {
    id: number;
    term: number;
    boards: readonly BoardId[];
    echoed: readonly { board: BoardId; lastMs: number }[];
  },
): void {
  const { lead } = state;
  if (!lead || answer.term !== state.term || answer.id !== lead.vouchId) return;
  lead.vouching = new Set(answer.boards);
  lead.vouchAsked = undefined;
  for (const { board, lastMs } of answer.echoed) {
    lead.echoedMs.set(board, Math.max(lead.echoedMs.get(board) ?? 0, lastMs));
  }
  state.changed = true;
}
