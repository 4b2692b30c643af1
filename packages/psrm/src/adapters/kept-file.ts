import { mkdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '@softset/base';
import { writeFileAtomicSync } from '@softset/runtime/atomic-file.js';
import type { Kept } from '../core/state.js';

export interface KeptRecord {
  /** Monotonic times and pids mean something within one boot only. */
  readonly boot: string;
  readonly kept: Kept;
  /** Cgroup of the instance. */
  readonly cgroup?: string;
}

/** One small file for each program, replaced whole: RUN_DIR/programs/NAME.json. */
export class KeptFiles {
  readonly #folder: string;
  readonly #boot: string;

  /** Throws a system error when the folder cannot be made. */
  constructor(runDir: string, boot: string) {
    this.#folder = join(runDir, 'programs');
    this.#boot = boot;
    mkdirSync(this.#folder, { recursive: true, mode: 0o750 });
  }

  /** Undefined when nothing of this boot is kept, or what is kept cannot be read: then it begins anew. */
  read(program: string): KeptRecord | undefined {
    try {
      const record: unknown = JSON.parse(readFileSync(this.#path(program), 'utf8'));
      return isRecord(record) && record.boot === this.#boot ? record : undefined;
    } catch {
      return undefined;
    }
  }

  /** Errors: errno's names. */
  write(program: string, kept: Kept, cgroup: string | undefined): Result<void> {
    const record: KeptRecord = { boot: this.#boot, kept, ...(cgroup === undefined ? {} : { cgroup }) };
    return writeFileAtomicSync(this.#path(program), `${JSON.stringify(record)}\n`);
  }

  forget(program: string): void {
    try {
      unlinkSync(this.#path(program));
    } catch {
      // There was none.
    }
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
