import type { RuleSet, RuleTest } from '../core/rules/rule-set.js';
import { askedFacts, countServices, wellFacts } from '../core/rules/well.js';
import { showDuration } from '../core/rules/words.js';
import type { Recorder } from './recorder.js';
import { meansAction, Story } from './story.js';

export interface TestVerdict {
  readonly test: RuleTest;
  /** Undefined: passed. */
  readonly failure?: string;
}

/** Plays the stories of a set. Time is virtual: a test of an hour takes a millisecond. */
export async function runTests(set: RuleSet, recorder?: Recorder): Promise<readonly TestVerdict[]> {
  const verdicts: TestVerdict[] = [];
  for (const test of set.tests) {
    const failure = await play(set, test, recorder).catch((error: unknown) => `the story broke off: ${String(error)}`);
    verdicts.push(failure === undefined ? { test } : { test, failure });
  }
  return verdicts;
}

async function play(set: RuleSet, test: RuleTest, recorder: Recorder | undefined): Promise<string | undefined> {
  const asked = new Set([...askedFacts(set), ...test.facts.flatMap(({ set: facts }) => [...facts.keys()])]);
  const facts = wellFacts(set.world, asked);
  const [first] = test.facts;
  const fails = (text: string): boolean => test.fail.some((written) => meansAction(written, text));
  const story = new Story(set, facts, { fails, ...(recorder === undefined ? {} : { recorder }) });
  if (first?.atMs === 0) {
    for (const [fact, value] of first.set) {
      if (value === undefined) facts.delete(fact);
      else facts.set(fact, value);
    }
    countServices(set.world, facts);
    for (const [fact, value] of first.set) if (value !== undefined) facts.set(fact, value);
  }
  await story.begin();
  const later = first?.atMs === 0 ? test.facts.slice(1) : test.facts;
  const times = [...new Set([...later.map((one) => one.atMs), ...test.expect.map((one) => one.atMs)])].sort(
    (a, b) => a - b,
  );
  const failure = await compare(story, test, times, later);
  recorder?.end(times.at(-1) ?? 0);
  return failure;
}

async function compare(
  story: Story,
  test: RuleTest,
  times: readonly number[],
  later: RuleTest['facts'],
): Promise<string | undefined> {
  let seen = 0;
  let failure: string | undefined;
  for (const atMs of times) {
    await story.passTo(atMs);
    for (const change of later.filter((one) => one.atMs === atMs)) await story.set(change.set);
    const expected = test.expect.find((one) => one.atMs === atMs);
    if (expected === undefined || failure !== undefined) continue;
    const decided = story.decided.slice(seen).map((one) => one.text);
    seen = story.decided.length;
    const { actions } = expected;
    const good =
      actions.length === decided.length && actions.every((written, i) => meansAction(written, decided[i] ?? ''));
    if (good) continue;
    const list = (all: readonly string[]): string => (all.length === 0 ? 'nothing' : all.join('; '));
    failure = `at ${showDuration(atMs)}: expected ${list(actions)}; decided ${list(decided)}`;
  }
  return failure;
}
