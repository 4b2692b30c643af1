import { WriteWatch } from '@softset/linux/write-watch.js';

/** What is looked at, by the descriptor that it is open with. */
export interface OpenFile {
  readonly fd: number;
}

/**
 * Of many open files, those that may have grown since they were last asked for. Where the kernel does not tell (no
 * inotify, or no watches left), all that it does not tell of.
 */
export class WrittenFiles<T extends OpenFile> {
  #watch: WriteWatch | undefined;
  readonly #files = new Map<number, T>();
  readonly #untold = new Set<T>();

  constructor() {
    const opened = WriteWatch.open();
    if (opened.ok) this.#watch = opened.value;
  }

  /** It may have grown already. */
  add(file: T): void {
    this.#untold.add(file);
  }

  /** Before it is closed. */
  drop(file: T): void {
    this.#untold.delete(file);
    for (const [number, other] of this.#files) if (other === file) this.#files.delete(number);
  }

  take(): readonly T[] {
    const written = this.#watch?.written() ?? new Set();
    const found = [...this.#untold];
    for (const number of written === 'unknown' ? [...this.#files.keys()] : written) {
      const file = this.#files.get(number);
      this.#files.delete(number);
      if (file !== undefined) found.push(file);
    }
    this.#untold.clear();
    // Watched again first and looked at then: what is written in between is told the next time.
    for (const file of found) this.#await(file);
    return found;
  }

  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  #await(file: T): void {
    const next = this.#watch?.next(file.fd);
    if (next?.ok) this.#files.set(next.value, file);
    else this.#untold.add(file);
  }
}
