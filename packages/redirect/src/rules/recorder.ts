import { writeFileSync } from 'node:fs';
import { ok, type Result } from '@softset/base';
import { errnoFailure } from '@softset/runtime/errno.js';
import type { Journaled } from './journaled.js';

/** Between two stories in one journal, virtual ms: they are nights apart for whoever reads it. */
const PAUSE_MS = 1000;

/**
 * The journal that redirectd would have written of stories on a virtual clock, so that `why` and `replay` can be tried
 * before anything has happened. Each story is a stretch of directing of its own.
 */
export class Recorder {
  readonly #lines: string[] = [];
  readonly #startedMs: number;
  #storyMs = 0;
  #lastMs = 0;

  /** `startedMs`: wall time at which the first story is said to begin. */
  constructor(startedMs: number) {
    this.#startedMs = startedMs;
  }

  /** `atMs`: of the story under way. */
  note(atMs: number, who: string, { what, fields }: Journaled): void {
    const monotonicMs = this.#storyMs + atMs;
    this.#lastMs = Math.max(this.#lastMs, monotonicMs);
    const time = new Date(this.#startedMs + monotonicMs).toISOString();
    this.#lines.push(JSON.stringify({ sequence: this.#lines.length + 1, monotonicMs, time, who, what, fields }));
  }

  /** The story is over, at that time of its own. */
  end(atMs: number): void {
    this.note(atMs, 'rules', { what: 'rules-stand', fields: {} });
    this.#storyMs = this.#lastMs + PAUSE_MS;
  }

  /** Errors: errno's names. */
  write(path: string): Result<void> {
    try {
      writeFileSync(path, this.#lines.map((line) => `${line}\n`).join(''));
      return ok(undefined);
    } catch (error) {
      return errnoFailure(error, `write the journal ${path}`);
    }
  }
}
