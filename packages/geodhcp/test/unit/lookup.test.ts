import {
  type Answer,
  beginLookup,
  defaultLookup,
  type Located,
  type LookupEffect,
  stepLookup,
} from '@softset/geodhcp/core/lookup.js';
import type { SwitchPort } from '@softset/geodhcp/core/switch-view.js';
import { expect } from 'chai';

const config = defaultLookup(800);
const port = (name: string, uplink?: string): SwitchPort => ({
  name,
  names: [name],
  ...(uplink === undefined ? {} : { uplink }),
});
const says = (...ports: SwitchPort[]): Answer => ({ kind: 'ports', ports });
const failed: Answer = { kind: 'failed', why: 'timeout' };
const never = 'never';

/** Each switch answers after so many ms, in the first and the second round; `never` does not. */
type Plan = Readonly<Record<string, readonly [Answer | typeof never, number, (Answer | typeof never)?]>>;

function look(plan: Plan, first = Object.keys(plan)): { located: Located; tookMs: number; asked: string[] } {
  let nowMs = 100;
  const asked: string[] = [];
  const queue: { atMs: number; run: () => void }[] = [];
  let located: Located | undefined;
  let { state, effects } = beginLookup('02:00:00:00:00:01', first, nowMs, config);
  const perform = (list: readonly LookupEffect[]): void => {
    for (const effect of list) {
      if (effect.kind === 'done') located = effect.located;
      else if (effect.kind === 'arm') queue.push({ atMs: effect.atMs, run: () => go({ kind: 'tick' }) });
      else {
        asked.push(`${effect.switch}/${effect.round}`);
        const [answer, ms, again] = plan[effect.switch] ?? [never, 0];
        const said = effect.round > 1 ? (again ?? answer) : answer;
        if (said === never) continue;
        queue.push({
          atMs: nowMs + ms,
          run: () => go({ kind: 'answered', switch: effect.switch, round: effect.round, answer: said }),
        });
      }
    }
  };
  const go = (event: Parameters<typeof stepLookup>[1]): void => {
    ({ state, effects } = stepLookup(state, event, nowMs, config));
    perform(effects);
  };
  perform(effects);
  for (let turns = 0; located === undefined && turns < 1000; turns++) {
    queue.sort((a, b) => a.atMs - b.atMs);
    const next = queue.shift();
    if (next === undefined) throw new Error('the look-up waits for nothing');
    nowMs = Math.max(nowMs, next.atMs);
    next.run();
  }
  if (located === undefined) throw new Error('no end');
  return { located, tookMs: nowMs - 100, asked };
}
const at = ({ located }: { located: Located }): string =>
  located.kind === 'port' ? `${located.switch}/${located.port.name}` : located.kind;

