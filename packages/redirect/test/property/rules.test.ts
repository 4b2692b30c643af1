import {
  type Condition,
  type FactValue,
  type Leaf,
  leavesOf,
  type Operator,
  sourceOf,
  truthOf,
} from '@softset/redirect/core/rules/facts.js';
import { EMPTY_WORLD_SET, type RuleSet } from '@softset/redirect/core/rules/rule-set.js';
import { NO_WORLD } from '@softset/redirect/core/rules/world.js';
import { Evaluator } from '@softset/redirect/rules/evaluator.js';
import { loadRules } from '@softset/redirect/rules/load.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { said, withRule } from '../unit/rules/load.js';

const values: readonly FactValue[] = ['up', 'down', 0, 1, 2, true, false];
const operators: readonly Operator[] = [
  ...(['is', 'is-not', 'is-one-of', 'is-not-one-of', 'greater', 'at-least', 'less', 'at-most'] as const),
  ...(['is-known', 'is-unknown'] as const),
];
const leaf = fc.record({
  fact: fc.constantFrom('a', 'b', 'c', 'd'),
  operator: fc.constantFrom(...operators),
  values: fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }),
});
const condition = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf.map((one): Condition => ({ kind: 'leaf', leaf: one })),
    tie('node').map((of): Condition => ({ kind: 'not', of })),
    fc.record({
      kind: fc.constantFrom('all' as const, 'any' as const),
      of: fc.array(tie('node'), { minLength: 1, maxLength: 4 }),
    }),
  ),
})).node;
const facts = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(...values));

function setOf(when: Condition): RuleSet {
  const leaves = leavesOf(when);
  const rule = { when, index: 0 } as unknown as RuleSet['rules'][number];
  const sources = leaves.map((one: Leaf) => sourceOf(one.fact, one.window));
  const instance = { index: 0, rule: 0, id: 'r', bindings: {}, leaves, sources };
  return { ...EMPTY_WORLD_SET, world: NO_WORLD, rules: [rule], instances: [instance] };
}

/** Bounds a run that hangs, on a machine that others use; it is no measure. */
const HANGS_MS = 60_000;

describe('rules: json-rules-engine as we use it', function () {
  this.timeout(HANGS_MS);
  it('says what a naive three-valued evaluation says, of any condition and any facts', async () => {
    await fc.assert(
      fc.asyncProperty(condition, facts, async (when, known) => {
        const knownValue = (one: Leaf): FactValue | undefined => known[one.fact];
        const verdicts = await new Evaluator(setOf(when)).verdicts([0], (instance) => instance.leaves.map(knownValue));
        expect(verdicts.get(0)).to.equal(truthOf(when, knownValue));
      }),
      { numRuns: 150 },
    );
  });

  it('taking a fact away never turns true into false or false into true', () => {
    fc.assert(
      fc.property(condition, facts, fc.constantFrom('a', 'b', 'c', 'd'), (when, known, gone) => {
        // is known and is unknown ask for just that, and are left out.
        fc.pre(leavesOf(when).every((one) => one.operator !== 'is-known' && one.operator !== 'is-unknown'));
        const before = truthOf(when, (one) => known[one.fact]);
        const after = truthOf(when, (one) => (one.fact === gone ? undefined : known[one.fact]));
        expect([before, 'unknown']).to.include(after);
      }),
    );
  });
});

describe('rules: the loader and any text', function () {
  this.timeout(HANGS_MS);
  const good = withRule(`name: r
scope: each board in media
when: { all: [ board.$board.state is down, { not: board.$board.maintenance is true } ] }
for: 300ms
do: [ { choose: { target: spare of media } }, { move: { from: $board, to: $target } } ]
else: [ { alarm: { severity: critical, text: "no spare" } } ]`);

  /** Whatever comes, it is a set or findings with places inside the text. */
  const reads = (text: string): void => {
    const { told, set } = loadRules([{ name: 'f', text }], undefined);
    if (set === undefined) expect(told.some((one) => one.severity === 'error')).to.equal(true);
    const lines = text.split('\n').length;
    for (const { line, column } of told) {
      expect(line).to.be.within(1, lines + 1);
      expect(column).to.be.at.least(1);
    }
  };

  it('never throws at letters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), reads), { numRuns: 150 });
  });

  it('never throws at pieces of YAML', () => {
    const piece = fc.constantFrom(
      ...[
        'version: 1',
        '\n',
        '  ',
        '- ',
        '{',
        '}',
        '[',
        ']',
        ':',
        'rules:',
        'when',
        'all',
        '&a',
        '*a',
        '<<: ',
        '!!binary x',
        '|',
        '>',
      ],
      ...[
        '"',
        "'",
        '#',
        '? ',
        '$board',
        'board.io-1.state is down',
        '0x10',
        '1e9',
        '.nan',
        '~',
        '---',
        '...',
        '\t',
        '__proto__',
        'constructor',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => reads(pieces.join(''))),
      { numRuns: 150 },
    );
  });

  it('never throws at a good file with a hole, a doubled piece or a strange letter in it', () => {
    const edit = fc.record({
      at: fc.nat(good.length),
      cut: fc.nat(20),
      put: fc.oneof(
        fc.string({ maxLength: 5 }),
        fc.constantFrom('', ': ', '- ', '{', '"', '$', '\n', '  ', good.slice(60, 120)),
      ),
    });
    const edited = fc
      .array(edit, { minLength: 1, maxLength: 4 })
      .map((edits) => edits.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), good));
    fc.assert(fc.property(edited, reads), { numRuns: 150 });
  });

  it('refuses deep, wide and endless files with the reason, and quickly enough to be asked', () => {
    expect(said('['.repeat(5000)).join()).to.match(/YAML|TOO_LARGE/);
    expect(said(`version: 1\nrules: ${'{ a: '.repeat(500)}1${' }'.repeat(500)}`).join()).to.match(/TOO_LARGE|YAML/);
    expect(said(`version: 1\n# ${'x'.repeat(1_100_000)}`).join()).to.include('larger than 1024 KiB');
  });

  it('a directory of files that are larger together is refused at the file with which they are', () => {
    const texts = Array.from({ length: 12 }, (_, i) => ({
      name: `${i}`,
      text: `version: 1\n# ${'x'.repeat(100_000)}`,
    }));
    const { told, set } = loadRules(texts, undefined);
    expect(set).to.equal(undefined);
    expect(told.map(({ file, code }) => [file, code])).to.deep.equal([
      ['10', 'TOO_LARGE'],
      ['11', 'TOO_LARGE'],
    ]);
  });

  it('10,000 rules are refused with the reason', () => {
    const rules = Array.from(
      { length: 10_000 },
      (_, i) => `- {name: r${i}, when: board.io-1.state is down, do: [{alarm: x}]}`,
    );
    const text = `version: 1\nrules:\n${rules.join('\n')}\n`;
    expect(said(text).join()).to.include('10000 entries; 0 to 2000 are allowed');
  });
});
