import { fail, ok, type Result } from '@softset/base';
import { netrackClient } from '@softset/client';
import { resolveFact } from '../core/rules/fact-path.js';
import type { FactValue } from '../core/rules/facts.js';
import { factsOf } from '../core/rules/facts-of.js';
import { Findings } from '../core/rules/placed.js';
import type { RuleSet } from '../core/rules/rule-set.js';
import { didYouMean } from '../core/rules/suggest.js';
import { askedFacts, wellFacts } from '../core/rules/well.js';
import { parseDuration } from '../core/rules/words.js';
import { readJournal } from './read-journal.js';
import { sessionsOf } from './sessions.js';
import { Story } from './story.js';
import { loadForTool } from './tool-check.js';
import { readCluster, type ToolOptions } from './tool-options.js';
import { print, refuse } from './tool-say.js';

/** When the fault strikes: what the rules do about the world as it is comes before. */
const FAULT_MS = 1000;

/** `simulate`: the decisions of these rules, on a virtual clock, after what is said to happen. Touches nothing. */
export async function simulateVerb(options: ToolOptions): Promise<number> {
  const loaded = loadForTool(options, options.paths);
  if (typeof loaded === 'number') return loaded;
  const { set } = loaded;
  const untilMs = parseDuration(options.time);
  if (untilMs === undefined)
    return refuse({ code: 'USAGE', message: `--time ${options.time}: a time such as 1m is needed` });
  const facts = await beginning(set, options);
  if (!facts.ok) return refuse(facts);
  const changes = faultOf(set, facts.value, options);
  if (!changes.ok) return refuse(changes);
  const story = new Story(set, facts.value);
  await story.begin();
  await story.passTo(FAULT_MS);
  await story.set(changes.value);
  await story.passTo(FAULT_MS + untilMs);
  if (options.json) {
    print(
      JSON.stringify({
        decided: story.decided.map(({ atMs, rule, text }) => ({ atMs: atMs - FAULT_MS, rule, action: text })),
      }),
    );
    return 0;
  }
  for (const { atMs, effect } of story.happened) {
    const at = `${atMs < FAULT_MS ? 'before' : `+${((atMs - FAULT_MS) / 1000).toFixed(3)} s`}`.padEnd(10);
    if (effect.kind === 'decided') {
      const grounds = effect.decision.grounds.map(({ fact, value }) => `${fact} ${value}`).join(', ');
      print(`${at} rule ${effect.decision.instance}: ${grounds}`);
    }
    if (effect.kind === 'chose')
      print(`${at}   $${effect.as}: ${effect.board ?? 'none'} (${effect.reasons.join('; ')})`);
    if (effect.kind === 'held-back') print(`${at} rule ${effect.instance}: held back, ${effect.why}`);
    const done = story.decided.find((one) => effect.kind === 'perform' && one.action === effect.action);
    if (done !== undefined) print(`${at}   ${done.text}`);
  }
  if (story.decided.length === 0) print(`nothing is done within ${options.time}`);
  return 0;
}

async function beginning(set: RuleSet, options: ToolOptions): Promise<Result<Map<string, FactValue>>> {
  const asked = askedFacts(set);
  if (options.journal !== undefined) {
    const records = readJournal(options.journal);
    if (!records.ok) return records;
    const last = sessionsOf(records.value).at(-1);
    if (last === undefined)
      return fail('NOTHING', `${options.journal} has no facts: no rules ran while it was written`);
    const facts = new Map<string, FactValue>();
    for (const { set: changes } of last.facts) {
      for (const [fact, value] of changes) value === undefined ? facts.delete(fact) : facts.set(fact, value);
    }
    return ok(facts);
  }
  if (options.runDir === undefined) return ok(wellFacts(set.world, asked));
  const cluster = readCluster(options.cluster);
  if (!cluster.ok) return cluster;
  if (cluster.value === undefined) return fail('USAGE', '--run-dir needs --cluster, whose names it speaks in');
  const client = netrackClient(options.runDir, { name: 'redirect-rules', retry: 'none' });
  try {
    const ready = await client.ready();
    const state = ready.ok ? await client.call('status', {}) : ready;
    if (!state.ok) return state;
    const wall = new Date();
    const weekday = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'][wall.getDay()] ?? '';
    const time = { hour: wall.getHours(), minute: wall.getMinutes(), weekday };
    return ok(new Map(factsOf(cluster.value, state.value, asked, [], time)));
  } finally {
    client.close();
  }
}

/** What is said to happen: boards that die with all that this means, and single facts. */
function faultOf(
  set: RuleSet,
  facts: ReadonlyMap<string, FactValue>,
  options: ToolOptions,
): Result<Map<string, FactValue | undefined>> {
  const changes = new Map<string, FactValue | undefined>();
  for (const board of options.down) {
    if (!set.world.boards.includes(board))
      return fail('USAGE', `--down: no board "${board}"${didYouMean(board, set.world.boards)}`);
    changes.set(`board.${board}.state`, 'down');
    for (const fact of facts.keys()) {
      if (fact.startsWith(`board.${board}.path.`)) changes.set(fact, false);
      if (fact === `board.${board}.health` || fact.startsWith(`board.${board}.daemon.`)) changes.set(fact, undefined);
      if (fact.startsWith('program.') && fact.split('.')[2] === board) changes.set(fact, undefined);
    }
    for (const { name } of set.world.services) {
      if (facts.get(`service.${name}.holder`) === board) changes.set(`service.${name}.state`, 'free');
    }
  }
  for (const text of options.facts) {
    const [fact = '', value] = text.split('=');
    const findings = new Findings(0);
    resolveFact({ text: fact, at: 0 }, { world: set.world, groups: [...set.groups.keys()], variables: {} }, findings);
    const [wrong] = findings.list;
    if (wrong !== undefined || value === undefined)
      return fail('USAGE', `--fact ${text}: ${wrong?.message ?? 'NAME=VALUE is needed'}`);
    const number = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
    changes.set(
      fact,
      value === 'unknown' ? undefined : value === 'true' || value === 'false' ? value === 'true' : (number ?? value),
    );
  }
  return ok(changes);
}
