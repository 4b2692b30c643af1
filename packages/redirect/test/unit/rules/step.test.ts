import type { FactValue } from '@softset/redirect/core/rules/facts.js';
import { wellFacts } from '@softset/redirect/core/rules/well.js';
import { Story } from '@softset/redirect/rules/story.js';
import { expect } from 'chai';
import { setOf, withRule, world } from './load.js';

/** A story in a world that is well: times in ms, facts that change then. */
async function play(
  text: string,
  events: readonly (readonly [atMs: number, facts: Readonly<Record<string, FactValue | 'unknown'>>])[],
  untilMs: number,
  fails: (action: string) => boolean = () => false,
): Promise<{ story: Story; log: string[] }> {
  const set = setOf(text);
  const story = new Story(set, wellFacts(world, []), { fails });
  await story.begin();
  for (const [atMs, facts] of events) {
    await story.passTo(atMs);
    await story.set(
      new Map(Object.entries(facts).map(([fact, value]) => [fact, value === 'unknown' ? undefined : value])),
    );
  }
  await story.passTo(untilMs);
  return { story, log: story.decided.map((one) => `${one.atMs} ${one.text}`) };
}

const lost = (more: string): string =>
  withRule(`name: lost
scope: each board in media
when: { all: [ board.$board.state is down, { not: board.$board.maintenance is true } ] }
${more}
do: [ { drain: $board } ]`);

describe('rules: hold times, arming and unknown (state × truth)', () => {
  const cells: readonly (readonly [string, string, Parameters<typeof play>[1], readonly string[]])[] = [
    ['idle, true, no hold time: acts at once', '', [[10, { 'board.io-1.state': 'down' }]], ['10 drain io-1']],
    ['idle, false: nothing', '', [[10, { 'board.io-1.state': 'silent' }]], []],
    ['idle, unknown: nothing', '', [[10, { 'board.io-1.state': 'unknown' }]], []],
    [
      'pending: acts when it was true for as long as it must',
      'for: 300ms',
      [[10, { 'board.io-1.state': 'down' }]],
      ['310 drain io-1'],
    ],
    [
      'pending, false: a break begins it anew',
      'for: 300ms',
      [
        [10, { 'board.io-1.state': 'down' }],
        [200, { 'board.io-1.state': 'up' }],
        [250, { 'board.io-1.state': 'down' }],
      ],
      ['550 drain io-1'],
    ],
    [
      'pending, unknown: not known to be true for all of it',
      'for: 300ms',
      [
        [10, { 'board.io-1.state': 'down' }],
        [200, { 'board.io-1.maintenance': 'unknown' }],
        [250, { 'board.io-1.maintenance': false }],
      ],
      ['550 drain io-1'],
    ],
    [
      'active, true again: acts once',
      '',
      [
        [10, { 'board.io-1.state': 'down' }],
        [20, { 'board.io-1.health': 3 }],
      ],
      ['10 drain io-1'],
    ],
    [
      'active, unknown: silence does not arm it again',
      '',
      [
        [10, { 'board.io-1.state': 'down' }],
        [20, { 'board.io-1.state': 'unknown' }],
        [30, { 'board.io-1.state': 'down' }],
      ],
      ['10 drain io-1'],
    ],
    [
      'active, false: armed again, and acts again',
      '',
      [
        [10, { 'board.io-1.state': 'down' }],
        [20, { 'board.io-1.state': 'up' }],
        [30, { 'board.io-1.state': 'down' }],
      ],
      ['10 drain io-1', '30 drain io-1'],
    ],
    [
      'clearing: a flap shorter than clear_after arms nothing',
      'clear_after: 5s',
      [
        [10, { 'board.io-1.state': 'down' }],
        [20, { 'board.io-1.state': 'up' }],
        [4000, { 'board.io-1.state': 'down' }],
        [5000, { 'board.io-1.state': 'up' }],
        [9900, { 'board.io-1.state': 'down' }],
      ],
      ['10 drain io-1'],
    ],
    [
      'clearing, unknown: not false for all of it',
      'clear_after: 5s',
      [
        [10, { 'board.io-1.state': 'down' }],
        [20, { 'board.io-1.state': 'up' }],
        [4000, { 'board.io-1.state': 'unknown' }],
        [4100, { 'board.io-1.state': 'up' }],
        [6000, { 'board.io-1.state': 'down' }],
      ],
      ['10 drain io-1'],
    ],
    [
      'clearing, false for all of it: armed again',
      'clear_after: 5s',
      [
        [10, { 'board.io-1.state': 'down' }],
        [20, { 'board.io-1.state': 'up' }],
        [5030, { 'board.io-1.state': 'down' }],
      ],
      ['10 drain io-1', '5030 drain io-1'],
    ],
    [
      'unknown: fire takes unknown for true',
      'unknown: fire',
      [[10, { 'board.io-1.state': 'unknown' }]],
      ['10 drain io-1'],
    ],
    [
      'unknown: clear takes unknown for false',
      'unknown: clear',
      [
        [10, { 'board.io-1.state': 'down' }],
        [20, { 'board.io-1.state': 'unknown' }],
        [30, { 'board.io-1.state': 'down' }],
      ],
      ['10 drain io-1', '30 drain io-1'],
    ],
    [
      'each board is an instance of its own',
      'for: 100ms',
      [
        [10, { 'board.io-1.state': 'down' }],
        [50, { 'board.io-2.state': 'down' }],
      ],
      ['110 drain io-1', '150 drain io-2'],
    ],
  ];
  for (const [title, more, events, expected] of cells) {
    it(title, async () => {
      const { log } = await play(lost(more), events, 20_000);
      expect(log).to.deep.equal(expected);
    });
  }
});

