import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { fail, ok, type Result } from '@softset/base';

/** The file of a UNIX socket; names in the abstract namespace (leading `@`) have none, and nothing is done. */
export function changeMode(path: string, mode: number): Result<void> {
  try {
    if (!path.startsWith('@')) chmodSync(path, mode);
    return ok(undefined);
  } catch (cause) {
    return fail((cause as NodeJS.ErrnoException).code ?? 'EIO', `chmod ${path}: ${(cause as Error).message}`, cause);
  }
}

export function removeFile(path: string): void {
  try {
    if (!path.startsWith('@')) unlinkSync(path);
  } catch {
    // Not there: that is what was wanted. Not ours to remove: bind then says EADDRINUSE, which is the truth.
  }
}

/** connect(2) says ECONNREFUSED of files of every kind: only a socket may go. */
export function removeSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) removeFile(path);
}
