import type { Value, Varbind } from '../agentx/value.js';
import { beginsWith, type Oid } from '../oid.js';

/** Columns of ifTable and ifXTable (RFC 2863), by entry and number: what merged tables are made of. */
export const IF_ENTRY: Oid = [1, 3, 6, 1, 2, 1, 2, 2, 1];
export const IFX_ENTRY: Oid = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1];
export const SYS = { descr: [1, 3, 6, 1, 2, 1, 1, 1, 0], name: [1, 3, 6, 1, 2, 1, 1, 5, 0] } as const;

export interface Interface {
  /** By the agent's own ifIndex. */
  readonly index: number;
  readonly columns: ReadonlyMap<number, Value>;
  readonly moreColumns: ReadonlyMap<number, Value>;
}

/** An agent's interfaces, as read from `beganMs` to `readMs`. */
export interface Inventory {
  readonly beganMs: number;
  readonly readMs: number;
  readonly descr: string;
  readonly interfaces: readonly Interface[];
}

/** What a walk of the two tables found. Rows are those of ifTable: ifXTable augments it, and has none of its own. */
export function interfacesOf(found: readonly Varbind[]): Interface[] {
  const rows = new Map<number, { columns: Map<number, Value>; moreColumns: Map<number, Value> }>();
  for (const [entry, part] of [
    [IF_ENTRY, 'columns'],
    [IFX_ENTRY, 'moreColumns'],
  ] as const) {
    for (const { name, value } of found) {
      if (!beginsWith(name, entry) || name.length !== entry.length + 2) continue;
      const column = name[entry.length] ?? 0;
      const index = name[entry.length + 1] ?? 0;
      if (index < 1 || index > INDEX_MAX) continue;
      if (part === 'columns' && !rows.has(index)) rows.set(index, { columns: new Map(), moreColumns: new Map() });
      rows.get(index)?.[part].set(column, value);
    }
  }
  return [...rows].map(([index, row]) => ({ index, ...row })).sort((a, b) => a.index - b.index);
}

const INDEX_MAX = 0x7fff_ffff;

/** Each agent has so many indices in the merged tables. */
export const SPAN = 1_000_000;
const DIRECT = 500_000;

/**
 * Indices of an agent's interfaces in the merged tables: its number, times a million, plus its own ifIndex. So they are
 * the same on every control board and after every restart, and can be read by people. Some switches number their
 * interfaces into the hundreds of millions: those share the upper half of the million, by remainder, and where two meet
 * the greater one moves up.
 */
export function mergedIndices(number: number, indices: readonly number[]): ReadonlyMap<number, number> {
  const merged = new Map<number, number>();
  const taken = new Set<number>();
  for (const index of [...indices].sort((a, b) => a - b)) {
    let place = index < DIRECT ? index : DIRECT + (index % DIRECT);
    while (taken.has(place)) place = place + 1 < SPAN ? place + 1 : DIRECT;
    taken.add(place);
    merged.set(index, number * SPAN + place);
  }
  return merged;
}
