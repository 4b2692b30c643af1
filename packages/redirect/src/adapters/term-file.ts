import { join } from 'node:path';
import type { Result } from '@softset/base';
import { readCheckedSync, withChecksum, writeFileAtomicSync } from '@softset/runtime/atomic-file.js';

/**
 * The confirmed term, kept under the run directory and tied to the kernel's boot id (T3): it outlives this daemon and
 * not the machine, where the pulse's own memory decides.
 */
export class TermFile {
  readonly #path: string;
  readonly #boot: string;

  constructor(runDir: string, boot: string) {
    this.#path = join(runDir, 'redirectd.term');
    this.#boot = boot;
  }

  /** 0 when nothing is kept, or it is of another boot or damaged: the pulse then still refuses what is old. */
  read(): number {
    const kept = readCheckedSync(this.#path);
    const [boot, term] = kept.ok ? kept.value.trim().split(' ') : [];
    return boot === this.#boot && Number.isSafeInteger(Number(term)) ? Number(term) : 0;
  }

  /** Errors: errno's names; the old content then stays. */
  write(term: number): Result<void> {
    return writeFileAtomicSync(this.#path, withChecksum(`${this.#boot} ${term}\n`));
  }
}
