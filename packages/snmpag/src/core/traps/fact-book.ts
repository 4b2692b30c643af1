import type { SnmpFact } from '@softset/protocol';
import { IF_ENTRY, IFX_ENTRY, type Inventory } from '../entity/inventory.js';
import { plainOf } from '../relay/agent-facts.js';
import { IF_STATUS } from './trap-facts.js';

/**
 * What agents behind were told to be, or were read to be, beside the facts that the cluster file has polled: each with
 * the time until which it is believed. The latest word counts, whether a notification's or a reading's:
 *
 *     (unknown) ── notification, reading ──► known ── freshMs without another ──► unknown, its name stays
 *
 * A reading that began before the notification came does not undo it: the walk may have passed that row before.
 */
export interface ToldValue {
  /** By its name in the MIB and its index, such as `ifOperStatus.12`; or the cluster file's name for it. */
  readonly object: string;
  readonly value: string | number | boolean | null;
  readonly freshMs: number;
}

interface Entry extends ToldValue {
  readonly heardMs: number;
}

/** By agent, then by object; the one that was heard last is the last. */
export type FactBook = ReadonlyMap<string, ReadonlyMap<string, Entry>>;

export const EMPTY_BOOK: FactBook = new Map();
/** Of one agent; beyond it what was heard least recently goes. A sender may name two thousand million ports. */
export const OBJECTS_MAX = 512;

export function hear(book: FactBook, agent: string, told: readonly ToldValue[], nowMs: number): FactBook {
  const objects = new Map(book.get(agent));
  for (const one of told) {
    objects.delete(one.object);
    objects.set(one.object, { ...one, heardMs: nowMs });
  }
  for (const oldest of objects.keys()) {
    if (objects.size <= OBJECTS_MAX) break;
    objects.delete(oldest);
  }
  return new Map(book).set(agent, objects);
}

/** Columns of ifTable and ifXTable that have names as facts. */
const COLUMNS: Readonly<Record<string, readonly [entry: 'if' | 'ifx', column: number]>> = {
  ifDescr: ['if', 2],
  ifType: ['if', 3],
  ifMtu: ['if', 4],
  ifSpeed: ['if', 5],
  ifAdminStatus: ['if', 7],
  ifOperStatus: ['if', 8],
  ifInOctets: ['if', 10],
  ifInUcastPkts: ['if', 11],
  ifInDiscards: ['if', 13],
  ifInErrors: ['if', 14],
  ifOutOctets: ['if', 16],
  ifOutUcastPkts: ['if', 17],
  ifOutDiscards: ['if', 19],
  ifOutErrors: ['if', 20],
  ifName: ['ifx', 1],
  ifHCInOctets: ['ifx', 6],
  ifHCOutOctets: ['ifx', 10],
  ifHighSpeed: ['ifx', 15],
  ifAlias: ['ifx', 18],
};

/** OIDs of `ifInErrors.12`, for messages and the page; undefined: nothing that is read. */
export function columnOf(object: string): { readonly oid: readonly number[]; readonly index: number } | undefined {
  const [name = '', index = ''] = object.split('.');
  const column = Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined;
  if (column === undefined || !/^[1-9]\d{0,9}$/.test(index) || object.split('.').length !== 2) return undefined;
  return { oid: [...(column[0] === 'if' ? IF_ENTRY : IFX_ENTRY), column[1]], index: Number(index) };
}

/**
 * An agent's interfaces were read: what rules ask of them, and what notifications said of them, is as it was read. An
 * interface that is gone says nothing, and what was told of it grows old.
 */
export function hearInventory(
  book: FactBook,
  agent: string,
  { interfaces, beganMs, readMs }: Inventory,
  asked: readonly string[],
  freshMs: number,
): FactBook {
  const known = book.get(agent) ?? new Map<string, Entry>();
  const byIndex = new Map(interfaces.map((one) => [one.index, one]));
  const told = [...new Set([...known.keys(), ...asked])].flatMap((object): ToldValue[] => {
    const column = columnOf(object);
    if (column === undefined || (known.get(object)?.heardMs ?? Number.NEGATIVE_INFINITY) > beganMs) return [];
    const found = byIndex.get(column.index);
    const number = column.oid.at(-1) ?? 0;
    const own = column.oid.length === IF_ENTRY.length + 1 ? found?.columns : found?.moreColumns;
    const value = own?.get(number);
    if (value === undefined) return [];
    const plain = plainOf(value);
    const status = object.startsWith('ifOperStatus') || object.startsWith('ifAdminStatus');
    return [{ object, value: status ? (IF_STATUS[Number(plain)] ?? null) : plain, freshMs }];
  });
  return told.length === 0 ? book : hear(book, agent, told, readMs);
}

/** All of them as they stand: what is not fresh is unknown. */
export function standing(book: FactBook, nowMs: number): readonly SnmpFact[] {
  return [...book].flatMap(([agent, objects]) =>
    [...objects.values()]
      .map(({ object: name, value, heardMs, freshMs }): SnmpFact => {
        const ageMs = Math.max(nowMs - heardMs, 0);
        return { agent, name, value: ageMs < freshMs ? value : null, ageMs };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
}
