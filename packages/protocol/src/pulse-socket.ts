import type { AlarmCause } from './alarms.js';
import type { DaemonName } from './beat.js';
import type { BoardId, Network } from './cluster.js';
import type { Grant, Holding, Order, OrderRefusal, Stamp, Stock } from './grant.js';

/**
 * The pulse's local socket: length-framed JSON on a UNIX stream (see frames.ts). Requests with an `id` are answered
 * by the message that names the same id. Only netrackd may follow, lead, vouch and name; only redirectd's agent may
 * create, release and rehome; everybody may watch and check in.
 */
export type PulseRequest =
  | { readonly kind: 'hello'; readonly daemon: DaemonName | 'watch' }
  /** A daemon's loop came round: keeps its liveness bit for another second. */
  | { readonly kind: 'alive' }
  /** Adopt a term and answer this director alone; 0 for none yet. Refused when an older term is named (T1, T3). */
  | { readonly kind: 'follow'; readonly id: number; readonly term: number; readonly director: BoardId | 0 }
  /** This board was elected in `term`. */
  | { readonly kind: 'lead'; readonly id: number; readonly term: number; readonly deputy: BoardId | 0 }
  | { readonly kind: 'memory'; readonly amnesiac: boolean }
  /** Director: the boards it vouches for from now on; the answer says when each of the others was echoed last (L5). */
  | { readonly kind: 'vouch'; readonly id: number; readonly term: number; readonly boards: readonly BoardId[] }
  /**
   * What the register of `term` names this board holder of; anything else that it holds is deleted (M3). `voters`: whose
   * echoes are a director's proof (L2); the cluster file's where it is absent.
   */
  | {
      readonly kind: 'named';
      readonly term: number;
      readonly index: number;
      readonly grants: readonly Holding[];
      readonly voters?: readonly BoardId[];
    }
  /**
   * Creates the element and the address: the only thing that does (L3). `network`: where the address is put. An order that
   * comes after another board's release waits for that here (M8), and the answer with it; a newer one takes its place.
   */
  | { readonly kind: 'create'; readonly id: number; readonly order: Order; readonly network: Network }
  /** Deletes address and element, and refuses every grant up to this one from now on (M2). `heir` is told so at once. */
  | {
      readonly kind: 'release';
      readonly id: number;
      readonly service: string;
      readonly grant: Grant;
      readonly heir?: BoardId;
    }
  /** The holder's own choice of network (M7). */
  | { readonly kind: 'rehome'; readonly id: number; readonly service: string; readonly network: Network }
  | { readonly kind: 'stock'; readonly id: number }
  | { readonly kind: 'leaving' };

export type PulseAnswer =
  /** With what the board holds at that moment: nothing older is obeyed from here on (T3, R3). */
  | {
      readonly kind: 'followed';
      readonly id: number;
      readonly term: number;
      readonly director: BoardId | 0;
      readonly stock: Stock;
      /** Its newest own beat and when it left: what a candidate's votes are dated by (T2). */
      readonly own: Stamp & { readonly sentMs: number };
    }
  | {
      readonly kind: 'vouching';
      readonly id: number;
      readonly term: number;
      readonly boards: readonly BoardId[];
      readonly echoed: readonly Echoed[];
    }
  | {
      readonly kind: 'created';
      readonly id: number;
      readonly service: string;
      readonly grant: Grant;
      readonly untilMs: number;
    }
  | {
      readonly kind: 'refused';
      readonly id: number;
      readonly code: OrderRefusal | 'PULSE_OLD_TERM' | 'PULSE_NOT_HELD';
      readonly message: string;
    }
  | { readonly kind: 'released'; readonly id: number; readonly service: string; readonly grant: Grant }
  | { readonly kind: 'rehomed'; readonly id: number; readonly service: string; readonly network: Network }
  | { readonly kind: 'stocked'; readonly id: number; readonly term: number; readonly stock: Stock };

