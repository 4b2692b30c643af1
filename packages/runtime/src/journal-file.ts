import { type FileHandle, open, rename } from 'node:fs/promises';
import { ok, type Result } from '@softset/base';
import { errnoFailure } from './errno.js';

/** How much of the end is read to find the last whole line. */
const tailBytes = 65_536;

/**
 * An append-only file with one predecessor (`PATH.1`). Every line in it is whole: a write that the disk cut short is
 * taken back, and a tail that a crash cut short is cut off when the file is opened.
 */
export class JournalFile {
  readonly #path: string;
  readonly #bytesMax: number;
  #file: FileHandle;
  #bytes: number;

  private constructor(path: string, bytesMax: number, file: FileHandle, bytes: number) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Errors: errno's names. `lastLine` is the newest whole line, looked for in the predecessor too. */
  static async open(
    path: string,
    bytesMax: number,
  ): Promise<Result<{ file: JournalFile; lastLine: string | undefined }>> {
    try {
      const handle = await open(path, 'a+', 0o640);
      const tail = await readTail(handle);
      if (tail.wholeBytes < tail.bytes) await handle.truncate(tail.wholeBytes);
      const lastLine = tail.lastLine ?? (await lastLineOf(`${path}.1`));
      return ok({ file: new JournalFile(path, bytesMax, handle, tail.wholeBytes), lastLine });
    } catch (error) {
      return errnoFailure(error, `open the journal ${path}`);
    }
  }

  /** Appends whole lines, after a rotation where they would not fit. Errors: errno's names; then nothing was appended. */
  async append(text: string): Promise<Result<void>> {
    const bytes = Buffer.from(text);
    try {
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#bytesMax) await this.#rotate();
      await this.#file.appendFile(bytes);
      this.#bytes += bytes.length;
      return ok(undefined);
    } catch (error) {
      // A full disk may have taken a part of it. Truncating needs no space.
      await this.#file.truncate(this.#bytes).catch(() => undefined);
      return errnoFailure(error, `append to the journal ${this.#path}`);
    }
  }

  async close(): Promise<void> {
    await this.#file.close().catch(() => undefined);
  }

  async #rotate(): Promise<void> {
    await rename(this.#path, `${this.#path}.1`);
    const fresh = await open(this.#path, 'a+', 0o640);
    await this.#file.close();
    this.#file = fresh;
    this.#bytes = 0;
  }
}

async function readTail(file: FileHandle): Promise<{ bytes: number; wholeBytes: number; lastLine?: string }> {
  const bytes = (await file.stat()).size;
  const from = Math.max(0, bytes - tailBytes);
  const tail = Buffer.alloc(bytes - from);
  await file.read(tail, 0, tail.length, from);
  const end = tail.lastIndexOf(10);
  // Without any newline in the tail the whole tail is foreign; cutting more than a tail would be reckless.
  if (end < 0) return { bytes, wholeBytes: from };
  const start = tail.lastIndexOf(10, end - 1) + 1;
  return { bytes, wholeBytes: from + end + 1, lastLine: tail.toString('utf8', end === 0 ? 0 : start, end) };
}

async function lastLineOf(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    return (await readTail(file).finally(() => file.close())).lastLine;
  } catch {
    return undefined; // There was no rotation yet.
  }
}
