import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Chapter } from '@softset/protocol';

/** Beyond this the older half goes: some 200 to 400 chapters are kept, and a program that dies for ever fills no disk. */
const bytesMax = 65_536;

/**
 * RUN_DIR/programs/NAME.history, a line of JSON for each chapter: it outlives psrmd, and what nobody asks for takes none
 * of its memory. Written a little later than it happens, so that no disk stands between a death and the restart.
 */
export class HistoryFile {
  readonly #path: string;
  #waiting: Chapter[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  add(chapter: Chapter): void {
    if (this.#waiting.push(chapter) === 1) setImmediate(() => this.#write());
  }

  /** The oldest first. */
  read(): readonly Chapter[] {
    this.#write();
    return this.#lines().flatMap((line) => {
      const chapter = decode(line);
      return chapter ? [chapter] : [];
    });
  }

  forget(): void {
    this.#waiting = [];
    rmSync(this.#path, { force: true });
  }

  #lines(): string[] {
    try {
      return readFileSync(this.#path, 'utf8').split('\n').filter(Boolean);
    } catch {
      return []; // Nothing has happened yet.
    }
  }

  #write(): void {
    const lines = this.#waiting.map((chapter) => `${JSON.stringify(chapter)}\n`).join('');
    this.#waiting = [];
    if (lines === '') return;
    try {
      appendFileSync(this.#path, lines, { mode: 0o640 });
      if (statSync(this.#path).size <= bytesMax) return;
      const kept = this.#lines();
      writeFileSync(this.#path, `${kept.slice(kept.length >> 1).join('\n')}\n`);
    } catch {
      // A full disk: the history has a gap, and the program is none the worse for it.
    }
  }
}

/** psrmd's own file; a line that was cut by its death or by a full disk is passed over. */
function decode(line: string): Chapter | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const { atMs, state, text } = value as { [key: string]: unknown };
    const whole = Number.isFinite(atMs) && typeof state === 'string' && typeof text === 'string';
    return whole ? (value as Chapter) : undefined;
  } catch {
    return undefined;
  }
}
