import type { BoardId, Cluster, Grant, Move, NetrackState } from '@softset/protocol';
import { EMPTY_HISTORY, type History, LIMITS, type Limits } from './history.js';
import type { PendingWish } from './placement.js';

/** The director's side of REDIRECT: its state, events and effects are plain data. */
export interface DirectorState {
  /** The newest snapshot of NETRACK. */
  readonly seen?: NetrackState;
  readonly history: History;
  readonly wishes: readonly Wishing[];
  /** Services with a `serve` under way. */
  readonly serving: Readonly<Record<string, Serving>>;
  /** Services that wait before they are tried again. */
  readonly waiting: Readonly<Record<string, Waiting>>;
  /** Services whose rest is alarmed. */
  readonly resting: readonly string[];
  /** Number of the last `serve`. */
  readonly calls: number;
}

export interface Wishing extends PendingWish {
  /** The rule that asks, where it is no operator. */
  readonly rule?: string;
  /** When its asker is told that it did not come true. */
  readonly untilMs: number;
}

/**
 * asked: netrackd has not answered yet. granted: it has, and the grant is followed until it is held or came to
 * nothing; `seen` once a snapshot has shown it, for a snapshot may be older than the answer.
 */
export type Serving =
  | { readonly kind: 'asked'; readonly call: number; readonly move: Omit<Move, 'atMs'>; readonly wish?: string }
  | {
      readonly kind: 'granted';
      readonly board: BoardId;
      readonly grant: Grant;
      readonly sinceMs: number;
      readonly seen: boolean;
    };

export interface Waiting {
  readonly untilMs: number;
  /** A change of NETRACK's state ends the wait: it may be what was waited for. */
  readonly untilChange: boolean;
}

export type DirectorEvent =
  | { readonly kind: 'state'; readonly state: NetrackState }
  | {
      readonly kind: 'wish';
      readonly id: string;
      readonly service: string;
      readonly board: BoardId;
      readonly who: string;
      /** A rule asks, and not an operator: the limit of moves holds it, and its move counts. */
      readonly rule?: string;
    }
  | { readonly kind: 'served'; readonly call: number; readonly grant: Grant }
  | { readonly kind: 'refused'; readonly call: number; readonly code: string; readonly message: string }
  /** netrackd's socket is gone: what it said counts no more. */
  | { readonly kind: 'netrack-lost' }
  | { readonly kind: 'tick' };

export type DirectorEffect =
  | {
      readonly kind: 'serve';
      readonly call: number;
      readonly service: string;
      readonly board: BoardId;
      readonly cause: string;
    }
  | { readonly kind: 'answer-wish'; readonly id: string; readonly ok: boolean; readonly message: string }
  /** netrackd took the move on; the shell adds wall time. */
  | { readonly kind: 'journal'; readonly move: Omit<Move, 'atMs'> }
  | DirectorAlarm;

export interface DirectorAlarm {
  readonly kind: 'alarm';
  readonly object: string;
  readonly cause: 'SERVICE_RESTS';
  readonly severity: 'major' | 'cleared';
  readonly text: string;
}

export interface DirectorConfig {
  readonly cluster: Cluster;
  readonly limits: Limits;
  /** After a refusal, when nothing changed meanwhile. */
  readonly retryMs: number;
  /** Longest wait after boards failed to take a service; it doubles from `retryMs`. Less than a lease: what they wait for
   * is often its end. */
  readonly retryMsMax: number;
  /** How long a wish waits for its turn and its fulfilment. */
  readonly wishMs: number;
  /** Wishes that wait at the same time; another is refused. */
  readonly wishesMax: number;
}

export function directorConfig(cluster: Cluster): DirectorConfig {
  return { cluster, limits: LIMITS, retryMs: 50, retryMsMax: 200, wishMs: 5000, wishesMax: 64 };
}

export const DIRECTOR_START: DirectorState = {
  history: EMPTY_HISTORY,
  wishes: [],
  serving: {},
  waiting: {},
  resting: [],
  calls: 0,
};
