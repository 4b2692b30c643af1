import type { Echo, Pace } from '@softset/protocol';
import { ownStamp, votersOf } from './state.js';
import type { PulseConfig, PulseState } from './types.js';

/**
 * The director's side of the lease. Its proof is the send time, by its own clock, of a beat that boards with a
 * majority of votes have echoed; everything it vouches for stands on that (L2).
 */
export function provenSentMs(state: PulseState, nowMs: number, config: PulseConfig): number {
  const voters = votersOf(state, config);
  const votes = voters
    .map((id) => (id === config.self ? nowMs : (state.peers.get(id)?.echoedSentMs ?? Number.NEGATIVE_INFINITY)))
    .sort((a, b) => b - a);
  const majority = Math.floor(voters.length / 2) + 1;
  return votes[majority - 1] ?? Number.NEGATIVE_INFINITY;
}

export function proofStands(state: PulseState, nowMs: number, config: PulseConfig): boolean {
  return state.elected && nowMs - provenSentMs(state, nowMs, config) < config.timing.proofMs;
}

/**
 * Echoes for the boards that netrackd vouches for, follow this director, and are not silent (L6). Marks each as
 * echoed: by the receipt of what was echoed the end of its lease is counted (L5).
 */
export function echoesNow(state: PulseState, nowMs: number, config: PulseConfig): Echo[] {
  if (!proofStands(state, nowMs, config)) return [];
  const echoes: Echo[] = [];
  for (const id of state.vouched) {
    const peer = state.peers.get(id);
    const beat = peer?.beat;
    if (!peer || !beat || (peer.verdict !== 'up' && peer.verdict !== 'silent')) continue;
    if (beat.amnesiac || beat.term !== state.term || beat.director !== config.self) continue;
    peer.echoedReceiptMs = Math.max(peer.echoedReceiptMs, peer.beatMs);
    echoes.push({ board: id, boot: beat.boot, incarnation: beat.incarnation, sequence: beat.sequence });
  }
  return echoes;
}

export function paceOf(state: PulseState, nowMs: number, config: PulseConfig): Pace {
  const stamps = [...state.peers.values()].flatMap(({ board, beat }) =>
    beat ? [{ board, boot: beat.boot, incarnation: beat.incarnation, sequence: beat.sequence }] : [],
  );
  return {
    term: state.term,
    proofUntilMs: state.elected ? provenSentMs(state, nowMs, config) + config.timing.proofMs : Number.NEGATIVE_INFINITY,
    stamps,
    own: ownStamp(state),
  };
}
