import {
  type BoardId,
  compareGrants,
  type Grant,
  type Granted,
  type Order,
  type Service,
  type ServiceEntry,
  type Stamp,
} from '@softset/protocol';
import { clear, reportedLife } from './clear.js';
import { amend, nextIndex } from './register.js';
import { peerOf } from './state.js';
import type { ClusterConfig, ClusterEffect, ClusterState, Move } from './types.js';

/**
 * The grants engine: what REDIRECT wants, done so that an address never answers from two boards.
 *
 * ```
 *   serve ─► named as next in the register ─┬─► a majority has it (M4) ────────┬─► order sent (M5) ─► taken ─► holder
 *                                           └─► every other board clear (M1) ──┘        │
 *                                               releases asked of those that hold       └─► refused, or the board
 *                                                                                           failed: given back
 * ```
 * The write and the releases run side by side. Where one well board holds it, and no program has to stop first, it goes
 * from hand to hand instead (M8, ADR 0025): while it is still held the order is sent, to be obeyed after that board, and
 * only who is ready to take it is waited for. The holder's own beat then tells its heir.
 *
 * ```
 *   serve ─► a majority has it ─► order, after the holder ─► ready ─► release, for the heir ─► gone ─► taken
 *                                       └─► never ready: the move fails, and the holder goes on
 * ```
 */
export function serve(
  state: ClusterState,
  request: { id: number; service: string; board: BoardId; cause: string },
  nowMs: number,
  config: ClusterConfig,
): ClusterEffect[] {
  const { id, board, cause } = request;
  const refuse = (code: string, message: string): ClusterEffect[] => [{ kind: 'not-served', id, code, message }];
  const { lead } = state;
  if (!lead || state.role !== 'director') return refuse('NOT_DIRECTOR', 'this board does not direct');
  const service = config.cluster.services.find((one) => one.name === request.service);
  const entry = entryOf(state, request.service);
  if (!service || !entry) return refuse('UNKNOWN_SERVICE', `no service ${request.service}`);
  if (!service.pool.includes(board))
    return refuse('NOT_IN_POOL', `board ${board} is not in the pool of ${service.name}`);
  if (lead.moves.has(service.name)) return refuse('BUSY', `${service.name} is moving already`);
  if (!fit(state, board, config))
    return refuse('BOARD_UNFIT', `board ${board} is not up, has not reported, or owes a confirmation`);
  const grant: Grant = { term: state.term, n: nextIndex(state) };
  amendEntry(state, service.name, (old) => ({ ...old, next: { board, grant }, cause }));
  lead.moves.set(service.name, {
    service: service.name,
    to: board,
    grant,
    startedMs: nowMs,
    cause,
    formerly: undefined,
    readyMs: undefined,
    clearMs: undefined,
    order: undefined,
    orderedMs: Number.NEGATIVE_INFINITY,
    resendMs: Number.NEGATIVE_INFINITY,
  });
  return [
    {
      kind: 'log',
      event: 'move-begins',
      fields: { service: service.name, from: entry.holder?.board, to: board, grant, cause },
    },
    { kind: 'served', id, grant },
  ];
}

export function tendGrants(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const { lead } = state;
  if (!lead) return [];
  const effects: ClusterEffect[] = [];
  for (const service of config.cluster.services) {
    reconcile(state, service, config);
    const move = lead.moves.get(service.name);
    if (move) effects.push(...tendMove(state, service, move, nowMs, config));
    effects.push(...tendLeftovers(state, service, nowMs, config));
  }
  return effects;
}

/** Brings the register in line with what boards reported (R3). */
function reconcile(state: ClusterState, service: Service, config: ClusterConfig): void {
  const { lead } = state;
  const entry = entryOf(state, service.name);
  if (!lead || !entry) return;
  const move = lead.moves.get(service.name);
  let { holder, next, abandoned } = entry;
  const mayHold = (board: BoardId): Grant | undefined => lead.possible.get(board)?.get(service.name);
  const gone = (place: { board: BoardId; grant: Grant }): boolean => {
    if (!reportedLife(state, place.board, config)) return false;
    const held = mayHold(place.board);
    return held === undefined || compareGrants(held, place.grant) > 0;
  };
  if (holder && gone(holder)) holder = undefined;
  abandoned = abandoned.filter((one) => !gone(one));
  // A move that another director began and nobody finishes: what came of it shows in the reports.
  if (next && !move && gone(next)) next = undefined;
  for (const [board, held] of lead.possible) {
    const grant = held.get(service.name);
    if (!grant || !reportedLife(state, board, config) || (move && move.to === board)) continue;
    if (holder && compareGrants(holder.grant, grant) >= 0) continue;
    if (abandoned.some((one) => one.board === board)) continue;
    holder = { board, grant };
    if (next?.board === board && compareGrants(next.grant, grant) === 0) next = undefined;
  }
  if (sameGiven(holder, entry.holder) && sameGiven(next, entry.next) && abandoned.length === entry.abandoned.length)
    return;
  amendEntry(state, service.name, (old) => rebuilt(old, holder, next, abandoned));
}

