/** A broken invariant. The daemon that meets one dumps its last events, exits and is restarted. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** States what must hold at this point; also narrows types. Throws `InvariantError`. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Closes a `switch` over a closed union: the compiler refuses it when a case is missing. */
export function unreachable(value: never, what: string): never {
  throw new InvariantError(`${what}: unexpected ${JSON.stringify(value)}`);
}
