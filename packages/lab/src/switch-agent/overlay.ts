import { readFileSync } from 'node:fs';

/** What the agent says beside, or in place of, what the bridge knows; a JSON file that may change while it runs. */
export interface Overlay {
  /** Also in Q-BRIDGE-MIB, under this fdb id. */
  readonly fdbId?: number;
  /** Q-BRIDGE-MIB alone: BRIDGE-MIB's forwarding table is empty. */
  readonly onlyQ?: boolean;
  /** MACs that the agent has not heard of yet. */
  readonly hidden?: readonly string[];
  /** MAC → port names: where the agent says it is. Two: a table in motion. */
  readonly placed?: Readonly<Record<string, readonly string[]>>;
  /** Each answer takes so long, and those behind it wait, as in the agents of small switches. */
  readonly delayMs?: number;
  /** Further rows, or others in place of ours: OID → type (of snmpd.conf(5) pass) and value. */
  readonly rows?: Readonly<Record<string, readonly [string, string | number]>>;
}

/** A file that is missing or being written says nothing. */
export function readOverlay(path: string): Overlay {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Overlay;
  } catch {
    return {};
  }
}