function sameGiven(a: Granted | undefined, b: Granted | undefined): boolean {
  return (
    a === b || (a !== undefined && b !== undefined && a.board === b.board && compareGrants(a.grant, b.grant) === 0)
  );
}

function rebuilt(
  old: ServiceEntry,
  holder: Granted | undefined,
  next: Granted | undefined,
  abandoned: readonly Granted[],
): ServiceEntry {
  const { service, pin, cause } = old;
  return {
    service,
    cause,
    abandoned,
    ...(pin === undefined ? {} : { pin }),
    ...(holder ? { holder } : {}),
    ...(next ? { next } : {}),
  };
}

/** Boards that could answer for a service: its pool, and whoever the register or a report names. */
export function candidates(state: ClusterState, service: Service): BoardId[] {
  const entry = entryOf(state, service.name);
  const named = [entry?.holder, entry?.next, ...(entry?.abandoned ?? [])].flatMap((place) =>
    place ? [place.board] : [],
  );
  const found = [...(state.lead?.possible ?? [])].filter(([, held]) => held.has(service.name)).map(([board]) => board);
  return [...new Set([...service.pool, ...named, ...found])];
}

function tendMove(
  state: ClusterState,
  service: Service,
  move: Move,
  nowMs: number,
  config: ClusterConfig,
): ClusterEffect[] {
  const { lead } = state;
  if (!lead) return [];
  const held = lead.possible.get(move.to)?.get(service.name);
  const stock = lead.reports.get(move.to)?.held.find((one) => one.service === service.name);
  if (held && stock && compareGrants(stock.grant, move.grant) === 0) return finish(state, move, nowMs);
  if (!fit(state, move.to, config)) return fail(state, move, `board ${move.to} failed on the way`);

  const after = handOver(state, service, move, nowMs, config);
  if (after && move.readyMs === undefined && nowMs - move.startedMs > config.releaseMs)
    return fail(state, move, `board ${move.to} was not ready to take it, so board ${after.board} goes on`);
  const askedMs = after ? move.readyMs : move.startedMs;
  const effects: ClusterEffect[] = [];
  let allClear = true;
  for (const board of candidates(state, service)) {
    if (board === move.to) continue;
    const why = clear(state, board, service, nowMs, config);
    const holding = lead.possible.get(board)?.get(service.name) ?? unreportedGrant(state, board, service.name);
    if (why === undefined) {
      allClear = false;
      if (askedMs !== undefined && nowMs - askedMs > config.releaseMs && !lead.silenced.has(board)) {
        // It lives but does not let go: it is left to its lease (M1 b).
        lead.silenced.add(board);
        state.changed = true;
        effects.push({ kind: 'log', event: 'left-to-lease', fields: { service: service.name, board } });
      }
    } else if (why !== 'confirmed' && holding) {
      // M3: not echoed until it confirmed; written before the order leaves.
      abandon(state, service.name, { board, grant: holding });
      move.formerly = board;
    }
  }
  if (!allClear && !after) return effects;
  if (allClear) {
    move.clearMs ??= nowMs;
    // Its heir heard it, too, and is taking it already: another order would only be in the way.
    if (move.readyMs !== undefined && nowMs - move.clearMs < config.cluster.timing.intervalMs) return effects;
  }
  return [...effects, ...sendOrder(state, move, after, nowMs, config)];
}

/**
 * Who hands the service over to the move's heir, and under which grant: the only board that may still hold it, well, and
 * without programs that may run on one board at a time. Undefined: nobody, and who holds it is told to let go first.
 */
