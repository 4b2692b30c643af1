import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import type { Register } from '@softset/protocol';
import { registerSchema } from '@softset/protocol/board-message.js';
import { readCheckedSync, withChecksum, writeChecked, writeFileAtomicSync } from '@softset/runtime/atomic-file.js';
import type { VoteMemory } from '../core/cluster/types.js';

/** Pause between leisurely writes of the register, ms: grants need no disk (R2), and flash wears out. */
const REGISTER_PAUSE_MS = 200;

/**
 * What netrackd must not forget: its vote record and the register, each with a checksum, in the state directory. On a
 * board without one they lie in the run directory and die with the kernel: such a board is amnesiac at each boot.
 */
export class KeptFiles {
  readonly #directory: string;
  #waiting: Register | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The last write of each file: side by side they end in any order, and an older record would stay. */
  readonly #writes = new Map<string, Promise<Result<void>>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** A damaged record counts as a lost one: the board is amnesiac, and `damaged` says why. */
  read(): { memory: VoteMemory | undefined; register: Register | undefined; damaged: readonly string[] } {
    const damaged: string[] = [];
    const body = (name: string): unknown => {
      const read = readCheckedSync(join(this.#directory, name));
      if (read.ok) return JSON.parse(read.value);
      if (read.code !== 'ENOENT') damaged.push(read.message);
      return undefined;
    };
    const memory = body('votes') as VoteMemory | undefined;
    const register = registerSchema.safeParse(body('register'));
    return { memory, register: register.success ? register.data : undefined, damaged };
  }

  /** On disk before it is told (T3). Errors: errno's names. */
  keepVote(memory: VoteMemory): Promise<Result<void>> {
    return this.#write('votes', memory, true);
  }

  /** On disk before it is acknowledged (R2). Errors: errno's names. */
  keepRegister(register: Register): Promise<Result<void>> {
    this.#waiting = undefined;
    return this.#write('register', register, true);
  }

  #write(name: string, record: VoteMemory | Register, fsync: boolean): Promise<Result<void>> {
    const text = JSON.stringify(record);
    const write = () => writeChecked(join(this.#directory, name), text, { fsync, mode: 0o600 });
    const written = (this.#writes.get(name) ?? Promise.resolve()).then(write);
    this.#writes.set(name, written);
    return written;
  }

  keepRegisterAtLeisure(register: Register, failed: (message: string) => void): void {
    this.#waiting = register;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const newest = this.#waiting;
      if (!newest) return;
      void this.#write('register', newest, false).then((kept) => {
        if (!kept.ok) failed(kept.message);
      });
    }, REGISTER_PAUSE_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

/**
 * Gives a new member its first memory: an empty vote record under the cluster's own number (T7). Refused where there
 * is one: a cluster that lives is not formed again.
 */
export function formMember(directory: string, cluster: number): Result<void> {
  const path = join(directory, 'votes');
  if (existsSync(path))
    return fail(
      'FORMED_ALREADY',
      `${path} is there: this board is a member, and forming again would make it forget its votes`,
    );
  const memory: VoteMemory = { cluster, term: 0, candidate: 0 };
  return writeFileAtomicSync(path, withChecksum(JSON.stringify(memory)), { fsync: true, mode: 0o600 });
}

/** Which start of netrackd in this boot, from 1: the relay's session. */
export function nextSession(runDir: string): Result<number> {
  const path = join(runDir, 'netrackd.session');
  const before = readCheckedSync(path);
  const session = before.ok ? Number(before.value) + 1 : 1;
  const kept = writeFileAtomicSync(path, withChecksum(String(session)), { mode: 0o600 });
  return kept.ok ? ok(session) : kept;
}
