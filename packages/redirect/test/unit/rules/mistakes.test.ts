import type { Cluster } from '@softset/protocol';
import { worldOf } from '@softset/redirect/core/rules/world.js';
import { loadRules } from '@softset/redirect/rules/load.js';
import { expect } from 'chai';
import { cluster as ours, said, withRule, world } from './load.js';

/** A rule that is good but for one line, and what must be said of it: place, words and code. */
const rule = (line: string, more = ''): string =>
  withRule(`name: r
scope: each board in media
when: board.$board.state is down
do: [ { alarm: gone } ]
${line}${more === '' ? '' : `\n${more}`}`);
const when = (condition: string): string =>
  withRule(`name: r\nscope: each board in media\nwhen: ${condition}\ndo: [ { alarm: gone } ]`);
const action = (text: string): string =>
  withRule(`name: r\nscope: each board in media\nwhen: board.$board.state is down\ndo: [ ${text} ]`);
const group = (text: string): string => `version: 1\ngroups:\n  media: ${text}\n`;
const test = (facts: string, expected: string): string =>
  `version: 1\nrules: []\ntests:\n  - name: t\n    facts: ${facts}\n    expect: ${expected}\n`;

type Row = readonly [what: string, text: string, place: string, words: string];

const mistakes: readonly Row[] = [
  ['an empty file', '', '1:1', 'the file is empty; it begins with "version: 1" [FIELD_MISSING]'],
  ['a list instead of a map', '- 1', '1:1', 'a map is needed, not a list'],
  ['no version', 'rules: []', '1:1', '"version" is missing'],
  ['a version of the future', 'version: 2\nrules: []', '1:10', 'version: must be 1, not 2 [RANGE]'],
  ['a version as text', 'version: "1"\nrules: []', '1:10', 'a number is needed, not "1"'],
  ['broken YAML', 'version: 1\nrules: [', '2:', '[YAML]'],
  ['a tab for an indent', 'version: 1\nrules:\n\t- x', '3:', '[YAML]'],
  ['a field twice', 'version: 1\nversion: 1\n', '2:1', '"version" is there twice [FIELD_TWICE]'],
  ['an alias', 'version: 1\nrules: [ &a { name: x }, *a ]', '2:', 'aliases are not used in rules files'],
  [
    'an unknown section',
    'version: 1\nrulez: []',
    '2:1',
    'unknown field "rulez"; did you mean "rules"? [FIELD_UNKNOWN]',
  ],
  ['rules as a map', 'version: 1\nrules: { a: 1 }', '2:8', 'rules: a list is needed, not a map'],
  ['a rule that is a text', 'version: 1\nrules: [ x ]', '2:10', 'a map is needed, not "x"'],
  ['a group without members', group('{ spares: [io-3] }'), '3:10', '"members" is missing'],
  ['a group with an empty list', group('{ members: [] }'), '3:21', '0 entries; 1 to 64 are allowed'],
  [
    'a member that is no board',
    group('{ members: [io-9] }'),
    '3:3',
    'no board "io-9"; did you mean "io-1"? [NAME_UNKNOWN]',
  ],
  ['a board twice', group('{ members: [io-1], spares: [io-1], policy: n+1 }'), '3:37', 'io-1 is named twice [GROUP]'],
  [
    'n+1 with two spares',
    group('{ members: [io-1], spares: [io-2, io-3], policy: n+1 }'),
    '3:59',
    'n+1 is one spare, and there are 2; did you mean "n+m"?',
  ],
  ['n+1 without a spare', group('{ members: [io-1], policy: n+1 }'), '3:', 'n+1 is one spare, and there are 0'],
  [
    '2n with two members',
    group('{ members: [io-1, io-2], spares: [io-3], policy: 2n }'),
    '3:',
    '2n is one member and one spare, and there are 2 and 1',
  ],
  [
    'spares that nobody asked for',
    group('{ members: [io-1], spares: [io-3] }'),
    '3:3',
    'n-way has no spares; did you mean "n+1" or "n+m"?',
  ],
  [
    'a policy that does not exist',
    group('{ members: [io-1], policy: n+2 }'),
    '3:37',
    '"n+2" is not allowed; did you mean "n+1"?',
  ],
  ['a preference misspelt', group('{ members: [io-1], prefer: least_loaded }'), '3:37', 'did you mean "least-loaded"?'],
  [
    'a capacity of nothing',
    group('{ members: [io-1], capacity: 0 }'),
    '3:39',
    'must be a whole number from 1 to 64, not 0',
  ],
  [
    'a command by a relative path',
    'version: 1\ncommands: { x: { run: [page] } }',
    '2:24',
    'must be an absolute path; no shell looks for it',
  ],
  ['a command line in one text', 'version: 1\ncommands: { x: { run: /bin/page now } }', '2:23', 'a list is needed'],
  ['no name', withRule('when: board.io-1.state is down\ndo: [ { alarm: x } ]'), '7:5', '"name" is missing'],
  ['no when', withRule('name: r\ndo: [ { alarm: x } ]'), '7:5', '"when" is missing'],
  ['no do', withRule('name: r\nwhen: board.io-1.state is down'), '7:5', '"do" is missing'],
  ['a field misspelt', rule('clear_aftr: 5s'), '11:5', '"r": unknown field "clear_aftr"; did you mean "clear_after"?'],
  ['a field with a dash', rule('clear-after: 5s'), '11:5', 'did you mean "clear_after"?'],
  [
    'a time without a unit',
    rule('for: 300'),
    '11:10',
    '"300" is no time; a number with ms, s, m, h or d, at most 7d, such as 300ms; did you mean "300ms" or "300s"?',
  ],
  ['a time with a strange unit', rule('for: 3 sec'), '11:10', '"3 sec" is no time'],
  ['a time of a month', rule('for: 30d'), '11:10', 'at most 7d'],
  ['a limit without a time', rule('limit: 3'), '11:12', '"3" is no limit; write "3 per 10m", or none [LIMIT]'],
  ['a limit of zero', rule('limit: 0 per 10m'), '11:12', 'is no limit'],
  ['a priority that is a word', rule('priority: high'), '11:15', 'a number is needed, not "high"'],
  ['a priority beyond reason', rule('priority: 5000'), '11:15', 'a whole number from -1000 to 1000, not 5000'],
  ['unknown: something', rule('unknown: maybe'), '11:14', '"maybe" is not allowed; known: hold, fire, clear'],
  ['on_limit: else without else', rule('on_limit: else'), '11:15', 'on_limit: else, and the rule has no else:'],
  [
    'a key with an unknown variable',
    rule('key: board/$borad'),
    '11:16',
    'no "$borad" here; did you mean "$board"? [VARIABLE_UNKNOWN]',
  ],
  [
    'two rules of one name',
    `${rule('priority: 1')}  - { name: r, when: board.io-1.state is down, do: [ { alarm: x } ] }`,
    '12:13',
    'a rule "r" is there already [NAME_TWICE]',
  ],
  [
    'a scope of nothing known',
    withRule('name: r\nscope: each bord\nwhen: board.io-1.state is down\ndo: [ { alarm: x } ]'),
    '8:12',
    'no scope "each bord"; did you mean "board"? [SCOPE]',
  ],
  [
    'a scope without each',
    withRule('name: r\nscope: board in media\nwhen: board.io-1.state is down\ndo: [ { alarm: x } ]'),
    '8:12',
    '"board in media" is no scope',
  ],
  [
    'a scope in an unknown group',
    withRule('name: r\nscope: each board in medium\nwhen: board.io-1.state is down\ndo: [ { alarm: x } ]'),
    '8:26',
    'no group "medium"; did you mean "media"?',
  ],
  [
    'a condition that is a list',
    when('[ board.io-1.state is down ]'),
    '9:11',
    'a list of conditions needs a word before it: all: or any:',
  ],
  ['a condition that is a number', when('5'), '9:11', 'a condition is FACT OPERATOR VALUE'],
  [
    'two words in one condition',
    when('{ all: [ board.io-1.state is down ], any: [ board.io-2.state is down ] }'),
    '9:48',
    'one of all:, any: or not:, and nothing beside it',
  ],
  ['all: of nothing', when('{ all: [] }'), '9:18', 'all: needs a list of at least one condition'],
  [
    'a word that is no condition',
    when('{ al: [ board.io-1.state is down ] }'),
    '9:13',
    '"al" is no condition; did you mean "all"?',
  ],
  [
    'a fact and its value with a colon',
    when('{ board.io-1.state: down }'),
    '9:13',
    'told apart by an operator, as in "FACT is VALUE"',
  ],
  ['not before a fact', when('not board.io-1.state is down'), '9:11', 'write not: before the condition'],
  ['no operator', when('board.$board.state'), '9:29', 'an operator is missing behind board.$board.state'],
  [
    'an equals sign',
    when('board.$board.state == down'),
    '9:30',
    '"==" is no operator; did you mean "is"? [OPERATOR_UNKNOWN]',
  ],
  ['an operator misspelt', when('board.$board.state iss down'), '9:30', '"iss" is no operator; did you mean "is"?'],
  ['no value', when('board.$board.state is'), '9:32', 'a value is missing behind "is"'],
  [
    'a value of another fact',
    when('board.$board.state is dwon'),
    '9:33',
    'board.{board}.state is never "dwon"; did you mean "down"? [VALUE_UNKNOWN]',
  ],
  [
    'a word in a list of values',
    when('board.$board.state is one of down, sillent'),
    '9:46',
    'is never "sillent"; did you mean "silent"?',
  ],
  [
    'yes for true',
    when('board.$board.maintenance is yes'),
    '9:39',
    'is true or false, not "yes"; did you mean "true"?',
  ],
  [
    'a text compared by size',
    when('board.$board.state > 3'),
    '9:30',
    '">" compares numbers, and board.{board}.state is a text',
  ],
  ['a number that is none', when('board.$board.health > many'), '9:33', '"many" is no number'],
  ['a percentage', when('board.$board.health > 3%'), '9:33', '"3%" is no number; leave the % out'],
  ['words behind is known', when('board.$board.state is known now'), '9:39', 'nothing follows "is known"'],
  [
    'a root that does not exist',
    when('bord.$board.state is down'),
    '9:11',
    'no facts "bord"; did you mean "board"? [FACT_UNKNOWN]',
  ],
  [
    'a fact that does not exist',
    when('board.$board.stat is down'),
    '9:24',
    'no fact "stat" of a board; did you mean "state"?',
  ],
  ['too few parts', when('board.state is down'), '9:11', 'no fact "board.state"; there are: board.<board>.state'],
  ['an empty part', when('board..state is down'), '9:17', 'has an empty part'],
  ['a board that does not exist', when('board.io-7.state is down'), '9:17', 'no board "io-7"; did you mean "io-1"?'],
  [
    'a service that does not exist',
    when('service.media-3.state is free'),
    '9:19',
    'no service "media-3"; did you mean "media-1"?',
  ],
  [
    'a program that does not exist',
    when('program.ecko.io-1.state is failed'),
    '9:19',
    'no program "ecko"; did you mean "echo"?',
  ],
  ['a network that does not exist', when('network.C.state is failed'), '9:19', 'no network "C"; did you mean "A"?'],
  [
    'a fault that does not exist',
    when('fault.link-fialed.io-1:A is true'),
    '9:17',
    'no fault "link-fialed"; did you mean "link-failed"?',
  ],
  [
    'an agent that does not exist',
    when('snmp.switch-c.ifInErrors.1 > 3'),
    '9:16',
    'no agent "switch-c"; did you mean "switch-a"?',
  ],
  [
    'a variable that does not exist',
    when('board.$bord.state is down'),
    '9:17',
    'no "$bord" here; did you mean "$board"?',
  ],
  [
    'a variable of another kind',
    when('service.$board.state is free'),
    '9:19',
    '"$board" is a board, and a service is needed',
  ],
  ['a dollar alone', when('"board.$.state is down"'), '9:18', '"$" begins no name'],
  [
    'over without a time',
    when('program.echo.io-1.restarts over > 3'),
    '9:43',
    'over needs a time, such as "over 60s" [DURATION]',
  ],
  [
    'over of what does not count',
    when('board.$board.health over 60s > 3'),
    '9:31',
    'over is for counters, and board.{board}.health is none',
  ],
  ['an action that is a text', action('move'), '10:11', 'an action is a word and what it takes'],
  [
    'an action that does not exist',
    action('{ mvoe: { service: media-1, to: io-3 } }'),
    '10:13',
    'no action "mvoe"; did you mean "move"? [ACTION]',
  ],
  [
    'two actions in one',
    action('{ alarm: x, drain: io-1 }'),
    '10:23',
    '"drain" stands beside "alarm": begin it with a - of its own',
  ],
  [
    'a field beside its action',
    action('{ move: { service: media-1 }, to: io-3 }'),
    '10:41',
    'is it meant to stand inside',
  ],
  ['a move to nowhere', action('{ move: { service: media-1 } }'), '10:19', '"to" is missing'],
  ['a move of nothing', action('{ move: { to: io-3 } }'), '10:13', 'service or from is missing'],
  [
    'a move of two things',
    action('{ move: { service: media-1, from: io-1, to: io-3 } }'),
    '10:39',
    'service and from exclude each other',
  ],
  [
    'a move to no board',
    action('{ move: { service: media-1, to: io-33 } }'),
    '10:43',
    'no board "io-33"; did you mean "io-3"?',
  ],
  [
    'a move to what was not chosen',
    action('{ move: { service: media-1, to: $target } }'),
    '10:43',
    'no "$target" here',
  ],
  [
    'a choice of nothing',
    action('{ choose: { target: spar of media } }'),
    '10:31',
    'no choice "spar"; did you mean "spare"?; there are spare of GROUP',
  ],
  [
    'a choice from an unknown group',
    action('{ choose: { target: spare of medai } }'),
    '10:40',
    'no group "medai"; did you mean "media"?',
  ],
  [
    'a choice under a taken name',
    action('{ choose: { board: spare of media } }'),
    '10:23',
    '"$board" stands for something else already',
  ],
  ['a network that is none', action('{ prefer-network: C }'), '10:29', 'no network "C"'],
  ['an alarm without words', action('{ alarm: { severity: major } }'), '10:20', '"text" is missing'],
  [
    'an alarm of strange severity',
    action('{ alarm: { severity: fatal, text: x } }'),
    '10:32',
    '"fatal" is not allowed; known: critical',
  ],
  [
    'an alarm with a sentence for a cause',
    action('{ alarm: { text: x, cause: it broke } }'),
    '10:38',
    'a cause is a stable code of capitals',
  ],
  ['a command that is not declared', action('{ run: pagee }'), '10:18', 'no command "pagee"; did you mean "page"?'],
  [
    'a program without a board',
    withRule('name: r\nwhen: board.io-1.state is down\ndo: [ { restart: echo } ]'),
    '9:13',
    '"on" is missing: this rule has no $board to take',
  ],
  [
    'do: as a map',
    withRule('name: r\nwhen: board.io-1.state is down\ndo: { alarm: x }'),
    '9:9',
    'do: a list of actions is needed, not a map',
  ],
  ['a test at no time', test('{ soon: { board.io-1.state: up } }', '{ 1s: [] }'), '5:14', '"soon" is no time'],
  [
    'a test of a fact that does not exist',
    test('{ 0s: { board.io-1.sate: up } }', '{ 1s: [] }'),
    '5:31',
    'did you mean "state"?',
  ],
  [
    'a test with a value that cannot be',
    test('{ 0s: { board.io-1.state: upp } }', '{ 1s: [] }'),
    '5:38',
    'is never "upp"; did you mean "up"?',
  ],
  [
    'a test that expects a map',
    test('{ 0s: { board.io-1.state: up } }', '{ 1s: { a: 1 } }'),
    '6:19',
    'a list is needed, not a map',
  ],
];

