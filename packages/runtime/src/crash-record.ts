import { readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomicSync } from './atomic-file.js';
import { safeJson } from './safe-json.js';

/**
 * One poisonous input must not fell every board: after the second crash within a minute a daemon returns passive. It
 * stays so until it is stopped in order (an operator's act) or the board boots.
 */
export const crashWindowMs = 60_000;

interface CrashRecord {
  readonly bootId: string;
  /** CLOCK_MONOTONIC of the last crashes, ms; it means something within one boot only. */
  readonly crashesMs: readonly number[];
  readonly passive: boolean;
}

export class CrashHistory {
  readonly #path: string;
  readonly #bootId: string;
  readonly #record: CrashRecord;

  /** A missing or damaged record counts as none: the run directory is memory, and a fresh boot starts clean. */
  constructor(runDir: string, name: string, bootId: string) {
    this.#path = join(runDir, `${name}.crashes.json`);
    this.#bootId = bootId;
    this.#record = readRecord(this.#path, bootId);
  }

  get passive(): boolean {
    return this.#record.passive;
  }

  /** Notes a crash; true when the next start is passive. Never throws: it runs while the process dies. */
  note(nowMs: number): boolean {
    const recent = this.#record.crashesMs.filter((ms) => nowMs - ms <= crashWindowMs);
    const crashesMs = [...recent, nowMs].slice(-2);
    const passive = this.#record.passive || crashesMs.length >= 2;
    writeFileAtomicSync(this.#path, safeJson({ bootId: this.#bootId, crashesMs, passive } satisfies CrashRecord));
    return passive;
  }

  /** After an orderly stop. */
  forget(): void {
    try {
      unlinkSync(this.#path);
    } catch {
      // There was none.
    }
  }
}

function readRecord(path: string, bootId: string): CrashRecord {
  const none: CrashRecord = { bootId, crashesMs: [], passive: false };
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<CrashRecord> | null;
    if (value?.bootId !== bootId || !Array.isArray(value.crashesMs)) return none;
    const crashesMs = value.crashesMs.filter((ms): ms is number => typeof ms === 'number');
    return { bootId, crashesMs, passive: value.passive === true };
  } catch {
    return none;
  }
}
