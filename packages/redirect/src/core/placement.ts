import type { BoardId, Cluster, NetrackState, PlacementReason, Service, ServiceState } from '@softset/protocol';
import { type Candidate, candidates, type Ground, type Member, reasonsOf } from './candidates.js';
import { failback } from './failback.js';
import { standsBy, unfitToKeep, unfitToTake } from './fitness.js';
import { type History, isResting, LIMITS, type Limits, WISH_CAUSE } from './history.js';
import { Occupancy, unitsOf } from './occupancy.js';
import { relief, relievers } from './relief.js';

/**
 * The wanted placement: a pure function of configuration, state and what was seen before (002 ¶0045, ¶0050, ¶0051).
 * It says what is wanted; whether that is safe now is the grants engine's to say.
 *
 * Every redundancy model is the same to it: services with one holder each (instances of one entry of the file), ranks,
 * `apart`, `together`, weights and capacities. A fit holder keeps what it has: nothing moves back by itself unless
 * `failback` says so, for a move costs an outage, however short, and the board that just came back is the one that
 * failed last. Hence a pin is a preference for the next choice and moves nothing; only a wish does.
 *
 *     phase of the service | moved when
 *     held                 | a wish for another, fit board; or its living holder is unfit, and it does not rest;
 *                          | or what goes together with it moves, or is elsewhere; or its holder stands by and an
 *                          | active board is fit; or it may fail back
 *     free                 | always, when some board of the pool is fit, and what it requires is held
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
  /** Services that should be elsewhere or anywhere, and why they cannot: spares ran out, or they wait for another. */
  readonly unplaced: readonly Unplaced[];
}

export interface Serve {
  readonly service: string;
  readonly board: BoardId;
  readonly cause: string;
  readonly reasons: readonly PlacementReason[];
  /** The wish that it fulfils. */
  readonly wish?: string;
}

export interface Unplaced {
  readonly service: string;
  readonly why: string;
  readonly reasons: readonly PlacementReason[];
}

/** An operator's wish that waits: its board is in the pool. */
export interface PendingWish {
  readonly id: string;
  readonly service: string;
  readonly board: BoardId;
  readonly who: string;
}

export interface Aside {
  /** Where services are on their way to by what was asked and is not shown by `state` yet. */
  readonly under?: Readonly<Record<string, BoardId>>;
  /** The director's wall time, minutes after midnight; absent: nothing is daily. */
  readonly minuteOfDay?: number;
}

/** How often those that found no board are put first, to see whether more can be served so. */
const TRIES_MAX = 4;

export function place(
  cluster: Cluster,
  state: NetrackState,
  history: History,
  nowMs: number,
  wishes: readonly PendingWish[] = [],
  limits: Limits = LIMITS,
  aside: Aside = {},
): Placement {
  const resting = cluster.services
    .filter(({ name }) => isResting(history, name, nowMs, limits))
    .map((service) => service.name);
  const round = { cluster, state, history, nowMs, wishes, limits, aside, resting };
  let units = unitsOf(cluster);
  let best = placeUnits(round, units);
  for (let tries = 1; tries < TRIES_MAX && best.serve.length > 0 && best.short.length > 0; tries++) {
    const { short } = best;
    units = [...short, ...units.filter((unit) => !short.includes(unit))];
    const other = placeUnits(round, units);
    if (other.short.length >= short.length) break;
    best = other;
  }
  return { serve: best.serve, unplaced: best.unplaced, resting };
}

interface Round extends Omit<Ground, 'occupancy'> {
  readonly nowMs: number;
  readonly wishes: readonly PendingWish[];
  readonly limits: Limits;
  readonly aside: Aside;
  readonly resting: readonly string[];
}

interface Outcome extends Omit<Placement, 'resting'> {
  /** Units with a free service for which no board was left. */
  readonly short: readonly (readonly Service[])[];
}

function placeUnits(round: Round, units: readonly (readonly Service[])[]): Outcome {
  const { cluster, state, history, aside } = round;
  const ground = { cluster, state, history, occupancy: new Occupancy(cluster, state, aside.under ?? {}) };
  const serve: Serve[] = [];
  const unplaced: Unplaced[] = [];
  const short: (readonly Service[])[] = [];
  for (const services of units) {
    const found = placeUnit(round, ground, services);
    for (const one of found.serve) ground.occupancy.send(one.service, one.board);
    serve.push(...found.serve);
    unplaced.push(...found.unplaced);
    if (found.short) short.push(services);
  }
  const position = (name: string): number => cluster.services.findIndex((service) => service.name === name);
  const inOrder = (a: { service: string }, b: { service: string }): number => position(a.service) - position(b.service);
  return { serve: serve.sort(inOrder), unplaced: unplaced.sort(inOrder), short };
}

