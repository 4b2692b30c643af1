import type { BoardId, Service, Verdict } from '@softset/protocol';
import { peerOf } from './state.js';
import type { ClusterEffect, ClusterState } from './types.js';

/** What a board without power may be called; a stalled one answers from its kernel until its power is gone. */
const GONE: ReadonlySet<Verdict> = new Set(['down', 'stalled', 'unheard']);

/**
 * A board without power answers for nothing. The word comes from REDIRECT, which saw the power taken away, and counts
 * for the life that was gone then: a board that is heard again has power, and one that boots is another life.
 */
export function noteFence(state: ClusterState, board: BoardId): ClusterEffect[] {
  const peer = peerOf(state, board);
  if (!state.lead || !peer || !GONE.has(peer.verdict)) {
    return [{ kind: 'log', event: 'fence-ignored', fields: { board, verdict: peer?.verdict } }];
  }
  state.lead.fenced.set(board, peer.boot);
  state.changed = true;
  return [{ kind: 'log', event: 'fenced', fields: { board, boot: peer.boot } }];
}

export function isFenced({ lead, report }: ClusterState, board: BoardId): boolean {
  const boot = lead?.fenced.get(board);
  const peer = report?.boards.find((one) => one.board === board);
  return boot !== undefined && peer !== undefined && GONE.has(peer.verdict) && peer.boot === boot;
}

/** What is heard again was not without power: an old fence says nothing of its next silence. */
export function forgetFences({ lead, report }: ClusterState): void {
  for (const board of lead?.fenced.keys() ?? []) {
    const peer = report?.boards.find((one) => one.board === board);
    if (!peer || !GONE.has(peer.verdict)) lead?.fenced.delete(board);
  }
}

/**
 * Strict and fenced: of a board that the register names, a lease that must have run out is not enough. Of all others it
 * is (R3), or each board that was switched off for the night would have to be fenced after a change of director.
 */
export function needsFence(state: ClusterState, board: BoardId, service: Service): boolean {
  if (service.fencing === undefined || service.takeover !== 'strict') return false;
  const entry = state.register.services.find((one) => one.service === service.name);
  if (!entry) return false;
  return [entry.holder, entry.next, ...entry.abandoned].some((place) => place?.board === board);
}
