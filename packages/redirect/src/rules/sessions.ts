import type { FactValue } from '../core/rules/facts.js';
import type { JournalRecord } from './read-journal.js';
import type { Answer } from './story.js';

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
  readonly performed: readonly { readonly atMs: number; readonly text: string; readonly rule: string }[];
  /** What came of each action, and how many of the facts above were told before. */
  readonly answers: readonly (Answer & { readonly atMs: number; readonly afterFacts: number })[];
  /** When it was over, or was told of last. */
  readonly endMs: number;
}

/** Times are relative to the session's begin. */
export function sessionsOf(records: readonly JournalRecord[]): readonly Session[] {
  const sessions: { -readonly [K in keyof Session]: Session[K] }[] = [];
  let open: (typeof sessions)[number] | undefined;
  for (const record of records) {
    const { what, fields, monotonicMs } = record;
    if (what === 'rules-facts') {
      const whole = fields.whole === true;
      // A whole snapshot in the midst of a session goes on with it; one after a rest, or a reboot, begins another.
      if (open === undefined && !whole) continue;
      if (open === undefined || monotonicMs < open.startMs) {
        open = { time: record.time, startMs: monotonicMs, facts: [], performed: [], answers: [], endMs: 0 };
        sessions.push(open);
      }
      open.facts = [...open.facts, { atMs: monotonicMs - open.startMs, whole, set: factsIn(fields.facts) }];
    }
    if (open === undefined) continue;
    const atMs = monotonicMs - open.startMs;
    // Of an older life of the board: it ended without a word.
    if (atMs < 0) {
      open = undefined;
      continue;
    }
    if (what.startsWith('rules-')) open.endMs = Math.max(open.endMs, atMs);
    if (what === 'rules-done') {
      const answer = { text: String(fields.action), ok: fields.ok === true, message: String(fields.message ?? '') };
      open.answers = [...open.answers, { ...answer, atMs, afterFacts: open.facts.length }];
    }
    if (what === 'rules-perform') {
      const { text, rule } = fields;
      // Of no rule: a reload cleared what a rule that is gone had raised. No rules decided that, then or now.
      if (rule === '') continue;
      open.performed = [...open.performed, { atMs, text: String(text), rule: String(rule) }];
    }
    if (what === 'rules-stand') open = undefined;
  }
  return sessions;
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
