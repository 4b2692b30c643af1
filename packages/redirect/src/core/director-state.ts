import type { AlarmCause, BoardId, Change, Cluster, FenceMeans, Grant, Move, NetrackState } from '@softset/protocol';
import { EMPTY_HISTORY, type History, LIMITS, type Limits } from './history.js';
import type { PendingWish } from './placement.js';

/** The director's side of REDIRECT: its state, events and effects are plain data. */
export interface DirectorState {
  /** The newest snapshot of NETRACK. */
  readonly seen?: NetrackState;
  readonly history: History;
  readonly wishes: readonly Wishing[];
  readonly changes: readonly Changing[];
  /** Services with a `serve` under way. */
  readonly serving: Readonly<Record<string, Serving>>;
  /** Services that wait before they are tried again. */
  readonly waiting: Readonly<Record<string, Waiting>>;
  /** Services whose rest is alarmed. */
  readonly resting: readonly string[];
  /** Number of the last `serve`. */
  readonly calls: number;
  /** Wall time, minutes after midnight, as last told; absent: not told yet. */
  readonly minuteOfDay?: number;
  /** When it is looked for what no board can take; absent: nothing changed since it was. */
  readonly surveyMs?: number;
  /** What routers know, by router and service. */
  readonly told: Readonly<Record<string, Telling>>;
  /** Boards that are being fenced, or were, by number. */
  readonly fences: Readonly<Record<BoardId, Fencing>>;
  /** What that last found, by object and cause: an alarm is raised for what is found twice. */
  readonly found: readonly string[];
}

/** What a router was told of a service last: where, and under which term. asked: the command runs. */
export interface Telling {
  readonly kind: 'asked' | 'done' | 'failed';
  readonly router: string;
  readonly service: string;
  readonly board: BoardId;
  readonly term: number;
  /** failed: when it is told again. */
  readonly againMs?: number;
}

/** asked: the command runs. done: it said so. failed: it is tried again then, as long as the board is gone. */
export type Fencing =
  | { readonly kind: 'asked' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly againMs: number };

/** A change of the register that is under way: an operator's, or a rule's. */
export interface Changing {
  readonly id: string;
  readonly who: string;
  readonly change: Change;
  /** The rule that asks, where it is no operator. */
  readonly rule?: string;
  readonly untilMs: number;
  /** Version of the register that showed it first: done when a majority has that. */
  readonly index?: number;
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
  /** An operator pins, drains, activates: a change of the register. */
  | {
      readonly kind: 'change';
      readonly id: string;
      readonly who: string;
      readonly change: Change;
      /** A rule asks, and not an operator: it undoes nothing that an operator did. */
      readonly rule?: string;
    }
  /** The answer to the effect `tell`. */
  | {
      readonly kind: 'told';
      readonly router: string;
      readonly service: string;
      readonly ok: boolean;
      readonly message: string;
    }
  /** The answer to the effect `fence`. */
  | {
      readonly kind: 'fenced';
      readonly board: BoardId;
      readonly ok: boolean;
      /** What did it; absent where nothing did. */
      readonly means?: FenceMeans;
      readonly message: string;
    }
  /** The wall clock, told once a minute. */
  | { readonly kind: 'clock'; readonly minuteOfDay: number }
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
  /** Run a router's command; answered by the event `told`, at its own timeout at the latest. */
  | {
      readonly kind: 'tell';
      readonly router: string;
      readonly service: string;
      readonly board: BoardId;
      readonly term: number;
    }
  /** Take its power away, or cut it off, by the first of these that works; answered by the event `fenced`, in their time. */
  | { readonly kind: 'fence'; readonly board: BoardId; readonly means: readonly FenceMeans[]; readonly why: string }
  /** To netrackd: it has no power any more, or no way to anybody. */
  | { readonly kind: 'tell-fenced'; readonly board: BoardId }
  | { readonly kind: 'amend'; readonly change: Change; readonly who: string }
  | { readonly kind: 'answer-wish'; readonly id: string; readonly ok: boolean; readonly message: string }
  /** netrackd took the move on; the shell adds wall time. */
  | { readonly kind: 'journal'; readonly move: Omit<Move, 'atMs'> }
  | DirectorAlarm;

/** NO_BOARD: held by nobody, or by a board that should give it up, and none can take it. NO_SPARE: none could. */
export type DirectorCause = Extract<
  AlarmCause,
  | 'SERVICE_RESTS'
  | 'NO_BOARD'
  | 'NO_SPARE'
  | 'FENCE_FAILED'
  | 'FENCED'
  | 'ROUTER_NOT_TOLD'
  | 'DRAINED_BY_RULE'
  | 'PREFERRED_BY_RULE'
>;

export interface DirectorAlarm {
  readonly kind: 'alarm';
  readonly object: string;
  readonly cause: DirectorCause;
  readonly severity: 'critical' | 'major' | 'minor' | 'warning' | 'cleared';
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
  /** From a change to the look for what no board can take; what stands that long is alarmed. Nothing waits for it. */
  readonly surveyMs: number;
  /** Between tries of a command that failed: a fence, a router. */
  readonly fenceRetryMs: number;
}

export function directorConfig(cluster: Cluster): DirectorConfig {
  return {
    cluster,
    limits: LIMITS,
    retryMs: 50,
    retryMsMax: 200,
    wishMs: 5000,
    wishesMax: 64,
    surveyMs: 1000,
    fenceRetryMs: 5000,
  };
}

export const DIRECTOR_START: DirectorState = {
  history: EMPTY_HISTORY,
  wishes: [],
  changes: [],
  fences: {},
  told: {},
  found: [],
  serving: {},
  waiting: {},
  resting: [],
  calls: 0,
};
