/**
 * Expected failures are values, not exceptions: callers match `code`, people read `message`.
 * Programmer errors go through `assert` instead.
 */
export interface Failure<C extends string = string> {
  readonly ok: false;
  readonly code: C;
  readonly message: string;
  readonly cause?: unknown;
}
export interface Success<T> {
  readonly ok: true;
  readonly value: T;
}
export type Result<T, C extends string = string> = Success<T> | Failure<C>;

export function ok<T>(value: T): Success<T> {
  return { ok: true, value };
}

export function fail<C extends string>(code: C, message: string, cause?: unknown): Failure<C> {
  return cause === undefined ? { ok: false, code, message } : { ok: false, code, message, cause };
}

/** The value of a result that cannot have failed; throws its message otherwise. For tests and start-up code. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.code}: ${result.message}`, { cause: result.cause });
}