describe('a look-up', () => {
  const rows: readonly { title: string; plan: Plan; first?: string[]; gives: string; withinMs: number }[] = [
    { title: 'one switch knows the port', plan: { a: [says(port('p1')), 5] }, gives: 'a/p1', withinMs: 5 },
    {
      title: 'an access port beats the uplinks of others',
      plan: { a: [says(port('up', 'b')), 5], b: [says(port('p1')), 9] },
      gives: 'b/p1',
      withinMs: 9,
    },
    {
      title: 'an uplink is followed to a switch not asked yet',
      plan: { a: [says(port('up', 'b')), 5], b: [says(port('p7')), 5] },
      first: ['a'],
      gives: 'b/p7',
      withinMs: 10,
    },
    {
      title: 'two switches that point at each other are asked once each',
      plan: { a: [says(port('up', 'b')), 5], b: [says(port('up', 'a')), 5] },
      first: ['a'],
      gives: 'unlearned',
      withinMs: 170,
    },
    {
      title: 'an uplink to nobody we ask is no place',
      plan: { a: [says(port('up', '')), 5] },
      gives: 'unlearned',
      withinMs: 160,
    },
    {
      title: 'two access ports are ambiguous, and asked again',
      plan: { a: [says(port('p1')), 5], b: [says(port('p2')), 5] },
      gives: 'ambiguous',
      withinMs: 160,
    },
    {
      title: 'two on one switch too',
      plan: { a: [says(port('p1'), port('p2')), 5] },
      gives: 'ambiguous',
      withinMs: 160,
    },
    {
      title: 'a table in motion has settled when it is asked again',
      plan: { a: [says(port('p1'), port('p2')), 5, says(port('p2'))] },
      gives: 'a/p2',
      withinMs: 160,
    },
    {
      title: 'not learned yet the first time, learned the second',
      plan: { a: [says(), 5, says(port('p1'))] },
      gives: 'a/p1',
      withinMs: 160,
    },
    { title: 'nobody has learned it', plan: { a: [says(), 5], b: [says(), 5] }, gives: 'unlearned', withinMs: 160 },
    {
      title: 'an agent that is down leaves the question open',
      plan: { a: [says(), 5], b: [failed, 5] },
      gives: 'unreachable',
      withinMs: 5,
    },
    {
      title: 'an agent that says nothing leaves it open, within the budget',
      plan: { a: [says(), 5], b: [never, 0] },
      gives: 'unreachable',
      withinMs: 800,
    },
    { title: 'a slow one is waited for', plan: { a: [says(port('p1')), 700] }, gives: 'a/p1', withinMs: 700 },
    { title: 'one too slow is not', plan: { a: [says(port('p1')), 900] }, gives: 'unreachable', withinMs: 800 },
    {
      title: 'a port that was found waits only a grace for a silent switch',
      plan: { a: [says(port('p1')), 5], b: [never, 0] },
      gives: 'a/p1',
      withinMs: 205,
    },
    {
      title: 'a contradiction within the grace is heard',
      plan: { a: [says(port('p1')), 5], b: [says(port('p2')), 150] },
      gives: 'ambiguous',
      withinMs: 700,
    },
    { title: 'no switch to ask', plan: {}, gives: 'unreachable', withinMs: 0 },
  ];
  for (const { title, plan, first, gives, withinMs } of rows) {
    it(`${title}: ${gives}`, () => {
      const found = look(plan, first);
      expect(at(found)).to.equal(gives);
      expect(found.tookMs).to.be.at.most(withinMs);
      expect(new Set(found.asked).size, 'each switch once a round').to.equal(found.asked.length);
    });
  }

  it('says which switch said what, and after how long', () => {
    const { located } = look({ a: [says(port('up', 'b')), 5], b: [says(port('p1')), 9] });
    expect(located.evidence).to.deep.equal([
      { switch: 'a', said: 'uplink up', ms: 5 },
      { switch: 'b', said: 'port p1', ms: 9 },
    ]);
  });

  it('a switch that let the whole time go by is silent; one that was not waited for is not', () => {
    const said = (plan: Plan): string[] => look(plan).located.evidence.map((one) => one.said);
    expect(said({ a: [never, 0] })).to.deep.equal(['no answer (timeout)']);
    expect(said({ a: [says(port('p1')), 5], b: [never, 0] })).to.deep.equal(['port p1', 'no answer yet']);
  });

  it('an answer of the round before counts for nothing', () => {
    const begun = beginLookup('02:00:00:00:00:01', ['a'], 0, config);
    const resting = stepLookup(begun.state, { kind: 'answered', switch: 'a', round: 1, answer: says() }, 5, config);
    const again = stepLookup(resting.state, { kind: 'tick' }, 155, config);
    expect(again.effects[0]).to.deep.include({ kind: 'ask', round: 2 });
    const late = stepLookup(
      again.state,
      { kind: 'answered', switch: 'a', round: 1, answer: says(port('p1')) },
      156,
      config,
    );
    expect(late).to.deep.equal({ state: again.state, effects: [] });
  });
});