describe('rules: windows', () => {
  const dying = (condition: string): string =>
    withRule(`name: dying\nwhen: program.echo.io-1.restarts ${condition}\ndo: [ { drain: io-1 } ]`);
  const at = (...pairs: [number, number | 'unknown'][]): Parameters<typeof play>[1] =>
    pairs.map(([atMs, value]) => [atMs, { 'program.echo.io-1.restarts': value }]);

  it('over: growth within the window, and no more when it is past', async () => {
    const counts = at([1000, 1], [2000, 2], [3000, 3]);
    expect((await play(dying('over 60s >= 3'), counts, 100_000)).log).to.deep.equal(['3000 drain io-1']);
    expect((await play(dying('over 2001ms >= 3'), counts, 100_000)).log).to.deep.equal(['3000 drain io-1']);
    expect((await play(dying('over 2s >= 3'), counts, 100_000)).log).to.deep.equal([]);
  });

  it('a counter that began anew grew by what it shows', async () => {
    expect((await play(dying('over 60s >= 3'), at([1000, 1], [2000, 2], [3000, 1]), 9000)).log).to.deep.equal([
      '3000 drain io-1',
    ]);
  });

  it('it is false again by time alone', async () => {
    const { log } = await play(dying('over 10s >= 3'), at([1000, 3], [20_000, 6]), 60_000);
    expect(log).to.deep.equal(['1000 drain io-1', '20000 drain io-1']);
  });

  it('rate: the whole window divides', async () => {
    expect((await play(dying('rate 10s > 0.25'), at([1000, 2], [2000, 3]), 9000)).log).to.deep.equal([
      '2000 drain io-1',
    ]);
  });

  it('changes: every change counts, of texts too', async () => {
    const text = withRule('name: flap\nwhen: board.io-1.state changes 1m > 3\ndo: [ { drain: io-1 } ]');
    const states = ['down', 'up', 'down', 'up'].map(
      (state, i) => [i * 100 + 100, { 'board.io-1.state': state }] as const,
    );
    expect((await play(text, states, 1000)).log).to.deep.equal(['400 drain io-1']);
  });

  it('unknown while the fact is unknown', async () => {
    const { log } = await play(dying('over 60s >= 1'), at([1000, 'unknown'], [2000, 1]), 9000);
    expect(log).to.deep.equal(['2000 drain io-1']);
    const hidden = withRule(
      'name: dying\nwhen: { all: [ program.echo.io-1.restarts over 60s >= 1, board.io-2.state is down ] }\ndo: [ { drain: io-1 } ]',
    );
    const story = await play(
      hidden,
      [...at([1000, 1], [2000, 'unknown']), [3000, { 'board.io-2.state': 'down' }]],
      9000,
    );
    expect(story.log).to.deep.equal([]);
  });
});

