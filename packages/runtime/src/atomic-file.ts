import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import { errnoFailure } from './errno.js';

/**
 * Files that are replaced whole: written under a new name, then renamed over the old (rename(2) is atomic), so that a
 * reader and a crash see the old content or the new. One process writes a file; the daemon's lock sees to that.
 */
export interface AtomicWriteOptions {
  /**
   * Whether the content must outlive a power cut (default false): fsync of the file before the rename, and of the
   * folder after it. Without it a crash of the process loses nothing, a crash of the machine may.
   */
  readonly fsync?: boolean;
  /** Permissions of a new file (default 0o640). */
  readonly mode?: number;
}

/** O_NOFOLLOW: a link left in a run directory by somebody else is not written through. */
const newFileFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

const namesInUse = new Set<string>();

/**
 * A name beside the file, for rename does not cross file systems. The lowest free number keeps writes under way apart
 * and uses leftovers of a crash again, so that they never pile up.
 */
function takeName(path: string): string {
  for (let number = 0; ; number++) {
    const name = join(dirname(path), `.${basename(path)}.new-${number}`);
    if (namesInUse.has(name)) continue;
    namesInUse.add(name);
    return name;
  }
}

/**
 * Of two writes of one file under way at once either may win: await the first. Errors: errno's names (`ENOSPC`, `EROFS`,
 * `EACCES` …); the old content then stays.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: AtomicWriteOptions = {},
): Promise<Result<void>> {
  const fresh = takeName(path);
  try {
    const file = await open(fresh, newFileFlags, options.mode ?? 0o640);
    try {
      await file.writeFile(data);
      if (options.fsync) await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
    if (options.fsync) {
      const folder = await open(dirname(path), 'r');
      await folder.sync().finally(() => folder.close());
    }
    return ok(undefined);
  } catch (error) {
    await unlink(fresh).catch(() => undefined);
    return errnoFailure(error, `write ${path}`);
  } finally {
    namesInUse.delete(fresh);
  }
}

/** The same, before it returns: for small files in the run directory, which is memory. Errors: errno's names. */
export function writeFileAtomicSync(
  path: string,
  data: string | Uint8Array,
  options: AtomicWriteOptions = {},
): Result<void> {
  const fresh = takeName(path);
  try {
    const fd = openSync(fresh, newFileFlags, options.mode ?? 0o640);
    try {
      writeFileSync(fd, data);
      if (options.fsync) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(fresh, path);
    if (options.fsync) {
      const folder = openSync(dirname(path), 'r');
      try {
        fsyncSync(folder);
      } finally {
        closeSync(folder);
      }
    }
    return ok(undefined);
  } catch (error) {
    try {
      unlinkSync(fresh);
    } catch {
      // It was not made, or was renamed already.
    }
    return errnoFailure(error, `write ${path}`);
  } finally {
    namesInUse.delete(fresh);
  }
}

/** The first line of a checked file: a disk may return old or torn blocks, and what it returns decides who votes. */
const checksumLine = /^softset-sha256 ([0-9a-f]{64})\n/;

function checksum(body: string): string {
  return createHash('sha256').update(body, 'utf8').digest('hex');
}

/** `body` behind a line with its SHA-256. */
export function withChecksum(body: string): string {
  return `softset-sha256 ${checksum(body)}\n${body}`;
}

/** The body of a checked text. Error: `CHECKSUM_MISMATCH`, also where the line is missing. */
export function checkedBody(text: string, path: string): Result<string, 'CHECKSUM_MISMATCH'> {
  const found = checksumLine.exec(text);
  const body = text.slice(found?.[0].length ?? 0);
  if (found?.[1] === checksum(body)) return ok(body);
  return fail('CHECKSUM_MISMATCH', `${path} is damaged: its content does not match the checksum in its first line`);
}

/** Writes with a checksum line. Errors: errno's names. */
export function writeChecked(path: string, body: string, options: AtomicWriteOptions = {}): Promise<Result<void>> {
  return writeFileAtomic(path, withChecksum(body), options);
}

/** Errors: `ENOENT` and other errno names, `CHECKSUM_MISMATCH`. */
export async function readChecked(path: string): Promise<Result<string>> {
  try {
    return checkedBody(await readFile(path, 'utf8'), path);
  } catch (error) {
    return errnoFailure(error, `read ${path}`);
  }
}

/** Errors: `ENOENT` and other errno names, `CHECKSUM_MISMATCH`. */
export function readCheckedSync(path: string): Result<string> {
  try {
    return checkedBody(readFileSync(path, 'utf8'), path);
  } catch (error) {
    return errnoFailure(error, `read ${path}`);
  }
}
