import { statSync } from 'node:fs';

const LOOK_MS = 1000;

/**
 * Tells when one of a few files is another one, or was written, or who may read it changed; once it stands still for a
 * second, so that what is half written is not read. It looks, for editors and configuration tools replace files in ways
 * that inotify(7) loses.
 */
export class FileWatch {
  readonly #files: readonly string[];
  readonly #timer: NodeJS.Timeout;
  #told: string;
  #seen: string;

  constructor(files: readonly string[], onChange: () => void) {
    this.#files = files;
    this.#told = this.#look();
    this.#seen = this.#told;
    this.#timer = setInterval(() => {
      const before = this.#seen;
      this.#seen = this.#look();
      if (this.#seen !== before || this.#seen === this.#told) return;
      this.#told = this.#seen;
      onChange();
    }, LOOK_MS).unref();
  }

  #look(): string {
    return this.#files.map(standing).join('\n');
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

function standing(file: string): string {
  try {
    const { dev, ino, size, mode, mtimeMs, ctimeMs } = statSync(file);
    return [dev, ino, size, mode, mtimeMs, ctimeMs].join(' ');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
