import type { FactValue } from '../core/rules/facts.js';
import type { JournalRecord } from './read-journal.js';

/** A stretch of a journal in which one board directed: facts as they came, and what was decided on them. */
export interface Session {
  readonly time: string;
  /** Monotonic ms of its begin. */
  readonly startMs: number;
  readonly facts: readonly {
    readonly atMs: number;
    readonly whole: boolean;
    readonly set: ReadonlyMap<string, FactValue | undefined>;
  }[];
  readonly performed: readonly {
    readonly atMs: number;
    readonly text: string;
    readonly rule: string;
    readonly failed: boolean;
  }[];
}

/** Times are relative to the session's begin. */
export function sessionsOf(records: readonly JournalRecord[]): readonly Session[] {
  const sessions: { -readonly [K in keyof Session]: Session[K] }[] = [];
  let open: (typeof sessions)[number] | undefined;
  const failed = new Set<string>();
  for (const record of records) {
    const { what, fields, monotonicMs } = record;
    if (what === 'rules-facts') {
      const whole = fields.whole === true;
      // A whole snapshot in the midst of a session goes on with it; one after a rest, or a reboot, begins another.
      if (open === undefined && !whole) continue;
      if (open === undefined || monotonicMs < open.startMs) {
        open = { time: record.time, startMs: monotonicMs, facts: [], performed: [] };
        sessions.push(open);
      }
      open.facts = [...open.facts, { atMs: monotonicMs - open.startMs, whole, set: factsIn(fields.facts) }];
    }
    if (what === 'rules-stand') open = undefined;
    if (what === 'rules-done' && fields.ok === false) failed.add(`${String(fields.action)} ${record.file}`);
    if (what === 'rules-perform' && open !== undefined) {
      const { text, rule } = fields;
      const one = { atMs: monotonicMs - open.startMs, text: String(text), rule: String(rule), failed: false };
      open.performed = [...open.performed, one];
    }
  }
  return sessions.map((one) => ({
    ...one,
    performed: one.performed.map((did) => ({ ...did, failed: failed.has(`${did.text} ${records[0]?.file}`) })),
  }));
}

function factsIn(value: unknown): ReadonlyMap<string, FactValue | undefined> {
  const facts = new Map<string, FactValue | undefined>();
  if (typeof value !== 'object' || value === null) return facts;
  for (const [fact, one] of Object.entries(value)) {
    const known = typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean';
    facts.set(fact, known ? one : undefined);
  }
  return facts;
}
