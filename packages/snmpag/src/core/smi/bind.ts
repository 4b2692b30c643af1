import type { Value } from '../agentx/value.js';
import { Rows } from '../mib/rows.js';
import { type AnyLeaf, anyLeaf, scalar, type Written } from '../mib/view.js';
import type { Oid } from '../oid.js';
import type { ObjectDef, Objects, TableDef } from './model.js';
import { encodeValue, type Plain } from './syntax.js';

type Readable<C extends Objects> = { [K in keyof C]: C[K]['access'] extends 'index' ? never : K }[keyof C] & string;

/** One reader for each column that can be read. */
export type Readers<C extends Objects, R> = { readonly [K in Readable<C>]: (row: R) => Plain };
export type Writers<C extends Objects, R> = {
  readonly [K in Readable<C>]?: (row: R, value: Value) => Written;
};

/** The leaves of one table. `group` is the OID of the group that holds it. */
export function tableLeaves<C extends Objects, R>(
  group: Oid,
  definition: TableDef<C>,
  rows: Iterable<readonly [index: Oid, row: R]>,
  readers: Readers<C, R>,
  writers: Writers<C, R> = {},
): AnyLeaf[] {
  const sorted = Rows.of(rows);
  const entry = [...group, definition.id, 1];
  return Object.entries(definition.columns).flatMap(([name, { id, syntax, access }]) => {
    if (access === 'index') return [];
    const read = readers[name as Readable<C>];
    const write = writers[name as Readable<C>];
    const leaf = { oid: [...entry, id], rows: sorted, read: (row: R) => encodeValue(syntax, read(row)) };
    return [anyLeaf<R>(write === undefined ? leaf : { ...leaf, write })];
  });
}

export function scalarLeaves<S extends Objects>(
  group: Oid,
  scalars: S,
  readers: { readonly [K in keyof S & string]: () => Plain },
): AnyLeaf[] {
  return Object.entries(scalars).map(([name, { id, syntax }]: [string, ObjectDef]) =>
    scalar([...group, id], () => encodeValue(syntax, readers[name]?.())),
  );
}

/** A text as an index with its length in front, or IMPLIED, without it (RFC 2578 §7.7). */
export function textIndex(text: string, implied: boolean): Oid {
  const octets = [...text].map((one) => one.charCodeAt(0) & 0xff);
  return implied ? octets : [octets.length, ...octets];
}
