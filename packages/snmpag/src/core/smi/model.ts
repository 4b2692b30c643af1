import type { Oid } from '../oid.js';
import type { Syntax } from './syntax.js';

/** A MIB as data: the module's text, its documentation and the tables of the agent are all made from it. */
export interface ObjectDef {
  readonly id: number;
  readonly syntax: Syntax;
  readonly access: 'read-only' | 'read-write' | 'index' | 'notify';
  readonly units?: string;
  readonly description: string;
}

/** By name; the name is the object's descriptor. */
export type Objects = Readonly<Record<string, ObjectDef>>;

export interface TableDef<C extends Objects = Objects> {
  /** Such as `softsetBoard`: `Table` and `Entry` are added. */
  readonly stem: string;
  readonly id: number;
  readonly description: string;
  readonly row: string;
  /** Names of the index objects, own or of another table; the last one of text is IMPLIED. */
  readonly index: readonly string[];
  readonly columns: C;
}

export interface GroupDef {
  readonly name: string;
  readonly id: number;
  readonly description: string;
  readonly scalars: Objects;
  readonly tables: readonly TableDef[];
}

export interface NotificationDef {
  readonly id: number;
  readonly objects: readonly string[];
  readonly description: string;
}

export interface ModuleDef {
  readonly name: string;
  readonly identity: string;
  readonly base: Oid;
  /** What the base hangs from, by its last number: a label, and the module that has it. */
  readonly parent: { readonly label: string; readonly module: string };
  readonly lastUpdated: string;
  readonly organization: string;
  readonly contact: string;
  readonly description: string;
  readonly revision: string;
  readonly groups: readonly GroupDef[];
  readonly notifications: Readonly<Record<string, NotificationDef>>;
}

/** Keeps the columns' names for the compiler, so that a reader that is missing or too many is refused. */
export function table<C extends Objects>(definition: TableDef<C>): TableDef<C> {
  return definition;
}

/** Arcs below the base: notifications at 0, so that they read as RFC 2578 §8.5 wants; conformance behind all groups. */
export const ARC = { notifications: 0, conformance: 100 } as const;
