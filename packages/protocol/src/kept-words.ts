/**
 * What was made of 64 bits the last time, for each of some places: bitmaps, boots and MACs stay the same from beat to
 * beat, and making a value of them costs more than the rest of a beat.
 */
export class KeptWords<T> {
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  readonly #values: (T | undefined)[];
  readonly #make: (high: number, low: number) => T;

  constructor(places: number, make: (high: number, low: number) => T) {
    this.#high = new Uint32Array(places);
    this.#low = new Uint32Array(places);
    this.#values = new Array<T | undefined>(places).fill(undefined);
    this.#make = make;
  }

  /** The value of these two words, which stand at `place` (0 to `places` - 1). */
  at(place: number, high: number, low: number): T {
    const kept = this.#values[place];
    if (kept !== undefined && this.#high[place] === high && this.#low[place] === low) return kept;
    const made = this.#make(high, low);
    this.#high[place] = high;
    this.#low[place] = low;
    this.#values[place] = made;
    return made;
  }
}