export type PulseMessage =
  | PulseAnswer
  | { readonly kind: 'report'; readonly report: PulseReport }
  /** Candidate or director only, once an interval. */
  | { readonly kind: 'pace'; readonly pace: Pace }
  /** It took its key files anew, or was asked to: names on the wire of the key that it seals with, and of all it believes. */
  | { readonly kind: 'keyed'; readonly own: number; readonly all: readonly number[] }
  /** An element or address that should stand does not: somebody flushed, or the lease ran out. */
  | { readonly kind: 'lost'; readonly service: string; readonly grant: Grant; readonly why: LossCause };

export type LossCause = 'expired' | 'isolated' | 'not-named' | 'flushed' | 'kernel';

/** When a board was echoed last: receipt of the beat that was echoed, by this board's clock; 0 for never in this term. */
export interface Echoed {
  readonly board: BoardId;
  readonly lastMs: number;
}

/** What a director needs to send an order now (M5). */
export interface Pace {
  readonly term: number;
  /** Orders may leave before this monotonic time: newest proof of a majority plus proofMs (L2). */
  readonly proofUntilMs: number;
  /** Newest beat heard of each board. */
  readonly stamps: readonly (Stamp & { readonly board: BoardId })[];
  /** This board's own newest beat, and when it was sent. */
  readonly own: Stamp & { readonly sentMs: number };
}

/**
 * unknown: not judged yet. up: heard on a network. silent: on neither for two intervals, its kernel is being asked.
 * stalled: its kernel answers, it does not. unheard: it does not reach us, a board in view hears it.
 * down: no board in view reaches it or its kernel.
 */
export type Verdict = 'unknown' | 'up' | 'silent' | 'stalled' | 'unheard' | 'down';

export interface PulseBoard {
  readonly board: BoardId;
  readonly verdict: Verdict;
  readonly sinceMs: number;
  readonly paths: Readonly<Record<Network, boolean>>;
  readonly boot: string;
  readonly incarnation: number;
  readonly health: number;
  readonly daemons: readonly DaemonName[];
  readonly amnesiac: boolean;
  readonly leaving: boolean;
  readonly term: number;
  readonly director: BoardId | 0;
  readonly elected: boolean;
  readonly deputy: BoardId | 0;
  readonly config: number;
  readonly carrier: Readonly<Record<Network, boolean>>;
  readonly hears: Readonly<Record<Network, readonly BoardId[]>>;
  /** Services whose element stands there, by its own beats, unless another board's said later that it began. */
  readonly leases: readonly string[];
  /** Its pulse is gone while its kernel lives: a connected socket was refused. */
  readonly pulseDead: boolean;
}

/** Everything the pulse sees, sent whole on each change. */
export interface PulseReport {
  readonly boot: string;
  readonly incarnation: number;
  readonly term: number;
  readonly director: BoardId | 0;
  readonly elected: boolean;
  readonly amnesiac: boolean;
  readonly health: number;
  /** Its own loop was late a moment ago: it may not stand for director until it caught up. */
  readonly doubt: boolean;
  /** It hears nobody and no board's kernel answers. */
  readonly isolated: boolean;
  readonly carrier: Readonly<Record<Network, boolean>>;
  /** All boards but itself, ascending. */
  readonly boards: readonly PulseBoard[];
  readonly held: readonly (Holding & { readonly network: Network; readonly untilMs: number })[];
  /** This board's own daemons that checked in within a second. */
  readonly daemons: readonly DaemonName[];
  /** Per service: no grant up to this one will be created (M2). */
  readonly refusedGrants: readonly Holding[];
  /** Datagrams refused since the start, by code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly alarms: readonly PulseAlarm[];
}

/**
 * What a pulse sees that an operator must act on. Each clears by itself once it was not seen for a minute.
 * `LEASE_LATE`: the kernel took so long to renew an element that the address was given up (L4).
 */
export const PULSE_ALARMS = [
  'DUPLICATE_BOARD',
  'RULESET_FLUSHED',
  'LEASE_LATE',
  'CONFIG_DIFFERS',
  'FOREIGN_CLUSTER',
  'FORGED',
] as const satisfies readonly AlarmCause[];

export interface PulseAlarm {
  readonly cause: (typeof PULSE_ALARMS)[number];
  readonly object: string;
  readonly text: string;
}
