import { compareOidFrom, compareOids, type Oid } from '../oid.js';

/** Rows of a table in the order of their indices, each index once: the last of those given under one index counts. */
export class Rows<R> {
  readonly #indices: readonly Oid[];
  readonly #rows: readonly R[];

  private constructor(indices: readonly Oid[], rows: readonly R[]) {
    this.#indices = indices;
    this.#rows = rows;
  }

  /** In n log n, whatever order they come in. */
  static of<R>(rows: Iterable<readonly [index: Oid, row: R]>): Rows<R> {
    const sorted = [...rows].sort(([a], [b]) => compareOids(a, b));
    const unique = sorted.filter(([index], i) => {
      const next = sorted[i + 1];
      return next === undefined || compareOids(index, next[0]) !== 0;
    });
    return new Rows(
      unique.map(([index]) => index),
      unique.map(([, row]) => row),
    );
  }

  get length(): number {
    return this.#rows.length;
  }

  index(at: number): Oid {
    return this.#indices[at] ?? [];
  }

  row(at: number): R | undefined {
    return this.#rows[at];
  }

  /** First place whose index is not before what follows the first `skip` sub-identifiers of `oid`. In log n. */
  place(oid: Oid, skip: number): number {
    let low = 0;
    let high = this.#indices.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareOidFrom(oid, skip, this.#indices[middle] ?? []) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Where the index is exactly that; −1 for nowhere. */
  find(oid: Oid, skip: number): number {
    const at = this.place(oid, skip);
    const index = this.#indices[at];
    return index !== undefined && compareOidFrom(oid, skip, index) === 0 ? at : -1;
  }
}
