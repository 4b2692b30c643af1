import type { BoardId, Stock } from '@softset/protocol';
import { persist } from './state.js';
import type { PulseEffect, PulseState } from './types.js';

/**
 * Adopts a term and answers its director alone (T1). Terms only grow. Within one term a board that follows a mere
 * candidate goes over to the elected director: two candidates may share a term, and only one can have won it.
 * Adopting is no vote: votes are netrackd's, and each leaves only after this was done (T3).
 */
export function adopt(state: PulseState, term: number, director: BoardId | 0): PulseEffect[] {
  const newTerm = term > state.term;
  state.term = term;
  state.director = director;
  if (newTerm || state.elected) {
    state.elected = false;
    state.deputy = 0;
    state.vouched = new Set();
    for (const peer of state.peers.values()) {
      peer.echoedSentMs = Number.NEGATIVE_INFINITY;
      peer.echoedReceiptMs = 0;
    }
  }
  state.changed = true;
  return [persist(state), { kind: 'log', event: 'term-adopted', fields: { term, director } }];
}

/** What this board holds and what it will not create (R3, M2). */
export function stockOf(state: PulseState): Stock {
  return {
    boot: state.boot,
    held: [...state.leases.values()].map(({ service, grant }) => ({ service, grant })),
    refused: [...state.refused].map(([service, grant]) => ({ service, grant })),
  };
}
