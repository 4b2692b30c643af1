import { readFileSync } from 'node:fs';
import { ok, type Result } from '@softset/base';
import { errnoFailure } from '@softset/runtime/errno.js';

/** A line of redirectd's journal. Its fields come from a file: whoever reads them checks what it needs. */
export interface JournalRecord {
  readonly file: string;
  readonly sequence: number;
  readonly monotonicMs: number;
  readonly time: string;
  readonly who: unknown;
  readonly what: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The whole journal, the predecessor first. A line that is torn or foreign is passed over. Errors: errno's names. */
export function readJournal(path: string): Result<readonly JournalRecord[]> {
  try {
    const older = readOr(`${path}.1`);
    return ok(`${older}${readFileSync(path, 'utf8')}`.split('\n').flatMap((line) => parseRecord(line, path)));
  } catch (error) {
    return errnoFailure(error, `read the journal ${path}`);
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // There was no rotation yet.
  }
}

export function parseRecord(line: string, file: string): readonly JournalRecord[] {
  try {
    const value = JSON.parse(line) as Partial<JournalRecord> | null;
    if (typeof value?.what !== 'string' || typeof value.monotonicMs !== 'number' || typeof value.time !== 'string')
      return [];
    const { sequence = 0, monotonicMs, time, who, what } = value;
    const fields = typeof value.fields === 'object' && value.fields !== null ? value.fields : {};
    return [{ file, sequence, monotonicMs, time, who, what, fields }];
  } catch {
    return [];
  }
}