function handOver(
  state: ClusterState,
  service: Service,
  move: Move,
  nowMs: number,
  config: ClusterConfig,
): Granted | undefined {
  const exclusive = config.cluster.programs.some(
    ({ name, exclusive }) => exclusive === 'program' && service.programs.includes(name),
  );
  if (exclusive) return undefined;
  const unclear = candidates(state, service).filter(
    (board) => board !== move.to && clear(state, board, service, nowMs, config) === undefined,
  );
  const [board] = unclear;
  if (board === undefined || unclear.length > 1 || state.lead?.silenced.has(board)) return undefined;
  const grant = state.lead?.possible.get(board)?.get(service.name);
  if (!grant || !reportedLife(state, board, config)) return undefined;
  const verdict = board === config.self ? 'up' : peerOf(state, board)?.verdict;
  return verdict === 'up' || verdict === 'silent' ? { board, grant } : undefined;
}

/** What the register says of a board that has not reported: it may still hold that. */
function unreportedGrant(state: ClusterState, board: BoardId, service: string): Grant | undefined {
  const entry = entryOf(state, service);
  return [entry?.holder, entry?.next].find((place) => place?.board === board)?.grant;
}

function sendOrder(
  state: ClusterState,
  move: Move,
  after: Granted | undefined,
  nowMs: number,
  config: ClusterConfig,
): ClusterEffect[] {
  const { lead, pace } = state;
  const { intervalMs, leaseMs } = config.cluster.timing;
  if (!lead || lead.committed < move.grant.n || state.dirty) return [];
  // The pulse must have stopped echoing whoever was abandoned, and vouch for nobody else than was asked.
  if (lead.vouchAsked !== undefined || lead.vouching === undefined) return [];
  // M5: only while the proof stands.
  if (!pace || pace.term !== state.term || (pace.proofUntilMs <= nowMs && !config.without.has('M5'))) return [];
  const other = !sameGiven(move.order?.after, after);
  if (move.order && !other && nowMs - move.resendMs < intervalMs) return [];
  // A retransmission keeps its first stamp; once that lapsed the order is made anew.
  if (!move.order || other || nowMs - move.orderedMs > leaseMs) {
    const stamp = stampOf(state, move.to, config);
    if (!stamp) return [];
    move.orderedMs = nowMs;
    move.order = {
      kind: 'take',
      service: move.service,
      grant: move.grant,
      term: state.term,
      director: config.self,
      stamp,
      cause: move.cause,
      ...(move.formerly === undefined ? {} : { formerly: move.formerly }),
      ...(after === undefined ? {} : { after }),
    };
  }
  move.resendMs = nowMs;
  lead.orderedMs.set(move.to, nowMs);
  possible(state, move.to).set(move.service, move.grant);
  return deliver(move.to, move.order, config);
}

function deliver(to: BoardId, order: Order, config: ClusterConfig): ClusterEffect[] {
  if (to === config.self) return [{ kind: 'agent', message: { kind: 'order', order } }];
  return [{ kind: 'send', to, message: { kind: 'order', order } }];
}

function stampOf(state: ClusterState, board: BoardId, config: ClusterConfig): Stamp | undefined {
  const { pace } = state;
  const found = board === config.self ? pace?.own : pace?.stamps.find((stamp) => stamp.board === board);
  if (!found) return undefined;
  const { boot, incarnation, sequence } = found;
  return { boot, incarnation, sequence };
}

function finish(state: ClusterState, move: Move, nowMs: number): ClusterEffect[] {
  state.lead?.moves.delete(move.service);
  amendEntry(state, move.service, (old) =>
    rebuilt(old, { board: move.to, grant: move.grant }, undefined, old.abandoned),
  );
  const { service, to, grant, cause } = move;
  return [{ kind: 'log', event: 'moved', fields: { service, to, grant, cause, durationMs: nowMs - move.startedMs } }];
}

function fail(state: ClusterState, move: Move, why: string): ClusterEffect[] {
  state.lead?.moves.delete(move.service);
  const ordered = move.order !== undefined;
  amendEntry(state, move.service, (old) => {
    const abandoned = ordered ? [...old.abandoned, { board: move.to, grant: move.grant }] : old.abandoned;
    return rebuilt(old, old.holder, undefined, abandoned);
  });
  return [{ kind: 'log', event: 'move-failed', fields: { service: move.service, to: move.to, why } }];
}

