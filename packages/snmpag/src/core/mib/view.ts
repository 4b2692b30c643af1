import { assert } from '@softset/base';
import type { SearchRange } from '../agentx/pdu.js';
import type { Value, Varbind } from '../agentx/value.js';
import { beginsWith, compareOids, type Oid } from '../oid.js';
import { Rows } from './rows.js';

/** One object type with its instances: a column of a table, or a scalar, whose only instance is `.0`. */
export interface Leaf<R = never> {
  readonly oid: Oid;
  readonly rows: Rows<R>;
  /** Undefined: this row has no such instance. */
  readonly read: (row: R) => Value | undefined;
  /** Left out: no instance can be written. */
  readonly write?: (row: R, value: Value) => Written;
}

/** What a SET of one instance comes to: what is to be done, by the domain's own words, or RFC 3416's error. */
export type Written =
  | {
      readonly ok: true;
      readonly change: unknown;
      readonly key: string;
      /** What can only be said of the SET as a whole ("as if simultaneously", RFC 3416 §4.2.5): given all its changes. */
      readonly check?: (changes: readonly unknown[]) => Refused | undefined;
      /** It is done after the others, and undone before them. */
      readonly last?: true;
    }
  | Refused;

export interface Refused {
  readonly ok: false;
  readonly error: number;
  readonly why: string;
}

/** Leaves of different row types in one list: each reads its own rows alone. */
export type AnyLeaf = Leaf<unknown>;

export function anyLeaf<R>(leaf: Leaf<R>): AnyLeaf {
  return leaf as unknown as AnyLeaf;
}

const SCALAR = Rows.of<undefined>([[[0], undefined]]);

export function scalar(oid: Oid, read: () => Value | undefined): AnyLeaf {
  return anyLeaf<undefined>({ oid, rows: SCALAR, read });
}

/** A part of the MIB as it stands at one moment: never changed, only replaced, so that one request sees one state. */
export class MibView {
  readonly #leaves: readonly AnyLeaf[];

  /** No leaf may lie below another: a programmer's error. */
  constructor(leaves: readonly AnyLeaf[]) {
    this.#leaves = [...leaves].sort((a, b) => compareOids(a.oid, b.oid));
    this.#leaves.forEach((leaf, i) => {
      const next = this.#leaves[i + 1];
      assert(next === undefined || !beginsWith(next.oid, leaf.oid), `${next?.oid.join('.')} lies below another leaf`);
    });
  }

  /** The leaf that an instance's name begins with. */
  leafOf(name: Oid): AnyLeaf | undefined {
    const leaf = this.#leaves[this.#after(name) - 1];
    return leaf !== undefined && beginsWith(name, leaf.oid) ? leaf : undefined;
  }

  /** RFC 2741 §7.2.3.1. */
  get(name: Oid): Varbind {
    const leaf = this.leafOf(name);
    if (leaf === undefined) return { name, value: { type: 'no-such-object' } };
    const at = leaf.rows.find(name, leaf.oid.length);
    const value = at < 0 ? undefined : leaf.read(leaf.rows.row(at));
    return { name, value: value ?? { type: 'no-such-instance' } };
  }

  /**
   * The first instance within the range (RFC 2741 §7.2.3.2), or `end-of-mib-view` under the name that was asked for.
   * In the logarithm of the leaves and rows, and one look at each instance that is passed over for want of a value.
   */
  next({ start, include, end }: SearchRange): Varbind {
    const none: Varbind = { name: start, value: { type: 'end-of-mib-view' } };
    const from = this.#after(start);
    for (let i = Math.max(from - 1, 0); i < this.#leaves.length; i++) {
      const leaf = this.#leaves[i];
      if (leaf === undefined) break;
      if (end.length > 0 && compareOids(leaf.oid, end) >= 0) break;
      let at = 0;
      if (i < from) {
        // The leaf at or in front of the start: only instances behind it count, and none where the start lies behind all.
        if (!beginsWith(start, leaf.oid)) continue;
        at = leaf.rows.place(start, leaf.oid.length);
        if (!include && leaf.rows.find(start, leaf.oid.length) === at) at++;
      }
      for (; at < leaf.rows.length; at++) {
        const value = leaf.read(leaf.rows.row(at));
        if (value === undefined) continue;
        const name = [...leaf.oid, ...leaf.rows.index(at)];
        return end.length > 0 && compareOids(name, end) >= 0 ? none : { name, value };
      }
    }
    return none;
  }

  /** How many leaves stand at or in front of `oid`. */
  #after(oid: Oid): number {
    let low = 0;
    let high = this.#leaves.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareOids(this.#leaves[middle]?.oid ?? [], oid) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
