import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** A log file that is rotated once, to `FILE.1`, when it reaches its limit: at most twice `limitBytes` on disk. */
export class RotatingLog {
  readonly #path: string;
  readonly #limitBytes: number;
  #fd: number;
  #bytes: number;

  constructor(path: string, limitBytes = 5 * 1024 * 1024) {
    this.#path = path;
    this.#limitBytes = limitBytes;
    this.#fd = openSync(path, 'a');
    this.#bytes = fstatSync(this.#fd).size;
  }

  write(bytes: Uint8Array): void {
    if (this.#bytes + bytes.length > this.#limitBytes && this.#bytes > 0) {
      closeSync(this.#fd);
      renameSync(this.#path, `${this.#path}.1`);
      this.#fd = openSync(this.#path, 'a');
      this.#bytes = 0;
    }
    writeSync(this.#fd, bytes);
    this.#bytes += bytes.length;
  }
}
