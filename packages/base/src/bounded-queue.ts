/** First in, first out, with a limit and a stated rule for when it is reached: the oldest item goes, and is counted. */
export class BoundedQueue<T> {
  #items: T[] = [];
  #dropped = 0;
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  get length(): number {
    return this.#items.length;
  }

  /** How many items were dropped since the beginning. */
  get dropped(): number {
    return this.#dropped;
  }

  push(item: T): void {
    this.#items.push(item);
    if (this.#items.length > this.limit) {
      this.#items.shift();
      this.#dropped++;
    }
  }

  shift(): T | undefined {
    return this.#items.shift();
  }

  toArray(): readonly T[] {
    return [...this.#items];
  }
}
