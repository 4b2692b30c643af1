import type { Pdu, PduKind } from '../agentx/pdu.js';
import type { Varbind } from '../agentx/value.js';
import type { Oid } from '../oid.js';

/** A subtree that this agent answers for, in one context ('' is the default one). */
export interface Registration {
  readonly context: string;
  readonly subtree: Oid;
  /** Where snmpd has the subtree itself, the lower number answers (RFC 2741 §6.2.3); left out: `PRIORITY`. */
  readonly priority?: number;
}

/** A notification: `snmpTrapOID.0` first (RFC 2741 §6.2.10). */
export interface Notification {
  readonly context: string;
  readonly varbinds: readonly Varbind[];
}

export type Phase = 'resting' | 'connecting' | 'opening' | 'serving' | 'closed';

/** Something that was sent and is to be answered. */
export type Asked =
  | { readonly kind: 'open' | 'ping' | 'close' }
  | { readonly kind: 'register' | 'unregister'; readonly registration: Registration }
  | { readonly kind: 'notify'; readonly notification: Notification };

export interface Pending {
  readonly asked: Asked;
  readonly sentMs: number;
}

export interface State {
  readonly phase: Phase;
  readonly session: number;
  /** Number of the last packet that was sent; they never come back within a connection's life. */
  readonly packet: number;
  readonly pending: ReadonlyMap<number, Pending>;
  /** What this agent wants to answer for, by key. */
  readonly wanted: ReadonlyMap<string, Registration>;
  /** What the master has confirmed. */
  readonly held: ReadonlyMap<string, Registration>;
  /** Registrations that were refused, and when they are tried again. */
  readonly refused: ReadonlyMap<string, number>;
  /** Notifications that wait for a session, or for their answer to be lost with it. */
  readonly queue: readonly Notification[];
  readonly dropped: number;
  /** Connections that failed in a row. */
  readonly failures: number;
  readonly retryMs: number;
  /** Last sign of life of the master. */
  readonly heardMs: number;
}

export type Event =
  | { readonly kind: 'start' }
  | { readonly kind: 'connected' }
  /** The connection ended, or was never made. */
  | { readonly kind: 'lost'; readonly why: string }
  | { readonly kind: 'pdu'; readonly pdu: Pdu }
  /** The stream cannot be read any further. */
  | { readonly kind: 'unreadable'; readonly code: string }
  | { readonly kind: 'want'; readonly registrations: readonly Registration[] }
  | { readonly kind: 'notify'; readonly notification: Notification }
  | { readonly kind: 'tick' }
  | { readonly kind: 'stop' };

export type Request = Extract<
  Pdu,
  { kind: 'get' | 'get-next' | 'get-bulk' | 'test-set' | 'commit-set' | 'undo-set' | 'cleanup-set' }
>;

export type Effect =
  | { readonly kind: 'connect' }
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'send'; readonly pdu: Pdu }
  /** To be answered from the tables; each of them but `cleanup-set` has one answer. */
  | { readonly kind: 'serve'; readonly request: Request }
  /** Nothing that was tested stands any more. */
  | { readonly kind: 'forget-sets' }
  | { readonly kind: 'arm'; readonly atMs: number }
  | { readonly kind: 'tell'; readonly what: 'up' | 'down' | 'refused' | 'ignored'; readonly why: string };

export interface Config {
  /** sysObjectID of this agent, told when the session is opened. */
  readonly id: Oid;
  readonly description: string;
  /** How long the master waits for an answer, in s; 0 leaves it to the master. */
  readonly timeoutS: number;
}

export const requestKinds: ReadonlySet<PduKind> = new Set<PduKind>([
  'get',
  'get-next',
  'get-bulk',
  'test-set',
  'commit-set',
  'undo-set',
  'cleanup-set',
]);

/** One that is not answered within this is taken for lost, and the connection with it. */
export const ANSWER_MS = 5_000;
/** A ping is sent after this much silence of the master: a connection may be dead without an end. */
export const PING_MS = 5_000;
/**
 * Pauses between connections: at first short ones, for an snmpd that was killed is back within a second, and whoever walks
 * it waits for us; then, that it is not there is the rule, and longer ones.
 */
export const RETRY_MS = { first: 50, times: 100, later: 400 } as const;
/** A registration that was refused is tried again: an earlier life of ours may still stand in the master. */
export const REFUSED_MS = 1_000;
export const QUEUE_MAX = 256;
/** 127 is the default (§6.2.3). */
export const PRIORITY = 127;
