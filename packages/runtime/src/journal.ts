import { type NowMs, ok, type Result } from '@softset/base';
import { JournalFile } from './journal-file.js';
import { LineQueue } from './line-queue.js';
import { nowMs as monotonicMs } from './now-ms.js';
import { safeJson } from './safe-json.js';

export interface JournalOptions {
  readonly path: string;
  /** Size at which the file becomes `PATH.1`, in place of the one before (default 16 MiB; disk use at most twice this). */
  readonly bytesMax?: number;
  /** Lines that wait for the disk (default 2,000); beyond it the newest is dropped and counted. */
  readonly linesMax?: number;
  /** The register's version as this daemon knows it: a clock that all boards share (R1). Absent: lines carry none. */
  readonly version?: () => { readonly term: number; readonly index: number } | undefined;
  /** Called once when the disk stops taking lines, and once when it takes them again. */
  readonly onTrouble?: (trouble: { readonly code: string; readonly message: string; readonly dropped: number }) => void;
  readonly nowMs?: NowMs;
  readonly wallTime?: () => Date;
  /** Pause before a full disk is tried again (default 1,000 ms). */
  readonly retryMs?: number;
}

/** One line: `{sequence, monotonicMs, time, term, index, who, what, fields}`. The sequence goes on across restarts; a gap is a loss. */
export interface JournalEntry {
  /** A daemon's part, or a caller: `{pid, uid, gid, name}`. */
  readonly who: unknown;
  /** A constant in kebab-case. */
  readonly what: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface Journal {
  /** Never blocks and never fails: what the disk does not take in time is dropped and counted. Returns the sequence. */
  append(entry: JournalEntry): number;
  readonly dropped: number;
  /** True when everything was written within `deadlineMs`. */
  flush(deadlineMs: number): Promise<boolean>;
  /** Flushes for at most `deadlineMs` (default 500), then closes the file. */
  close(deadlineMs?: number): Promise<void>;
}

/** Errors: errno's names, where the file cannot be opened. */
export async function openJournal(options: JournalOptions): Promise<Result<Journal>> {
  const { nowMs = monotonicMs, wallTime = () => new Date(), onTrouble = () => {} } = options;
  const opened = await JournalFile.open(options.path, options.bytesMax ?? 16 * 1024 * 1024);
  if (!opened.ok) return opened;
  const { file, lastLine } = opened.value;
  let sequence = sequenceOf(lastLine);
  let trouble = false;
  let told = 0;
  let closed = false;

  const line = (who: unknown, what: string, fields?: object): string => {
    const { term, index } = options.version?.() ?? {};
    const head = { sequence: ++sequence, monotonicMs: nowMs(), time: wallTime().toISOString(), term, index };
    return `${safeJson({ ...head, who, what, fields })}\n`;
  };

  const queue: LineQueue = new LineQueue({
    limit: options.linesMax ?? 2_000,
    retryMs: options.retryMs ?? 1_000,
    write: async (lines) => {
      const written = await file.append(lines.join(''));
      if (written.ok === trouble) {
        trouble = !written.ok;
        const { code, message } = written.ok ? { code: 'JOURNAL_RECOVERED', message: 'written again' } : written;
        onTrouble({ code, message, dropped: queue.dropped });
      }
      if (!written.ok) return 'retry';
      if (queue.dropped > told && queue.hasRoom) {
        const lost = queue.dropped - told;
        told = queue.dropped;
        queue.push(line('journal', 'journal-dropped', { lines: lost }));
      }
      return 'done';
    },
  });

  return ok({
    append: ({ who, what, fields }) => {
      const text = line(who, what, fields);
      if (!closed) queue.push(text);
      return sequence;
    },
    get dropped() {
      return queue.dropped;
    },
    flush: (deadlineMs) => queue.flush(deadlineMs),
    close: async (deadlineMs = 500) => {
      closed = true;
      await queue.flush(deadlineMs);
      await file.close();
    },
  });
}

function sequenceOf(line: string | undefined): number {
  try {
    const value: unknown = JSON.parse(line ?? '0');
    const found = (value as { sequence?: unknown } | null)?.sequence;
    return Number.isSafeInteger(found) ? (found as number) : 0;
  } catch {
    return 0;
  }
}
