import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { type Failure, fail } from '@softset/base';
import koffi from 'koffi';

// Two names share a number on Linux; the ones POSIX prefers for what our calls return are kept.
const synonyms = new Set(['EWOULDBLOCK', 'ENOTSUP']);
const names = new Map<number, string>();
for (const [name, number] of Object.entries(constants.errno)) {
  if (!synonyms.has(name)) names.set(number, name);
}

export const EAGAIN = constants.errno.EAGAIN;
export const EALREADY = constants.errno.EALREADY;
export const EINPROGRESS = constants.errno.EINPROGRESS;
export const EINTR = constants.errno.EINTR;

/** `EPERM` for 1 (errno(3)); `ERRNO_n` for a number that this Node has no name for. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `ERRNO_${errno}`;
}

/** A failure with errno's name as its code, saying what was tried: `bind(port 53): EACCES, permission denied`. */
export function errnoFailure(what: string, errno: number, detail?: string): Failure {
  const code = errnoName(errno);
  const text = detail ?? getSystemErrorMap().get(-errno)?.[1];
  return fail(code, text === undefined ? `${what}: ${code}` : `${what}: ${code}, ${text}`);
}

/** errno of the last C call of this thread. Ask at once: anything may overwrite it. */
export function lastErrno(): number {
  return koffi.errno();
}

/** The failure of the C call that just returned -1. */
export function lastFailure(what: string): Failure {
  return errnoFailure(what, koffi.errno());
}
