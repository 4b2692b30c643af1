import type { BoardId, NetrackState } from '@softset/protocol';

/** A change of holder that was seen in NETRACK's state. */
export interface MoveSeen {
  readonly service: string;
  readonly from: BoardId;
  readonly to: BoardId;
  readonly atMs: number;
}

/** A board that was granted a service and did not come to hold it. */
export interface FailedAttempt {
  readonly service: string;
  readonly board: BoardId;
  /** The last time. */
  readonly atMs: number;
  /** How often, of late. */
  readonly times: number;
}

/** A daemon that a living board runs no more (or not yet). */
export interface MissingDaemon {
  readonly board: BoardId;
  readonly daemon: RequiredDaemon;
  readonly sinceMs: number;
}

/**
 * What placement needs of the past. It is gathered by watching, on every board and not on the director's alone, so
 * that a new director knows how often a service moved under the old one.
 */
export interface History {
  /** Moves by failure, newest last; a move by wish wipes those of its service. */
  readonly moves: readonly MoveSeen[];
  readonly attempts: readonly FailedAttempt[];
  readonly missing: readonly MissingDaemon[];
  /** Who held each service when it was last seen held. */
  readonly holders: Readonly<Record<string, BoardId>>;
  /** Since when each board has been well, as far as anybody may fail back to it; absent: it is not. */
  readonly wellSinceMs: Readonly<Record<BoardId, number>>;
}

export type RequiredDaemon = 'netrackd' | 'redirectd' | 'psrmd';
export const REQUIRED_DAEMONS: readonly RequiredDaemon[] = ['netrackd', 'redirectd', 'psrmd'];

export interface Limits {
  /** Moves of one service by failure within the window, after which it rests. */
  readonly movesMax: number;
  readonly windowMs: number;
  /** How long a board that failed to take a service stands last in the choice. */
  readonly attemptMs: number;
  /**
   * How long a daemon of a *holder* may be missing before that counts. A pulse that was restarted beats before the
   * daemons have checked in with it again (they retry every 5 to 100 ms), and that is no reason to move.
   */
  readonly daemonGraceMs: number;
}

/** Three moves in ten minutes: the product's limit for each service. */
export const LIMITS: Limits = { movesMax: 3, windowMs: 600_000, attemptMs: 10_000, daemonGraceMs: 300 };

export const EMPTY_HISTORY: History = { moves: [], attempts: [], missing: [], holders: {}, wellSinceMs: {} };

/** A cause that begins so was an operator's wish: it travels with the grant, so that every board can tell. */
export const WISH_CAUSE = 'wish';
/** One that ends so came of an operator's word about the board: no failure, and not counted as one. */
export const RELIEF_CAUSE = 'stands by, and an active board can take it';

/** Takes in a new state. Cost: boards + services; the lists stay bounded by `movesMax`, the pools and the boards. */
export function observe(history: History, state: NetrackState, nowMs: number, limits: Limits): History {
  let moves = history.moves.filter((move) => nowMs - move.atMs < limits.windowMs);
  const holders = { ...history.holders };
  for (const { service, phase, holder, cause } of state.services) {
    if (phase !== 'held' || holder === undefined) continue;
    const from = holders[service];
    holders[service] = holder.board;
    if (from === undefined || from === holder.board) continue;
    const others = moves.filter((move) => move.service !== service);
    // An operator who moves it says that it may move again: its count starts afresh.
    if (cause.startsWith(WISH_CAUSE)) moves = others;
    else if (!cause.endsWith(RELIEF_CAUSE)) {
      const own = [
        ...moves.filter((move) => move.service === service),
        { service, from, to: holder.board, atMs: nowMs },
      ];
      moves = [...others, ...own.slice(-limits.movesMax)];
    }
  }
  return {
    moves,
    attempts: history.attempts.filter((attempt) => nowMs - attempt.atMs < limits.attemptMs),
    missing: missingDaemons(history, state, nowMs),
    holders,
    wellSinceMs: wellSince(history, state, nowMs),
  };
}

/** Well: plainly alive, in service, with the daemons that every service needs. */
function wellSince(history: History, state: NetrackState, nowMs: number): Readonly<Record<BoardId, number>> {
  const well = state.boards.filter(({ verdict, admin, leaving, amnesiac, daemons }) => {
    const alive = verdict === 'self' || (verdict === 'up' && daemons.includes('redirectd'));
    return alive && admin === 'in-service' && !leaving && !amnesiac;
  });
  return Object.fromEntries(well.map(({ board }) => [board, history.wellSinceMs[board] ?? nowMs]));
}

function missingDaemons(history: History, state: NetrackState, nowMs: number): readonly MissingDaemon[] {
  return state.boards.flatMap((board) => {
    if (board.verdict !== 'up' && board.verdict !== 'self') return [];
    return REQUIRED_DAEMONS.filter((daemon) => !board.daemons.includes(daemon)).map((daemon) => {
      const known = history.missing.find((entry) => entry.board === board.board && entry.daemon === daemon);
      return known ?? { board: board.board, daemon, sinceMs: nowMs };
    });
  });
}

/** Notes that `board` was granted `service` and does not hold it; one entry for each pair. */
export function attemptFailed(history: History, service: string, board: BoardId, nowMs: number): History {
  const mine = (attempt: FailedAttempt): boolean => attempt.service === service && attempt.board === board;
  const times = (history.attempts.find(mine)?.times ?? 0) + 1;
  const others = history.attempts.filter((attempt) => !mine(attempt));
  return { ...history, attempts: [...others, { service, board, atMs: nowMs, times }] };
}

/** A wish lifts the rest of its service. */
export function forgive(history: History, service: string): History {
  return { ...history, moves: history.moves.filter((move) => move.service !== service) };
}

export function isResting(history: History, service: string, nowMs: number, limits: Limits): boolean {
  const recent = history.moves.filter((move) => move.service === service && nowMs - move.atMs < limits.windowMs);
  return recent.length >= limits.movesMax;
}
