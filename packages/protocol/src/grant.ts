import type { BoardId } from './cluster.js';

/**
 * The right to answer for a service's public addresses. Numbers never come back: a grant is later than another when
 * its term is, or its number in the same term (terms-and-lease M2, M5).
 */
export interface Grant {
  readonly term: number;
  readonly n: number;
}

export const NO_GRANT: Grant = { term: 0, n: 0 };

/** Below zero when `a` is earlier than `b`, zero when they are the same. */
export function compareGrants(a: Grant, b: Grant): number {
  return a.term - b.term || a.n - b.n;
}

/** One beat of one life of a board: which kernel boot, which run of its pulse, which number. */
export interface Stamp {
  readonly boot: string;
  readonly incarnation: number;
  readonly sequence: number;
}

/** A grant and the board that it was given to. */
export interface Granted {
  readonly board: BoardId;
  readonly grant: Grant;
}

export interface Holding {
  readonly service: string;
  readonly grant: Grant;
}

/** What a board says of itself under a new term (R3). */
export interface Stock {
  readonly boot: string;
  /** Grants whose element stands in its kernel now. */
  readonly held: readonly Holding[];
  /** Per service: it will create nothing for any grant up to this one (M2). */
  readonly refused: readonly Holding[];
}

/**
 * What a director tells a board to do. It lapses when the named beat of the receiver is older than a lease by the
 * receiver's own clock, and is obeyed only from the director of the term the receiver follows (M5).
 */
export interface Order {
  readonly kind: 'take' | 'release';
  readonly service: string;
  /** take: the grant to create; release: everything up to this grant is given back. */
  readonly grant: Grant;
  readonly term: number;
  readonly director: BoardId;
  readonly stamp: Stamp;
  /** take: who held it before and has not confirmed, if anybody: its MAC answering stops the move (M6). */
  readonly formerly?: BoardId;
  /** take: make ready, and take once that board's own beat says that it let go of everything up to that grant (M8). */
  readonly after?: Granted;
  /** release: who waits to take it, and is told at once by this board's own beat. */
  readonly heir?: BoardId;
  /** Why, for journals. */
  readonly cause: string;
}

export type OrderRefusal =
  | 'ORDER_OLD_TERM'
  | 'ORDER_LAPSED'
  | 'ORDER_REFUSED_BEFORE'
  | 'ORDER_AMNESIAC'
  | 'ORDER_ADDRESS_IN_USE'
  | 'ORDER_KERNEL'
  | 'ORDER_PROGRAM'
  | 'ORDER_UNKNOWN_SERVICE';

/** What came of an order; `released` confirms in the sense of M2, `ready` says that the order's `after` is awaited. */
export interface OrderOutcome {
  readonly service: string;
  readonly grant: Grant;
  readonly term: number;
  readonly result: 'taken' | 'released' | 'refused' | 'ready';
  readonly code?: OrderRefusal;
  readonly message?: string;
}