describe('rules: mistakes and what is said of them', () => {
  for (const [what, text, place, words] of mistakes) {
    it(what, () => {
      const lines = said(text);
      const found = lines.find((line) => line.includes(words));
      expect(found, lines.join('\n') || 'nothing was said').to.be.a('string');
      expect(found?.startsWith(`rules.yaml:${place}`), `${found} at ${place}`).to.equal(true);
      expect(found).to.include(': error: ');
    });
  }

  it('are all told at once, in the order of the lines', () => {
    const lines = said(
      `version: 1\nrulez: []\nrules:\n  - { name: a, when: bord.x is y, do: [ { mvoe: x } ], fro: 1s }\n`,
    );
    expect(lines.map((line) => line.split(' ')[0])).to.deep.equal([
      'rules.yaml:2:1:',
      'rules.yaml:4:22:',
      'rules.yaml:4:43:',
      'rules.yaml:4:56:',
    ]);
  });

  it('an action that nobody performs is refused, unless a command of its name is declared', () => {
    const text = action('{ power-cycle: $board }');
    const told = (of: string): string[] => loadRules([{ name: 'f', text: of }], world).told.map((one) => one.code);
    expect(told(text)).to.deep.equal(['CANNOT_PERFORM']);
    expect(told(text.replace('page:', 'power-cycle:'))).to.deep.equal([]);
    const own =
      '{ move: { from: $board, to: io-3 } }, { run: page }, { drain: $board }, { activate: $board }, { restart: echo }';
    expect(told(action(own))).to.deep.equal([]);
  });

  it('without a cluster file no name is looked up, but what is no name of a fact is told', () => {
    const told = (condition: string): string[] =>
      loadRules(
        [{ name: 'f', text: `version: 1\nrules:\n  - { name: r, when: ${condition}, do: [ { drain: io-77 } ] }` }],
        undefined,
      ).told.map((one) => one.code);
    expect(told('service.media-77.holder is io-77')).to.deep.equal([]);
    expect(told('board.io-77.state is down')).to.deep.equal([]);
    expect(told('board.io-77.stat is down')).to.deep.equal(['FACT_UNKNOWN']);
  });

  it('agents are those of the cluster file', () => {
    // Of an agent its name alone is looked at.
    const cluster = { ...ours, snmp: { agents: [{ name: 'edge-switch' }] } } as unknown as Cluster;
    const told = (fact: string): string[] =>
      loadRules([{ name: 'f', text: when(`${fact} > 3`) }], worldOf(cluster)).told.map((one) => one.message);
    expect(told('snmp.edge-switch.ifInErrors.1')).to.deep.equal([]);
    expect(told('snmp.edge-swich.ifInErrors.1').join()).to.include('did you mean "edge-switch"');
  });

  it('a good file has nothing said of it', () => {
    expect(said(rule('for: 300ms'))).to.deep.equal([]);
  });
});
