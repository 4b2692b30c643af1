import type { BoardId, Cluster, NetrackState, PlacementReason, Service, ServiceState } from '@softset/protocol';
import { isWarm, unfitToKeep, unfitToTake } from './fitness.js';
import { type History, isResting, LIMITS, type Limits, WISH_CAUSE } from './history.js';

/**
 * The wanted placement: a pure function of configuration, state and what was seen before (002 ¶0045, ¶0050, ¶0051).
 * It says what is wanted; whether that is safe now is the grants engine's to say.
 *
 * Redundancy 2N: one board holds the service, the others of its pool stand by. A fit holder keeps it: nothing moves
 * back by itself, for a move costs an outage, however short, and the board that just came back is the one that failed
 * last. Hence a pin is a preference for the next choice and moves nothing; only a wish does.
 *
 *     phase of the service | moved when
 *     held                 | a wish for another, fit board; or its living holder is unfit, and it does not rest
 *     free                 | always, when some board of the pool is fit
 *     moving               | never: a move is under way
 *     silent, unknown      | never: its holder may still answer, and time (the lease) decides
 *
 * A service that moved by failure three times in ten minutes rests: whatever is wrong moves along with it, and each
 * further move costs its users an outage and gains nothing. But rest means *staying with a holder*, and a free service
 * has none: leaving it so is an outage without end, where trying costs nobody anything. So it is placed even then, on
 * a board that did not just lose it where there is one; the alarm stands, and it then rests where it is.
 */
export interface Placement {
  readonly serve: readonly Serve[];
  /** In the order of the cluster file. */
  readonly resting: readonly string[];
}

export interface Serve {
  readonly service: string;
  readonly board: BoardId;
  readonly cause: string;
  readonly reasons: readonly PlacementReason[];
  /** The wish that it fulfils. */
  readonly wish?: string;
}

/** An operator's wish that waits: its board is in the pool. */
export interface PendingWish {
  readonly id: string;
  readonly service: string;
  readonly board: BoardId;
  readonly who: string;
}

export function place(
  cluster: Cluster,
  state: NetrackState,
  history: History,
  nowMs: number,
  wishes: readonly PendingWish[] = [],
  limits: Limits = LIMITS,
): Placement {
  const resting = cluster.services
    .filter(({ name }) => isResting(history, name, nowMs, limits))
    .map((service) => service.name);
  const serve = cluster.services.flatMap((service): Serve[] => {
    const now = state.services.find((entry) => entry.service === service.name);
    if (now === undefined || (now.phase !== 'held' && now.phase !== 'free')) return [];
    const wish = wishes.find((entry) => entry.service === service.name);
    const wanted = wish === undefined ? undefined : wished(cluster, state, service, now, wish);
    if (wanted !== undefined) return [wanted];
    const cause = causeToMove(cluster, state, history, service, now, nowMs, limits);
    if (cause === undefined || (now.phase === 'held' && resting.includes(service.name))) return [];
    const { board, reasons } = choose(cluster, state, history, service, now);
    // A holder that is unfit in the same way as all others is no worse than they.
    return board === undefined ? [] : [{ service: service.name, board, cause, reasons }];
  });
  return { serve, resting };
}

function wished(
  cluster: Cluster,
  state: NetrackState,
  service: Service,
  now: ServiceState,
  wish: PendingWish,
): Serve | undefined {
  if (now.phase === 'held' && now.holder?.board === wish.board) return undefined;
  if (!service.pool.includes(wish.board)) return undefined;
  if (unfitToTake(cluster, state, service, wish.board) !== undefined) return undefined;
  const reasons = [{ board: wish.board, chosen: true, why: `chosen, wished by ${wish.who}` }];
  const cause = `${WISH_CAUSE} of ${wish.who}`;
  return { service: service.name, board: wish.board, cause, reasons, wish: wish.id };
}

function causeToMove(
  cluster: Cluster,
  state: NetrackState,
  history: History,
  service: Service,
  now: ServiceState,
  nowMs: number,
  limits: Limits,
): string | undefined {
  const holder = now.holder?.board;
  const name = state.boards.find((board) => board.board === holder)?.name ?? `board ${holder}`;
  if (now.phase === 'free') return holder === undefined ? 'nobody holds it' : `${name} holds it no more`;
  if (holder === undefined) return undefined;
  const why = unfitToKeep(cluster, state, history, service, holder, nowMs, limits);
  return why === undefined ? undefined : `${name} cannot keep it: ${why}`;
}

/** The best fit board of the pool, and what was thought of each; never the living holder that is to give it up. */
export function choose(
  cluster: Cluster,
  state: NetrackState,
  history: History,
  service: Service,
  now: ServiceState,
): { readonly board: BoardId | undefined; readonly reasons: readonly PlacementReason[] } {
  const last = now.holder?.board;
  const verdicts = service.pool.map((board, position) => {
    const holding = now.phase === 'held' && board === last;
    const unfit = holding ? 'it is to give it up' : unfitToTake(cluster, state, service, board);
    const tried = history.attempts.findLast((entry) => entry.service === service.name && entry.board === board);
    const marks: readonly (readonly [boolean, string])[] = [
      [tried !== undefined, 'it failed to take it a moment ago'],
      [now.pin !== undefined && now.pin !== board, 'another is pinned'],
      [now.phase === 'free' && board === last, 'it just lost it'],
      [!isWarm(cluster, state, service, board), 'its standby programs do not run'],
    ];
    return { board, position, unfit, triedMs: tried?.atMs ?? 0, marks };
  });
  // Marks weigh in their order; of those that failed, the longest ago; at last the pool's own order.
  const [best, ...others] = verdicts
    .filter((entry) => entry.unfit === undefined)
    .sort((a, b) => {
      const at = a.marks.findIndex(([set], i) => set !== b.marks[i]?.[0]);
      if (at >= 0) return a.marks[at]?.[0] ? 1 : -1;
      return a.triedMs - b.triedMs || a.position - b.position;
    });
  const reasons = verdicts.map((entry): PlacementReason => {
    if (entry.unfit !== undefined) return { board: entry.board, chosen: false, why: `refused, ${entry.unfit}` };
    const marks = entry.marks.filter(([set]) => set).map(([, text]) => text);
    const also = marks.length === 0 ? '' : `, though ${marks.join(' and ')}`;
    if (entry !== best) return { board: entry.board, chosen: false, why: `fit, but not the best${also}` };
    const how =
      others.length === 0 ? 'the only fit one' : entry.position === 0 ? 'first of the pool' : 'the best of the pool';
    return { board: entry.board, chosen: true, why: `chosen, ${how}${also}` };
  });
  return { board: best?.board, reasons };
}
