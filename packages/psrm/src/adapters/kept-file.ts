import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ok, type Result } from '@softset/base';
import { errnoFailure } from '@softset/runtime/errno.js';
import type { Kept } from '../core/state.js';
import { isOutOfDescriptors, withSpareDescriptor } from './spare-descriptor.js';

export interface KeptRecord {
  /** Monotonic times and pids mean something within one boot only. */
  readonly boot: string;
  readonly kept: Kept;
  /** Cgroup of the instance. */
  readonly cgroup?: string;
}

/**
 * One small file for each program, RUN_DIR/programs/NAME.json, written in place: it stands in the way of every start,
 * and one pwrite(2) is a fifth of a new file and a rename. One write is not torn by the death of its process, and the
 * death of the machine ends all that the file speaks of.
 */
export class KeptFiles {
  readonly #folder: string;
  readonly #boot: string;
  readonly #open = new Map<string, { readonly fd: number; bytes: number }>();

  /** Throws a system error when the folder cannot be made. */
  constructor(runDir: string, boot: string) {
    this.#folder = join(runDir, 'programs');
    this.#boot = boot;
    mkdirSync(this.#folder, { recursive: true, mode: 0o750 });
  }

  /** Undefined when nothing of this boot is kept, or it makes no sense: then it begins anew. Throws `EMFILE` or `ENFILE`. */
  read(program: string): KeptRecord | undefined {
    try {
      const text = withSpareDescriptor(() => readFileSync(this.#path(program), 'utf8'));
      const record: unknown = JSON.parse(text);
      return isRecord(record) && record.boot === this.#boot ? record : undefined;
    } catch (error) {
      if (isOutOfDescriptors(error)) throw error;
      return undefined;
    }
  }

  /** Errors: errno's names. */
  write(program: string, kept: Kept, cgroup: string | undefined): Result<void> {
    const record: KeptRecord = { boot: this.#boot, kept, ...(cgroup === undefined ? {} : { cgroup }) };
    const path = this.#path(program);
    try {
      const file = this.#open.get(program) ?? this.#begin(program);
      const text = Buffer.from(JSON.stringify(record));
      // Filled up with spaces, which JSON does not mind, so that nothing of a longer record before stays behind it.
      file.bytes = Math.max(file.bytes, text.length);
      const padded = Buffer.alloc(file.bytes, ' ');
      text.copy(padded);
      writeSync(file.fd, padded, 0, padded.length, 0);
      return ok(undefined);
    } catch (error) {
      return errnoFailure(error, `write ${path}`);
    }
  }

  forget(program: string): void {
    const file = this.#open.get(program);
    if (file) closeSync(file.fd);
    this.#open.delete(program);
    rmSync(this.#path(program), { force: true });
  }

  /** Where a program's history stands beside it. */
  historyPath(program: string): string {
    return join(this.#folder, `${program}.history`);
  }

  #begin(program: string): { readonly fd: number; bytes: number } {
    const fd = openSync(this.#path(program), constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o640);
    const file = { fd, bytes: fstatSync(fd).size };
    this.#open.set(program, file);
    return file;
  }

  #path(program: string): string {
    return join(this.#folder, `${program}.json`);
  }
}

/** psrmd's own file in its own folder; what could go wrong is another version's, or a torn one. */
function isRecord(value: unknown): value is KeptRecord {
  if (typeof value !== 'object' || value === null || !('boot' in value) || !('kept' in value)) return false;
  const kept = value.kept;
  if (typeof kept !== 'object' || kept === null) return false;
  const { wanted, restarts, deathsMs, streak, number, failed, instance } = kept as { [key: string]: unknown };
  return (
    typeof value.boot === 'string' &&
    typeof wanted === 'boolean' &&
    typeof failed === 'boolean' &&
    [restarts, streak, number].every((count) => Number.isSafeInteger(count)) &&
    Array.isArray(deathsMs) &&
    deathsMs.every((atMs) => Number.isFinite(atMs)) &&
    (instance === undefined || isInstance(instance))
  );
}

function isInstance(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { number, pid, startTicks, startedMs } = value as { [key: string]: unknown };
  return [number, pid, startTicks].every((count) => Number.isSafeInteger(count)) && Number.isFinite(startedMs);
}
