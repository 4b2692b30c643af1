import type { AlarmCause, EnrolRequest, EnrolToken } from '@softset/protocol';

/** A one-time token, bound to a switch port. `psk` proves it: who has it may use it at that port. */
export interface Token extends EnrolToken {
  /** 64 hexadecimal digits. */
  readonly psk: string;
}

export interface Request extends EnrolRequest {
  /** Of its connection. */
  readonly id: number;
  readonly tokenId?: string;
  /** An operator approved it: it is located once more before anything is handed out. */
  readonly approvedBy?: string;
}

export interface State {
  readonly tokens: ReadonlyMap<string, Token>;
  readonly requests: ReadonlyMap<number, Request>;
  /** Names of the boards that are up; undefined while no netrackd tells. */
  readonly up: ReadonlySet<string> | undefined;
  /** Alarms that stand, by object and cause: since when. */
  readonly alarms: ReadonlyMap<
    string,
    { readonly object: string; readonly cause: AlarmCause; readonly sinceMs: number }
  >;
}

export interface Config {
  /** Of the software here. */
  readonly version: string;
  /** Names of the cluster file. */
  readonly boards: ReadonlySet<string>;
}

/** All times are wall time, ms since 1970: tokens outlive the daemon. */
export type Event =
  | {
      readonly kind: 'asked';
      readonly id: number;
      readonly code: string;
      readonly version: string;
      readonly host: string;
      readonly address: string;
      /** By the kernel's neighbour table; '' where it has none, as for a board behind a router. */
      readonly mac: string;
      readonly tokenId?: string;
    }
  /** It named a token, and could not prove that it has it. */
  | { readonly kind: 'forged'; readonly address: string; readonly mac: string }
  /** What the switches say; no `place`: they do not know. `addresses`: those of that port. */
  | {
      readonly kind: 'located';
      readonly id: number;
      readonly place?: string;
      readonly board?: string;
      readonly addresses: readonly string[];
      readonly why: string;
    }
  | { readonly kind: 'approve'; readonly code: string; readonly who: string }
  | { readonly kind: 'refuse'; readonly code: string; readonly who: string }
  | { readonly kind: 'token'; readonly token: Token; readonly who: string }
  | { readonly kind: 'revoke'; readonly id: string; readonly who: string }
  | { readonly kind: 'tested'; readonly id: number; readonly faults: readonly string[] }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'view'; readonly up: ReadonlySet<string> | undefined }
  | { readonly kind: 'tick' };

export type Effect =
  /** To disk before what follows: where that fails, nothing is delivered. */
  | { readonly kind: 'keep'; readonly tokens: readonly Token[] }
  | { readonly kind: 'locate'; readonly id: number; readonly mac: string }
  | { readonly kind: 'tell-waiting'; readonly id: number }
  | { readonly kind: 'deliver'; readonly id: number; readonly board: string }
  | { readonly kind: 'tell-done'; readonly id: number }
  | { readonly kind: 'turn-away'; readonly id: number; readonly code: string; readonly message: string }
  | {
      readonly kind: 'alarm';
      readonly object: string;
      readonly cause: AlarmCause;
      readonly severity: 'major' | 'warning' | 'cleared';
      readonly text: string;
    }
  | { readonly kind: 'journal'; readonly what: string; readonly fields: Readonly<Record<string, unknown>> };

export interface Turn {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export const REQUESTS_MAX = 32;
export const TOKENS_MAX = 256;
/** An operator sleeps, and the board asks again. */
export const WAIT_MS = 3_600_000;
/** A board that joined and does not come up is forgotten then; so is what an alarm told of. */
export const FORGET_MS = 3_600_000;
/** A used or expired token is remembered, so that a second use is known for what it is. */
export const TOKEN_MEMORY_MS = 7 * 86_400_000;

export function empty(tokens: readonly Token[] = []): State {
  return {
    tokens: new Map(tokens.map((token) => [token.id, token])),
    requests: new Map(),
    up: undefined,
    alarms: new Map(),
  };
}
