import { fail, ok, type Result } from '@softset/base';

/**
 * The control socket: what a daemon offers is a table of methods and a table of topics, given as interfaces:
 *
 *     interface PsrmMethods { start: Method<{ program: string }, { pid: number }>; status: Method<NoParams, Status> }
 *     interface PsrmTopics { programs: TopicOf<readonly Program[], ProgramChange>; moves: Move }
 *
 * Server and client are typed by the same tables.
 */
export interface Method<P, R> {
  readonly params: P;
  readonly result: R;
}
/** A method without parameters; they may be left out on the wire. */
export type NoParams = Record<string, never>;
/** Use as `M extends Methods<M>`: an interface has no index signature, so it is checked key by key. */
export type Methods<M> = { readonly [K in keyof M]: Method<unknown, unknown> };

export interface TopicOf<S, C> {
  /** The whole, as it stands at one sequence. */
  readonly snapshot: S;
  /** One numbered difference. */
  readonly change: C;
}
/**
 * A topic of a table is a `TopicOf`, or one type for both. Then a topic of messages, which has no whole, gives null
 * for its snapshot: it says only from where the messages count.
 */
export type SnapshotOf<T> = T extends TopicOf<infer S, unknown> ? S : T | null;
export type ChangeOf<T> = T extends TopicOf<unknown, infer C> ? C : T;

/** The names of the built-in methods, and of the notification that carries an envelope. */
export const subscribeMethod = 'subscribe';
export const unsubscribeMethod = 'unsubscribe';
export const subscriptionNotification = 'subscription';

/** Sequences are counted within one life of a topic; another life has another origin. */
export interface TopicPosition {
  readonly origin: string;
  readonly sequence: number;
}
export interface SubscribeParams {
  readonly topic: string;
  /** The last change seen. The server goes on from there if it still can, else it sends a snapshot. */
  readonly after?: TopicPosition;
  /** Which changes to send; what it may hold is the topic's affair. */
  readonly filter?: unknown;
}
export interface SubscribeResult {
  readonly subscription: number;
  readonly origin: string;
}

/**
 * One message of a subscription. `sequence` is the number of the change, or of the last change inside the snapshot.
 * Without a filter changes are numbered without gaps; with one they only rise.
 * `lagged`: the subscriber fell behind; changes after `sequence` are not sent, and a snapshot follows once it drained.
 */
export type Envelope =
  | { readonly subscription: number; readonly sequence: number; readonly kind: 'snapshot'; readonly data: unknown }
  | { readonly subscription: number; readonly sequence: number; readonly kind: 'change'; readonly data: unknown }
  | { readonly subscription: number; readonly sequence: number; readonly kind: 'lagged' };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Error: `RPC_INVALID_PARAMS`. */
export function decodeSubscribeParams(value: unknown): Result<SubscribeParams, 'RPC_INVALID_PARAMS'> {
  const bad = (message: string) => fail('RPC_INVALID_PARAMS', message);
  if (!isRecord(value) || typeof value.topic !== 'string') return bad('"topic" must be a name');
  const { topic, after, filter } = value;
  const rest = filter === undefined ? {} : { filter };
  if (after === undefined) return ok({ topic, ...rest });
  if (!isRecord(after) || typeof after.origin !== 'string' || !isCount(after.sequence)) {
    return bad('"after" must be {origin, sequence} of a change that was received');
  }
  return ok({ topic, after: { origin: after.origin, sequence: after.sequence }, ...rest });
}

/** Error: `RPC_INVALID_PARAMS`. */
export function decodeUnsubscribeParams(value: unknown): Result<{ subscription: number }, 'RPC_INVALID_PARAMS'> {
  if (!isRecord(value) || !isCount(value.subscription)) {
    return fail('RPC_INVALID_PARAMS', '"subscription" must be a number that subscribe returned');
  }
  return ok({ subscription: value.subscription });
}

/** Error: `RPC_INVALID_ANSWER`. */
export function decodeSubscribeResult(value: unknown): Result<SubscribeResult, 'RPC_INVALID_ANSWER'> {
  if (!isRecord(value) || !isCount(value.subscription) || typeof value.origin !== 'string') {
    return fail('RPC_INVALID_ANSWER', 'a subscription needs a number and an origin');
  }
  return ok({ subscription: value.subscription, origin: value.origin });
}

/** Error: `ENVELOPE_INVALID`. */
export function decodeEnvelope(value: unknown): Result<Envelope, 'ENVELOPE_INVALID'> {
  const bad = fail('ENVELOPE_INVALID', 'not a subscription envelope');
  if (!isRecord(value) || !isCount(value.subscription) || !isCount(value.sequence)) return bad;
  const { subscription, sequence, kind } = value;
  if (kind === 'lagged') return ok({ subscription, sequence, kind });
  if ((kind !== 'snapshot' && kind !== 'change') || !('data' in value)) return bad;
  return ok({ subscription, sequence, kind, data: value.data });
}
