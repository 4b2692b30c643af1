import type { Failure } from '@softset/base';

/** Who asked the core for something, by number, until it answers: yes or with a failure. */
export class Answers<T> {
  readonly #waiting = new Map<number, (answer: T | Failure) => void>();
  #next = 1;

  /** `ask` puts the question, under the number that its answer will carry. */
  wait(ask: (id: number) => void): Promise<T | Failure> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      ask(id);
    });
  }

  settle(id: number, answer: T | Failure): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.(answer);
  }
}