/** The board waits for the holder to let go. */
export function orderReady(
  state: ClusterState,
  from: BoardId,
  service: string,
  grant: Grant,
  nowMs: number,
): ClusterEffect[] {
  const move = state.lead?.moves.get(service);
  if (move && move.to === from && compareGrants(move.grant, grant) === 0) move.readyMs ??= nowMs;
  return [];
}

/** The board refused the order: it is made to give the grant back for good before anything else is tried. */
export function orderRefused(
  state: ClusterState,
  from: BoardId,
  service: string,
  grant: Grant,
  why: string,
): ClusterEffect[] {
  const move = state.lead?.moves.get(service);
  if (!move || move.to !== from || compareGrants(move.grant, grant) !== 0) return [];
  state.lead?.moves.delete(service);
  amendEntry(state, service, (old) => rebuilt(old, old.holder, undefined, old.abandoned));
  return [{ kind: 'log', event: 'order-refused', fields: { service, board: from, why } }];
}

/** Whoever may hold what the register does not name it for, or is to hand over, is told to let go, once an interval. */
function tendLeftovers(state: ClusterState, service: Service, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const { lead, pace } = state;
  const entry = entryOf(state, service.name);
  if (!lead || !entry || !pace || pace.proofUntilMs <= nowMs) return [];
  const effects: ClusterEffect[] = [];
  const move = lead.moves.get(service.name);
  for (const [board, held] of lead.possible) {
    const grant = held.get(service.name);
    if (!grant || !reportedLife(state, board, config)) continue;
    const named = [entry.holder, entry.next].some(
      (place) => place?.board === board && compareGrants(place.grant, grant) === 0,
    );
    const handsOver = move !== undefined && board !== move.to;
    if (named && !handsOver) continue;
    const heir = handsOver && handOver(state, service, move, nowMs, config)?.board === board ? move.to : undefined;
    // It goes on holding until its heir is ready.
    if (heir !== undefined && move?.readyMs === undefined) continue;
    const key = `${service.name} ${board}`;
    if (nowMs - (lead.releasedMs.get(key) ?? Number.NEGATIVE_INFINITY) < config.cluster.timing.intervalMs) continue;
    const stamp = stampOf(state, board, config);
    if (!stamp) continue;
    lead.releasedMs.set(key, nowMs);
    effects.push(
      ...deliver(
        board,
        {
          kind: 'release',
          service: service.name,
          grant,
          term: state.term,
          director: config.self,
          stamp,
          cause: move?.cause ?? entry.cause,
          ...(heir === undefined ? {} : { heir }),
        },
        config,
      ),
    );
  }
  return effects;
}

function abandon(state: ClusterState, service: string, place: Granted): void {
  const entry = entryOf(state, service);
  if (!entry || entry.abandoned.some((one) => one.board === place.board && entry.holder?.board !== place.board)) return;
  amendEntry(state, service, (old) => {
    const holder = old.holder?.board === place.board ? undefined : old.holder;
    return rebuilt(old, holder, old.next, [...old.abandoned.filter((one) => one.board !== place.board), place]);
  });
}

/** Whether a board can be given something: up, reported in its present life, and vouched for. */
export function fit(state: ClusterState, board: BoardId, config: ClusterConfig): boolean {
  const { lead } = state;
  if (!lead || !reportedLife(state, board, config)) return false;
  if (board === config.self) return !state.amnesiac;
  const peer = peerOf(state, board);
  if (!peer || (peer.verdict !== 'up' && peer.verdict !== 'silent') || peer.amnesiac) return false;
  return lead.vouching?.has(board) === true || lead.vouchAsked?.includes(board) === true;
}

export function entryOf(state: ClusterState, service: string): ServiceEntry | undefined {
  return state.register.services.find((entry) => entry.service === service);
}

function amendEntry(state: ClusterState, service: string, change: (entry: ServiceEntry) => ServiceEntry): void {
  amend(state, (register) => ({
    ...register,
    services: register.services.map((entry) => (entry.service === service ? change(entry) : entry)),
  }));
}

function possible(state: ClusterState, board: BoardId): Map<string, Grant> {
  const map = state.lead?.possible.get(board) ?? new Map<string, Grant>();
  state.lead?.possible.set(board, map);
  return map;
}
