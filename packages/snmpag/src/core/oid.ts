import { fail, ok, type Result } from '@softset/base';

/** An object identifier: its sub-identifiers, each 0 to 2³² − 1, at most 128 of them (RFC 2578 §3.5). */
export type Oid = readonly number[];

export const OID_SUBIDS_MAX = 128;
const SUBID_MAX = 0xffff_ffff;

/** Below zero when `a` comes first in lexicographic order; a prefix comes before what it begins. */
export function compareOids(a: Oid, b: Oid): number {
  return compareOidFrom(a, 0, b);
}

/** Compares what follows the first `from` sub-identifiers of `a` with the whole of `b`; copies nothing. */
export function compareOidFrom(a: Oid, from: number, b: Oid): number {
  const left = a.length - from;
  const shared = Math.min(left, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[from + i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left - b.length;
}

export function beginsWith(oid: Oid, prefix: Oid): boolean {
  return oid.length >= prefix.length && prefix.every((subid, i) => oid[i] === subid);
}

export function isOid(value: readonly number[]): boolean {
  return (
    value.length <= OID_SUBIDS_MAX &&
    value.every((subid) => Number.isInteger(subid) && subid >= 0 && subid <= SUBID_MAX)
  );
}

export function formatOid(oid: Oid): string {
  return oid.join('.');
}

/** `1.3.6.1`, with or without a dot in front. Error: `OID_INVALID`. */
export function parseOid(text: string): Result<Oid, 'OID_INVALID'> {
  const parts = text.replace(/^\./, '').split('.');
  const oid = parts.map((part) => (/^(0|[1-9][0-9]{0,9})$/.test(part) ? Number(part) : Number.NaN));
  if (isOid(oid)) return ok(oid);
  return fail('OID_INVALID', `"${text}" is not an object identifier such as 1.3.6.1.2.1`);
}
