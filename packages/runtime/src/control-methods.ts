import { type Failure, fail, ok, type Result } from '@softset/base';
import type { ChangeOf, Methods, NoParams, SnapshotOf } from '@softset/protocol/control.js';
import type { Credentials } from './kernel.js';
import type { Metrics } from './metrics.js';
import type { Topic } from './topic.js';

/** Who asks: what the kernel vouches for, and the name that the client gave itself (a claim, good for a journal only). */
export interface Caller extends Credentials {
  readonly name?: string;
}

/** A result, or a failure whose code the client sees. A handler may throw only what is a bug. */
export type Handled<R> = R | Failure | Promise<R | Failure>;

export interface MethodDefinition<P, R> {
  /** Parameters come from outside: they are read here, once. A failure is answered as `RPC_INVALID_PARAMS`. */
  readonly decode: (params: unknown) => Result<P>;
  readonly handle: (params: P, caller: Caller) => Handled<R>;
  /** Changes something: who asked is journaled. */
  readonly mutation?: boolean;
}
export type MethodTable<M extends Methods<M>> = {
  readonly [K in keyof M]: MethodDefinition<M[K]['params'], M[K]['result']>;
};
export type TopicTable<T> = { readonly [K in keyof T]: Topic<SnapshotOf<T[K]>, ChangeOf<T[K]>> };

/** What a caller is about to do. */
export type ControlAct =
  | { readonly kind: 'connect' }
  | { readonly kind: 'call'; readonly method: string; readonly mutation: boolean }
  | { readonly kind: 'subscribe'; readonly topic: string };
/** A failure refuses; its code and message are the answer. */
export type Authorize = (caller: Caller, act: ControlAct) => Result<void>;

/** Two records of a mutation, so that one in which the daemon died is known too. `request` joins them. */
export type ControlRecord =
  | {
      readonly phase: 'asked';
      readonly request: number;
      readonly method: string;
      readonly params: unknown;
      readonly caller: Caller;
    }
  | {
      readonly phase: 'answered';
      readonly request: number;
      readonly method: string;
      readonly caller: Caller;
      /** `OK`, or the failure's code; `FORBIDDEN` and the like have no record `asked`. */
      readonly code: string;
      readonly durationMs: number;
    };

/** For a method without parameters: none and `{}` are the same. */
export function noParams(params: unknown): Result<NoParams> {
  if (params === undefined) return ok({});
  const empty = typeof params === 'object' && params !== null && Object.keys(params).length === 0;
  return empty ? ok({}) : fail('RPC_INVALID_PARAMS', 'this method takes no parameters');
}

/** The part of a zod schema that is used here; so this package needs none. */
export interface Schema<P> {
  safeParse(
    input: unknown,
  ):
    | { readonly success: true; readonly data: P }
    | { readonly success: false; readonly error: { readonly issues: readonly SchemaIssue[] } };
}
interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A decoder from a schema; the message names each field and what is wrong with it. */
export function paramsBy<P>(schema: Schema<P>): (params: unknown) => Result<P> {
  return (params) => {
    const read = schema.safeParse(params ?? {});
    if (read.success) return ok(read.data);
    const issues = read.error.issues.map(
      ({ path, message }) => `${path.map(String).join('.') || 'params'}: ${message}`,
    );
    return fail('RPC_INVALID_PARAMS', issues.join('; '));
  };
}

/**
 * Whoever may open the socket (its file's mode) may look; root, the daemon's own user and the given groups may change.
 * Only a caller's primary group is known (SO_PEERCRED). Error: `FORBIDDEN`.
 */
export function ownersMayChange(gids: readonly number[] = []): Authorize {
  const own = process.getuid?.();
  return (caller, act) => {
    const owner = caller.uid === 0 || caller.uid === own || gids.includes(caller.gid);
    if (act.kind !== 'call' || !act.mutation || owner) return ok(undefined);
    return fail('FORBIDDEN', `user ${caller.uid} may not ${act.method} here: root or the daemon's own user may`);
  };
}

/** The control method `metrics`: Prometheus text. */
export function metricsMethod(metrics: Metrics): MethodDefinition<NoParams, string> {
  return { decode: noParams, handle: () => metrics.text() };
}
