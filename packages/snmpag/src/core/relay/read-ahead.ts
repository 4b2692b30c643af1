import type { SearchRange } from '../agentx/pdu.js';
import type { Varbind } from '../agentx/value.js';
import { compareOids, formatOid, type Oid } from '../oid.js';

/**
 * snmpd turns a GETBULK into one GETNEXT after another for its subagents, each of which would be a journey to the board.
 * Whoever goes on from a name that was just given is walking, and is answered from what a GETBULK brought along; its
 * first question is always asked of the board itself. What was brought counts for `FRESH_MS`, and nothing of it does
 * after a SET: a walk takes longer than that anyway, and no walk is a snapshot (RFC 3416 §4.2.2 promises none).
 */
export const FRESH_MS = 250;
/** Rows for one journey; a datagram carries about so many. */
export const AHEAD_ROWS = 25;
/** Walks of one agent that are followed at a time. */
export const WALKS_MAX = 64;

interface Ahead {
  readonly rows: readonly Varbind[];
  readonly untilMs: number;
}

/** Of one agent. Keys are the names that a walker may ask to go on from. */
export class ReadAhead {
  readonly #next = new Map<string, Ahead>();

  /** What comes behind `start`, where it was brought along and is fresh; `walking`: bring some, for more will be asked. */
  take({ start, include, end }: SearchRange, nowMs: number): Varbind | 'walking' | undefined {
    if (include) return undefined;
    const key = formatOid(start);
    const ahead = this.#next.get(key);
    if (ahead === undefined) return undefined;
    this.#next.delete(key);
    const [row, ...rest] = ahead.rows;
    if (nowMs >= ahead.untilMs || row === undefined) return 'walking';
    if (row.value.type === 'end-of-mib-view' || (end.length > 0 && compareOids(row.name, end) >= 0)) return 'walking';
    this.#put(row.name, { rows: rest, untilMs: ahead.untilMs });
    return row;
  }

  /** A row was given, and these come behind it. */
  give(given: Oid, rows: readonly Varbind[], nowMs: number): void {
    this.#put(given, { rows, untilMs: nowMs + FRESH_MS });
  }

  clear(): void {
    this.#next.clear();
  }

  #put(name: Oid, ahead: Ahead): void {
    const key = formatOid(name);
    this.#next.delete(key);
    this.#next.set(key, ahead);
    if (this.#next.size <= WALKS_MAX) return;
    const [oldest] = this.#next.keys();
    if (oldest !== undefined) this.#next.delete(oldest);
  }
}