describe('rules: plans', () => {
  const spare = withRule(`name: lost
scope: each board in media
when: board.$board.state is down
clear_after: 1s
do: [ { choose: { target: spare of media } }, { move: { from: $board, to: $target } } ]
else: [ { alarm: { severity: critical, text: "no spare left for $board" } } ]
on_clear: [ { activate: $board } ]`);

  it('one spare, two failures: the second finds none, and says so', async () => {
    const { log } = await play(
      spare,
      [
        [10, { 'board.io-1.state': 'down' }],
        [20, { 'board.io-2.state': 'down' }],
      ],
      100,
    );
    expect(log).to.deep.equal(['10 move media-1 io-3', '20 alarm critical board/io-2 RULE no spare left for io-2']);
  });

  it('two failures at once: what one plan was promised, the other does not get', async () => {
    const { log } = await play(spare, [[10, { 'board.io-1.state': 'down', 'board.io-2.state': 'down' }]], 100);
    expect(log).to.have.members(['10 move media-1 io-3', '10 alarm critical board/io-2 RULE no spare left for io-2']);
  });

  it('a spare whose state is unknown is never chosen', async () => {
    const { log } = await play(
      spare,
      [
        [10, { 'board.io-3.state': 'unknown' }],
        [20, { 'board.io-1.state': 'down' }],
      ],
      100,
    );
    expect(log).to.deep.equal(['20 alarm critical board/io-1 RULE no spare left for io-1']);
  });

  it('a step that fails turns to else, once', async () => {
    const { log, story } = await play(spare, [[10, { 'board.io-1.state': 'down' }]], 100, (text) =>
      /^(move|alarm)/.test(text),
    );
    expect(log).to.deep.equal(['10 move media-1 io-3', '10 alarm critical board/io-1 RULE no spare left for io-1']);
    expect(story.happened.map((one) => one.effect).filter((effect) => effect.kind === 'ended')).to.deep.equal([
      { kind: 'ended', plan: 1, outcome: 'failed' },
    ]);
  });

  it('clears the alarms that it raised, and does on_clear', async () => {
    const events: Parameters<typeof play>[1] = [
      [10, { 'board.io-3.state': 'down', 'board.io-1.state': 'down' }],
      [2000, { 'board.io-1.state': 'up' }],
    ];
    const { log } = await play(spare, events, 9000);
    expect(log).to.deep.equal([
      '10 alarm critical board/io-1 RULE no spare left for io-1',
      '3000 clear-alarm board/io-1 RULE',
      '3000 activate io-1',
    ]);
  });

  const limited = (more: string): string =>
    withRule(
      `name: lost\nwhen: board.io-1.state is down\nlimit: 2 per 10m\n${more}\ndo: [ { drain: io-1 } ]\nelse: [ { activate: io-1 } ]`,
    );
  const flaps = (count: number): Parameters<typeof play>[1] =>
    Array.from(
      { length: count * 2 },
      (_, i) => [i * 100 + 100, { 'board.io-1.state': i % 2 === 0 ? 'down' : 'up' }] as const,
    );

  it('its limit holds it back, and is alarmed until it is armed again', async () => {
    const { log } = await play(limited('on_limit: alarm'), flaps(3), 10_000);
    expect(log).to.deep.equal([
      '100 drain io-1',
      '300 drain io-1',
      '500 alarm major rule/lost RULE_LIMIT rule "lost" acted 2 times in 600 s and rests',
      '600 clear-alarm rule/lost RULE_LIMIT',
    ]);
  });

  it('on_limit: nothing, else', async () => {
    expect((await play(limited('on_limit: nothing'), flaps(3), 10_000)).log).to.deep.equal([
      '100 drain io-1',
      '300 drain io-1',
    ]);
    expect((await play(limited('on_limit: else'), flaps(3), 10_000)).log.at(-1)).to.equal('500 activate io-1');
  });

  it('the limit ends with its window', async () => {
    const late = [...flaps(2), [601_000, { 'board.io-1.state': 'down' }] as const];
    expect((await play(limited('on_limit: alarm'), late, 700_000)).log.at(-1)).to.equal('601000 drain io-1');
  });

  it('priority decides among those that come true together, then the order of the file', async () => {
    const text = `version: 1
rules:
  - { name: a, when: board.io-1.state is down, do: [ { alarm: a } ] }
  - { name: b, when: board.io-1.state is down, priority: 5, do: [ { alarm: b } ] }
  - { name: c, when: board.io-1.state is down, do: [ { alarm: c } ] }
`;
    const { story } = await play(text, [[10, { 'board.io-1.state': 'down' }]], 100);
    expect(story.decided.map((one) => one.rule)).to.deep.equal(['b', 'a', 'c']);
  });
});