const NOTHING = { serve: [], unplaced: [], short: false } as const;

function placeUnit(
  round: Round,
  ground: Ground,
  services: readonly Service[],
): { serve: readonly Serve[]; unplaced: readonly Unplaced[]; short: boolean } {
  const { wishes, nowMs, aside } = round;
  const unit = services.flatMap((service) => memberOf(round, service) ?? []);
  const free = unit.filter((member) => member.now.phase === 'free' && member.fixed === undefined);
  const waits = free.flatMap((member) => waiting(round, member) ?? []);
  const ready = free.filter((member) => !waits.some(({ service }) => service === member.service.name));

  const wish = wishes.find((entry) => unit.some(({ service }) => service.name === entry.service));
  const wanted = wish && wished(round, ground, unit, wish);
  if (wanted) return { ...NOTHING, serve: wanted };

  const leaving = unit.find((member) => member.leaves !== undefined);
  const apart = unit.length > 1 && unit.find((member) => isElsewhere(unit, member));
  const first = ready[0] ?? leaving ?? (apart || undefined);
  if (first === undefined) {
    const rests = waits.length > 0 || services.some(({ name }) => round.resting.includes(name));
    const back = rests ? undefined : (relief(ground, unit) ?? failback(ground, unit, nowMs, aside.minuteOfDay));
    if (back === undefined) return { ...NOTHING, unplaced: waits };
    return { ...NOTHING, serve: going(unit, unit, back.board, back.cause, back.weighed) };
  }
  const goers = unit.filter((member) => !waits.some(({ service }) => service === member.service.name));
  const weighed = candidates(ground, goers, first);
  const [best] = weighed;
  const cause = causeOf(round, first) ?? 'it goes together with others';
  if (best !== undefined && best.refused === undefined) {
    return { serve: going(goers, unit, best.board, cause, weighed, first), unplaced: waits, short: false };
  }
  const reasons = reasonsOf(weighed, undefined);
  const without = goers
    .filter((member) => member === first || (member.now.phase === 'free' && member.fixed === undefined))
    .map(({ service }) => ({ service: service.name, why: cause, reasons }));
  return { serve: [], unplaced: [...waits, ...without], short: ready.length > 0 };
}

/** What may be done with a service now; undefined while its holder is unknown or silent, for that binds nobody. */
function memberOf(round: Round, service: Service): Member | undefined {
  const { cluster, state, history, nowMs, limits, aside, resting } = round;
  const now = state.services.find((entry) => entry.service === service.name);
  const under = aside.under?.[service.name];
  if (now === undefined) return undefined;
  if (under !== undefined) return { service, now, fixed: under };
  if (now.phase === 'moving') return now.next === undefined ? undefined : { service, now, fixed: now.next.board };
  if (now.phase === 'free') return { service, now };
  const holder = now.holder?.board;
  if (now.phase !== 'held' || holder === undefined) return undefined;
  if (resting.includes(service.name)) {
    // It rests for failures' sake; an operator who wishes moves it all the same.
    const wish = round.wishes.some((entry) => entry.service === service.name);
    return wish ? { service, now } : { service, now, fixed: holder };
  }
  const leaves = unfitToKeep(cluster, state, history, service, holder, nowMs, limits);
  return leaves === undefined ? { service, now } : { service, now, leaves };
}

function isElsewhere(unit: readonly Member[], { now, fixed }: Member): boolean {
  if (now.phase !== 'held' || fixed !== undefined) return false;
  return unit.some((other) => {
    const where = other.fixed ?? (other.now.phase === 'held' ? other.now.holder?.board : undefined);
    return where !== undefined && where !== now.holder?.board;
  });
}

/** Why a free service is not placed yet; undefined when it may be. */
function waiting({ state }: Round, { service }: Member): Unplaced | undefined {
  const missing = (service.requires ?? []).find(
    (name) => state.services.find((entry) => entry.service === name)?.phase !== 'held',
  );
  if (missing === undefined) return undefined;
  return { service: service.name, why: `it requires ${missing}, which is not held`, reasons: [] };
}

