import { closeSync, copyFileSync, fstatSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

const bytesMax = 1024 * 1024;

/**
 * What a program writes to standard output and error, in a file that it holds open itself: so it outlives psrmd, and
 * psrmd copies nothing. Once beyond 1 MiB it is copied to `FILE.1` and emptied; the program appends (O_APPEND), so it
 * goes on at the beginning. Lines written between copy and emptying are lost: the price of not standing in the way.
 */
export class ProgramLog {
  readonly fd: number;
  readonly path: string;

  /** Throws a system error when the folder or file cannot be made. */
  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    this.fd = openSync(path, 'a', 0o640);
  }

  /** In bytes; 0 where it cannot be told. */
  get size(): number {
    try {
      return fstatSync(this.fd).size;
    } catch {
      return 0;
    }
  }

  /** Asked once a second. */
  bound(): void {
    try {
      if (fstatSync(this.fd).size <= bytesMax) return;
      copyFileSync(this.path, `${this.path}.1`);
    } catch {
      // No room for the copy: the log is emptied all the same, or it would take the room that is left.
    }
    try {
      ftruncateSync(this.fd, 0);
    } catch {
      // A file system gone read-only keeps the log from growing as well.
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}
