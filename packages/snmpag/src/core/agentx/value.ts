import type { Oid } from '../oid.js';

/** A value as AgentX carries it (RFC 2741 §5.4). */
export type Value =
  | { readonly type: 'integer'; readonly value: number }
  | { readonly type: 'octets' | 'ip-address' | 'opaque'; readonly value: Uint8Array }
  | { readonly type: 'oid'; readonly value: Oid }
  | { readonly type: 'counter32' | 'gauge32' | 'time-ticks'; readonly value: number }
  | { readonly type: 'counter64'; readonly value: bigint }
  | { readonly type: 'null' | NoValue };

/** Why a varbind of an answer has no value (RFC 3416 §3). */
export type NoValue = 'no-such-object' | 'no-such-instance' | 'end-of-mib-view';
export type ValueType = Value['type'];

export interface Varbind {
  readonly name: Oid;
  readonly value: Value;
}

/** RFC 2741 §5.4, `v.type`. */
export const VALUE_NUMBERS: Readonly<Record<ValueType, number>> = {
  integer: 2,
  octets: 4,
  null: 5,
  oid: 6,
  'ip-address': 64,
  counter32: 65,
  gauge32: 66,
  'time-ticks': 67,
  opaque: 68,
  counter64: 70,
  'no-such-object': 128,
  'no-such-instance': 129,
  'end-of-mib-view': 130,
};

export const VALUE_TYPES: ReadonlyMap<number, ValueType> = new Map(
  (Object.entries(VALUE_NUMBERS) as [ValueType, number][]).map(([type, number]) => [number, type]),
);