function wished(
  round: Round,
  ground: Ground,
  unit: readonly Member[],
  wish: PendingWish,
): readonly Serve[] | undefined {
  const first = unit.find(({ service }) => service.name === wish.service);
  if (first === undefined || first.fixed !== undefined) return undefined;
  if (first.now.phase === 'held' && first.now.holder?.board === wish.board) return undefined;
  if (wishRefused(round, ground, unit, first, wish.board) !== undefined) return undefined;
  const comers = unit.filter(({ now }) => now.phase !== 'held' || now.holder?.board !== wish.board);
  return comers.map(({ service }): Serve => {
    const reasons = [{ board: wish.board, chosen: true, why: `chosen, wished by ${wish.who}` }];
    const cause = `${WISH_CAUSE} of ${wish.who}`;
    const own = service.name === wish.service ? { wish: wish.id } : {};
    return { service: service.name, board: wish.board, cause, reasons, ...own };
  });
}

/** An operator may move it to a full board, and to one that does not stand well: not to one where it must not be. */
function wishRefused(
  { cluster, state }: Pick<Round, 'cluster' | 'state'>,
  ground: Ground,
  unit: readonly Member[],
  first: Member,
  board: BoardId,
): string | undefined {
  if (!first.service.pool.includes(board)) return 'it is not in the pool';
  const unfit = unfitToTake(cluster, state, first.service, board);
  if (unfit !== undefined) return unfit;
  const weighed = candidates(ground, unit, first);
  const refused = weighed.find((entry) => entry.board === board)?.refused;
  if (refused !== undefined || !standsBy(state, board)) return refused;
  // It would come back at once.
  return relievers(weighed).length === 0 ? undefined : 'it stands by; activate it first';
}

function causeOf({ state }: Round, { now, leaves }: Member): string | undefined {
  const holder = now.holder?.board;
  const name = state.boards.find((board) => board.board === holder)?.name ?? `board ${holder}`;
  if (now.phase === 'free') return holder === undefined ? 'nobody holds it' : `${name} holds it no more`;
  return leaves === undefined ? undefined : `${name} cannot keep it: ${leaves}`;
}

/** All of `goers` that are not on `board` go there. */
function going(
  goers: readonly Member[],
  unit: readonly Member[],
  board: BoardId,
  cause: string,
  weighed: readonly Candidate[],
  first?: Member,
): readonly Serve[] {
  const reasons = reasonsOf(weighed, board);
  const name = (first ?? unit[0])?.service.name;
  return goers
    .filter(({ now, fixed }) => fixed === undefined && !(now.phase === 'held' && now.holder?.board === board))
    .map(({ service }) => ({
      service: service.name,
      board,
      cause: service.name === name ? cause : `goes together with ${name}: ${cause}`,
      reasons,
    }));
}

/** What is thought of each board of the pool now, the holder's own included, as if the service had to go. */
export function explain(
  cluster: Cluster,
  state: NetrackState,
  history: History,
  service: Service,
  now: ServiceState,
): { readonly board: BoardId | undefined; readonly reasons: readonly PlacementReason[] } {
  const ground = { cluster, state, history, occupancy: new Occupancy(cluster, state, {}) };
  const holds = now.phase === 'held' ? { leaves: 'as if it had to go' } : {};
  const names = service.together ?? [];
  const others = cluster.services.flatMap((one): Member[] => {
    const other = state.services.find((entry) => entry.service === one.name);
    const movable = other?.phase === 'held' || other?.phase === 'free';
    return names.includes(one.name) && other && movable ? [{ service: one, now: other }] : [];
  });
  const first: Member = { service, now, ...holds };
  const weighed = candidates(ground, [first, ...others], first);
  const best = weighed[0]?.refused === undefined ? weighed[0]?.board : undefined;
  const reasons = reasonsOf(weighed, best).map((reason) =>
    now.phase === 'held' && reason.board === now.holder?.board ? { ...reason, why: 'holds it' } : reason,
  );
  return { board: best, reasons };
}

/** Why an operator's wish for `board` cannot be fulfilled; undefined when it can, or when that cannot be said now. */
export function wishDenied(
  cluster: Cluster,
  state: NetrackState,
  history: History,
  service: Service,
  board: BoardId,
): string | undefined {
  const now = state.services.find((entry) => entry.service === service.name);
  if (now?.phase === 'held' && now.holder?.board === board) return undefined;
  const ground = { cluster, state, history, occupancy: new Occupancy(cluster, state, {}) };
  const names = [service.name, ...(service.together ?? [])];
  const unit = cluster.services.flatMap((one): Member[] => {
    const other = state.services.find((entry) => entry.service === one.name);
    return names.includes(one.name) && other ? [{ service: one, now: other }] : [];
  });
  const first = unit.find((member) => member.service === service);
  return first && wishRefused({ cluster, state }, ground, unit, first, board);
}
