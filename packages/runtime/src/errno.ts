import { type Failure, fail } from '@softset/base';

/** A failure from what a Node call threw: its code is errno's name (`ENOSPC`), `EUNKNOWN` where there is none. */
export function errnoFailure(error: unknown, what: string): Failure {
  const code = (error as { code?: unknown } | null)?.code;
  const message = error instanceof Error ? error.message : String(error);
  return fail(typeof code === 'string' ? code : 'EUNKNOWN', `${what}: ${message}`, error);
}
