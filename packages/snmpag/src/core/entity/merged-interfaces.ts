import type { Value } from '../agentx/value.js';
import { Rows } from '../mib/rows.js';
import { type AnyLeaf, anyLeaf, scalar } from '../mib/view.js';
import type { Oid } from '../oid.js';
import { type Behind, isStale } from '../relay/behind.js';
import { IF_ENTRY, IFX_ENTRY, type Interface, mergedIndices } from './inventory.js';

export interface MergedInterface {
  readonly behind: Behind;
  readonly own: Interface;
  readonly index: number;
}

export function mergedInterfaces(all: readonly Behind[]): readonly MergedInterface[] {
  return all.flatMap((behind) => {
    const interfaces = behind.inventory?.interfaces ?? [];
    const indices = mergedIndices(
      behind.agent.number,
      interfaces.map(({ index }) => index),
    );
    return interfaces.map((own) => ({ behind, own, index: indices.get(own.index) ?? 0 }));
  });
}

/** ifIndex and ifOperStatus are ours to say; ifLastChange, ifSpecific and the time of discontinuity are by other clocks. */
const IF_COLUMNS = [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21];
const IFX_COLUMNS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18];
const OPER_STATUS = 8;
const UNKNOWN: Value = { type: 'integer', value: 4 };
export const IF_NUMBER: Oid = [1, 3, 6, 1, 2, 1, 2, 1];

/**
 * IF-MIB of the whole system (RFC 2863): the interfaces of all agents as they were read last. Where the agent does not
 * answer now, they stay, and ifOperStatus is unknown(4).
 */
export function interfaceLeaves(merged: readonly MergedInterface[]): AnyLeaf[] {
  if (merged.length === 0) return [];
  const rows = Rows.of(merged.map((one) => [[one.index], one] as const));
  const leaf = (entry: Oid, column: number, read: (row: MergedInterface) => Value | undefined): AnyLeaf =>
    anyLeaf<MergedInterface>({ oid: [...entry, column], rows, read });
  return [
    scalar(IF_NUMBER, () => ({ type: 'integer', value: merged.length })),
    ...IF_COLUMNS.map((column) =>
      leaf(IF_ENTRY, column, ({ behind, own, index }) => {
        if (column === 1) return { type: 'integer', value: index };
        if (column === OPER_STATUS && isStale(behind)) return UNKNOWN;
        return own.columns.get(column);
      }),
    ),
    ...IFX_COLUMNS.map((column) => leaf(IFX_ENTRY, column, ({ own }) => own.moreColumns.get(column))),
  ];
}

const OCTETS = (value: Value | undefined): Uint8Array => (value?.type === 'octets' ? value.value : new Uint8Array(0));

/** ifName, or ifDescr where there is none. */
export function interfaceName({ columns, moreColumns }: Interface): Uint8Array {
  const name = OCTETS(moreColumns.get(1));
  return name.length > 0 ? name : OCTETS(columns.get(2));
}

export function integerOf({ columns }: Interface, column: number): number {
  const value = columns.get(column);
  return value?.type === 'integer' ? value.value : 0;
}
