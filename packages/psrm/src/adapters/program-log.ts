import {
  appendFileSync,
  closeSync,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** A stamp takes 25 bytes at most, so they have the room of some 10,000; more of them make the log turn early. */
const stampBytesMax = 262_144;

/**
 * What a program writes to standard output and error, in a file that it holds open itself: so it outlives psrmd, and
 * psrmd copies nothing. Once too large it is copied to `FILE.1` and emptied; the program appends (O_APPEND), so it goes
 * on at the beginning. Lines written between copy and emptying are lost: the price of not standing in the way.
 *
 * When a line was written is told by `NAME.times` beside it: `WALL_MS SIZE` for each time that the log was found to
 * have grown, which is told within a second, and when the program begins, ends or changes state.
 */
export class ProgramLog {
  readonly fd: number;
  readonly path: string;
  /** How large it may grow; may be changed. */
  bytesMax: number;
  readonly #times: string | undefined;
  #stamped: number;
  #stampBytes: number;

  /** Throws a system error when the folder or file cannot be made. */
  constructor(path: string, bytesMax: number) {
    this.path = path;
    this.bytesMax = bytesMax;
    this.#times = path.endsWith('.log') ? path.replace(/log$/, 'times') : undefined;
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    this.fd = openSync(path, 'a', 0o640);
    this.#stamped = this.size;
    this.#stampBytes = sizeOf(this.#times);
  }

  /** In bytes; 0 where it cannot be told. */
  get size(): number {
    try {
      return fstatSync(this.fd).size;
    } catch {
      return 0;
    }
  }

  /** What was written until now was written by now. */
  stamp(): void {
    this.#stamp(this.size);
  }

  #stamp(size: number): void {
    if (this.#times === undefined || size === this.#stamped) return;
    try {
      const line = `${Date.now()} ${size}\n`;
      appendFileSync(this.#times, line, { mode: 0o640 });
      this.#stamped = size;
      this.#stampBytes += line.length;
    } catch {
      // A full disk, or out of descriptors: the lines are stamped by the next that can be made.
    }
  }

  /** Asked within a second of each write. */
  bound(): void {
    const { size, bytesMax } = this;
    this.#stamp(size);
    if (size <= bytesMax && this.#stampBytes <= stampBytesMax) return;
    try {
      copyFileSync(this.path, `${this.path}.1`);
      if (this.#times !== undefined) copyFileSync(this.#times, `${this.#times}.1`);
    } catch {
      // No room for the copy: the log is emptied all the same, or it would take the room that is left.
    }
    try {
      ftruncateSync(this.fd, 0);
      if (this.#times !== undefined) closeSync(openSync(this.#times, 'w'));
      this.#stamped = 0;
      this.#stampBytes = 0;
    } catch {
      // A file system gone read-only keeps the log from growing as well.
    }
  }

  close(): void {
    this.stamp();
    closeSync(this.fd);
  }
}

function sizeOf(path: string | undefined): number {
  try {
    return path === undefined ? 0 : statSync(path).size;
  } catch {
    return 0; // Not written yet.
  }
}
