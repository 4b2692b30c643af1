import type { BoardId, Service } from '@softset/protocol';
import { endOfWait } from './awake.js';
import { isFenced, needsFence } from './fence.js';
import { majorityOf, peerOf, votesPresent } from './state.js';
import type { ClusterConfig, ClusterState } from './types.js';

/** Beyond the lease, for what clocks and jiffies do (L5), ms. */
export const MARGIN_MS = 20;

/** Why a board certainly holds nothing of a service: M1 (a), a confirmed fence, (b), (c). */
export type Clear = 'confirmed' | 'fenced' | 'lease-out' | 'unreachable';

/**
 * Whether a director may count on it that `board` does not answer for `service`'s addresses and will not, and why.
 * Everything that moves an address asks this, of every board that could hold it.
 */
export function clear(
  state: ClusterState,
  board: BoardId,
  service: Service,
  nowMs: number,
  config: ClusterConfig,
): Clear | undefined {
  const { lead } = state;
  if (!lead) return undefined;
  const reported = reportedLife(state, board, config);
  if (reported && !lead.possible.get(board)?.has(service.name)) return 'confirmed';
  // R3 left out: trusts the register, which may have missed a grant.
  if (config.without.has('R3') && !namesIt(state, board, service.name)) return 'confirmed';
  if (isFenced(state, board)) return 'fenced';
  if (needsFence(state, board, service)) return undefined;
  if (leaseOut(state, board, nowMs, config)) return 'lease-out';
  if (service.takeover === 'fast' && unreachable(state, board, config)) return 'unreachable';
  return undefined;
}

function namesIt(state: ClusterState, board: BoardId, service: string): boolean {
  const entry = state.register.services.find((one) => one.service === service);
  return entry?.holder?.board === board || entry?.next?.board === board;
}

/** R3: stock is read only from boards that adopted the term, and only for the life that reported it. */
export function reportedLife(state: ClusterState, board: BoardId, config: ClusterConfig): boolean {
  const report = state.lead?.reports.get(board);
  if (report === undefined) return false;
  return board === config.self || peerOf(state, board)?.boot === report.boot;
}

/**
 * L5: a lease and a margin after the later of the election plus proofMs, the receipt of the last beat of it that was
 * echoed, and its last order, lived through (awake.ts); counted only once our pulse confirmed that it no longer echoes the board.
 */
export function leaseOut(state: ClusterState, board: BoardId, nowMs: number, config: ClusterConfig): boolean {
  const endMs = leaseEndMs(state, board, config);
  return endMs !== undefined && nowMs >= endMs;
}

export function leaseEndMs(state: ClusterState, board: BoardId, config: ClusterConfig): number | undefined {
  const { lead } = state;
  if (!lead || board === config.self) return undefined;
  const { leaseMs, proofMs } = config.cluster.timing;
  if (config.without.has('L5')) return lead.electedMs;
  if (lead.vouching === undefined || lead.vouching.has(board)) return undefined;
  if (lead.vouchAsked?.includes(board)) return undefined;
  const lastMs = Math.max(lead.electedMs + proofMs, lead.echoedMs.get(board) ?? 0, lead.orderedMs.get(board) ?? 0);
  return endOfWait(state, lastMs, leaseMs + MARGIN_MS);
}

/** M1 (c): nobody in a view with quorum reaches its kernel on any network. A judgement, not a proof. */
function unreachable(state: ClusterState, board: BoardId, config: ClusterConfig): boolean {
  const peer = peerOf(state, board);
  if (peer?.verdict !== 'down' || state.report?.doubt) return false;
  return votesPresent(state, config).length >= majorityOf(state, config);
}
