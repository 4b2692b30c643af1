import type { Change, Cluster, NetrackState, Plan } from '@softset/protocol';
import type { History } from './history.js';
import { type Aside, type PendingWish, place, type Serve } from './placement.js';

/** Each round is one state after which placement wants more: services that wait for others take another. */
const ROUNDS_MAX = 16;

/**
 * What would be done if an operator wished this now: placement itself is asked, of the state that the wish would make,
 * again and again until it wants nothing more. Nothing is changed by it.
 */
export function planFor(
  cluster: Cluster,
  state: NetrackState,
  history: History,
  nowMs: number,
  wanted: { readonly change?: Change; readonly wish?: PendingWish },
  aside: Aside = {},
): Plan {
  let seen = wanted.change === undefined ? state : withChange(state, wanted.change);
  const moves: Plan['moves'][number][] = [];
  for (let round = 1; ; round++) {
    const wishes = wanted.wish === undefined ? [] : [wanted.wish];
    const placement = place(cluster, seen, history, nowMs, wishes, undefined, aside);
    if (placement.serve.length === 0 || round === ROUNDS_MAX) return { moves, stays: placement.unplaced };
    for (const { service, board, cause, reasons } of placement.serve) {
      const from = seen.services.find((entry) => entry.service === service)?.holder?.board;
      moves.push({ service, ...(from === undefined ? {} : { from }), to: board, cause, reasons });
    }
    seen = obeyed(seen, placement.serve);
  }
}

/** The state in which everything that was asked for is done. */
export function obeyed(state: NetrackState, serve: readonly Serve[]): NetrackState {
  const services = state.services.map((entry) => {
    const one = serve.find(({ service }) => service === entry.service);
    if (one === undefined) return entry;
    const grant = { term: state.term, n: state.register.index + 1 };
    const { next: _, ...rest } = entry;
    return { ...rest, phase: 'held' as const, holder: { board: one.board, grant }, cause: one.cause };
  });
  return { ...state, services };
}

function withChange(state: NetrackState, change: Change): NetrackState {
  if (change.kind === 'prefer') return { ...state, prefers: change.network };
  if (change.kind === 'admin') {
    const { admin } = change;
    const boards = state.boards.map((entry) => (entry.board === change.board ? { ...entry, admin } : entry));
    return { ...state, boards };
  }
  // Who leaves holds nothing already, and who returns is given nothing yet.
  if (change.kind === 'leave' || change.kind === 'return') return state;
  const services = state.services.map((entry) => {
    if (entry.service !== change.service) return entry;
    const { pin: _, ...rest } = entry;
    return change.kind === 'pin' ? { ...rest, pin: change.board } : rest;
  });
  return { ...state, services };
}
