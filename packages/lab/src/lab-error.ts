import type { Failure, Result } from '@softset/base';

/**
 * A lab that cannot be made, or a fault that cannot be done. Thrown, against this codebase's habit of results: whoever
 * stands on a lab is a test or a benchmark, and has nothing left to do when the bench breaks.
 */
export class LabError extends Error {
  override readonly name = 'LabError';
  readonly code: string;

  constructor(failure: Failure) {
    super(`${failure.code}: ${failure.message}`, { cause: failure.cause });
    this.code = failure.code;
  }
}

export function orThrow<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new LabError(result);
}
