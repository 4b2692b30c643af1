import type { FactValue } from '../core/rules/facts.js';
import type { RuleSet } from '../core/rules/rule-set.js';
import { readJournal } from './read-journal.js';
import { type Session, sessionsOf } from './sessions.js';
import { type Decided, Story } from './story.js';
import { loadForTool } from './tool-check.js';
import type { ToolOptions } from './tool-options.js';
import { print, refuse } from './tool-say.js';

/** Decisions of the two that lie so near are one and the same: the journal's come from a real clock. */
const SAME_MS = 2000;

interface Difference {
  readonly session: string;
  readonly atMs: number;
  readonly which: 'only then' | 'only now';
  readonly action: string;
  readonly rule: string;
}

/**
 * `replay JOURNAL --rules PATH`: what these rules would have decided on the facts as they were, beside what was decided.
 * Facts are the journal's: a decision that was not made then changes nothing that comes after it. Exit 1 where they differ.
 */
export async function replayVerb(options: ToolOptions): Promise<number> {
  const [journal, ...rest] = options.paths;
  if (journal === undefined || rest.length > 0 || options.rules.length === 0) {
    return refuse({ code: 'USAGE', message: 'replay JOURNAL --rules PATH' });
  }
  const records = readJournal(journal);
  if (!records.ok) return refuse(records);
  const loaded = loadForTool(options, options.rules);
  if (typeof loaded === 'number') return loaded;
  const sessions = sessionsOf(records.value);
  if (sessions.length === 0)
    return refuse({ code: 'NOTHING', message: `${journal} has no facts: no rules ran while it was written` });
  const differences: Difference[] = [];
  let then = 0;
  let now = 0;
  for (const session of sessions) {
    const decided = await replay(loaded.set, session);
    then += session.performed.length;
    now += decided.length;
    differences.push(...compare(session, decided));
  }
  if (options.json) print(JSON.stringify({ sessions: sessions.length, then, now, differences }));
  else {
    for (const { session, atMs, which, action, rule } of differences) {
      print(`${session} +${(atMs / 1000).toFixed(3)} s  ${which}: ${action} (rule ${rule})`);
    }
    print(
      `${sessions.length} stretches of directing; decided then ${then}, now ${now}; ${differences.length} differences`,
    );
  }
  return differences.length === 0 ? 0 : 1;
}

async function replay(set: RuleSet, session: Session): Promise<readonly Decided[]> {
  const story = new Story(set, new Map(), { told: session.answers.map(({ text }) => text) });
  const answers = [...session.answers];
  // Facts and answers in the order in which they came: what was done is seen before it is answered.
  const answer = async (factsTold: number): Promise<void> => {
    while (answers[0] !== undefined && answers[0].afterFacts <= factsTold) {
      const [first] = answers.splice(0, 1);
      if (first === undefined) return;
      await story.passTo(first.atMs);
      await story.answer(first);
    }
  };
  for (const [i, { atMs, whole, set: changes }] of session.facts.entries()) {
    await answer(i);
    await story.passTo(atMs);
    const gone = whole ? [...story.facts.keys()].filter((fact) => !changes.has(fact)) : [];
    await story.set(
      new Map<string, FactValue | undefined>([...changes, ...gone.map((fact) => [fact, undefined] as const)]),
    );
  }
  await answer(session.facts.length);
  await story.passTo(session.endMs);
  return story.decided;
}

function compare(session: Session, decided: readonly Decided[]): readonly Difference[] {
  const left = [...decided];
  const only = (which: Difference['which'], one: { atMs: number; text: string; rule: string }): Difference => {
    return { session: session.time, atMs: one.atMs, which, action: one.text, rule: one.rule };
  };
  const missing = session.performed.filter((one) => {
    const at = left.findIndex((other) => other.text === one.text && Math.abs(other.atMs - one.atMs) <= SAME_MS);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const all = [...missing.map((one) => only('only then', one)), ...left.map((one) => only('only now', one))];
  return all.sort((a, b) => a.atMs - b.atMs);
}
