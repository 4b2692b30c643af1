import { Engine } from 'json-rules-engine';
import { loadRules } from './load.js';
import { Story } from './story.js';
import type { ToolOptions } from './tool-options.js';
import { print, refuse } from './tool-say.js';

/**
 * `measure RULES`: for the benchmark. From one changed fact to the decision, in ms, with so many rules of five
 * conditions, beside json-rules-engine given all of them and all facts. Prints `{"ours": […], "peer": […]}`.
 */
export async function measureVerb(options: ToolOptions): Promise<number> {
  const count = Number(options.paths[0]);
  const runs = Number(options.runs);
  if (!Number.isInteger(count) || count < 1 || count > 2000 || !Number.isInteger(runs) || runs < 1) {
    return refuse({ code: 'USAGE', message: 'measure RULES [--runs N]: 1 to 2000 rules' });
  }
  const boards = Array.from({ length: Math.min(BOARDS_MAX, count) }, (_, i) => `b${i}`);
  const { set, told } = loadRules([{ name: 'measured.yaml', text: rulesText(count, boards) }], undefined);
  if (set === undefined) return refuse({ code: 'RULES_INVALID', message: told[0]?.message ?? '' });
  const facts = new Map(
    boards.flatMap((board) => FACTS.map((fact) => [`board.${board}.${fact}`, BEFORE[fact] ?? 0] as const)),
  );
  const story = new Story(set, facts, { told: [] });
  await story.begin();
  const peer = peerOf(count, boards);
  const samples: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
  // One by one in turn, so that both meet the same machine. The first rounds compile.
  for (let round = -WARM_ROUNDS; round < runs; round++) {
    const board = boards[Math.abs(round) % boards.length] ?? '';
    const decided = story.decided.length;
    const startMs = performance.now();
    await story.set(new Map([[`board.${board}.state`, 'down']]));
    const oursMs = performance.now() - startMs;
    if (story.decided.length === decided) return refuse({ code: 'MEASURE', message: 'nothing was decided' });
    await story.set(new Map([[`board.${board}.state`, 'up']]));
    const peerFacts = Object.fromEntries([...facts, [`board.${board}.state`, 'down']]);
    const peerStartMs = performance.now();
    const { events } = await peer.run(peerFacts);
    const peerMs = performance.now() - peerStartMs;
    if (events.length === 0) return refuse({ code: 'MEASURE', message: 'the peer decided nothing' });
    if (round >= 0) {
      samples.ours.push(oursMs);
      samples.peer.push(peerMs);
    }
  }
  print(JSON.stringify(samples));
  return 0;
}

/** 40 boards: of 200 rules five ask about the one that changes, as in a chassis of that size. */
const BOARDS_MAX = 40;
const WARM_ROUNDS = 60;
const FACTS = ['state', 'maintenance', 'health', 'leaving', 'amnesiac'] as const;
const BEFORE: Readonly<Record<string, string | number | boolean>> = {
  state: 'up',
  maintenance: false,
  health: 1,
  leaving: false,
  amnesiac: false,
};

function rulesText(count: number, boards: readonly string[]): string {
  const rules = Array.from({ length: count }, (_, i) => {
    const at = `board.${boards[i % boards.length]}`;
    const all = [
      `${at}.state is down`,
      `${at}.maintenance is false`,
      `${at}.health < 7`,
      `${at}.leaving is false`,
      `${at}.amnesiac is not true`,
    ];
    return `  - { name: r${i}, limit: none, when: { all: [ ${all.join(', ')} ] }, do: [ { alarm: "rule ${i}" } ] }`;
  });
  return `version: 1\ngroups: { all: { members: [ ${boards.join(', ')} ] } }\nrules:\n${rules.join('\n')}\n`;
}

function peerOf(count: number, boards: readonly string[]): Engine {
  const engine = new Engine();
  for (let i = 0; i < count; i++) {
    const at = `board.${boards[i % boards.length]}`;
    const all = [
      { fact: `${at}.state`, operator: 'equal', value: 'down' },
      { fact: `${at}.maintenance`, operator: 'equal', value: false },
      { fact: `${at}.health`, operator: 'lessThan', value: 7 },
      { fact: `${at}.leaving`, operator: 'equal', value: false },
      { fact: `${at}.amnesiac`, operator: 'notEqual', value: true },
    ];
    engine.addRule({ conditions: { all }, event: { type: `r${i}` } });
  }
  return engine;
}
