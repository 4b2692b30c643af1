import type { Decision, RulesEffect } from '@softset/redirect/core/rules/state.js';
import { RulesTally } from '@softset/redirect/rules/tally.js';
import { expect } from 'chai';

const set = {
  files: [{ name: 'one.yaml', revision: 'r' }],
  rules: [
    { name: 'board lost', file: 0 },
    { name: 'quiet', file: 0 },
  ],
};
const decided = (plan: number, branch: Decision['branch'], instance = 'board lost [io-1]'): RulesEffect => ({
  kind: 'decided',
  plan,
  decision: { rule: 'board lost', instance, file: '', revision: '', branch, bindings: {}, grounds: [], heldMs: 0 },
});
const row = (tally: RulesTally) => tally.rows(set)[0];

describe('what redirectd tells of its rules', () => {
  it('every rule that runs has a row, whether it fired or not', () => {
    expect(new RulesTally().rows(set)).to.deep.equal([
      { rule: 'board lost', file: 'one.yaml', fired: 0, heldBack: 0 },
      { rule: 'quiet', file: 'one.yaml', fired: 0, heldBack: 0 },
    ]);
    expect(new RulesTally().rows(undefined)).to.deep.equal([]);
  });

  it('counts what fired, and says what came of it; an on_clear is no firing', () => {
    const tally = new RulesTally();
    tally.note(decided(1, 'do'), 1000);
    expect(row(tally)).to.deep.include({
      fired: 1,
      last: { atMs: 1000, instance: 'board lost [io-1]', outcome: 'running' },
    });
    tally.note({ kind: 'ended', plan: 1, outcome: 'failed' }, 1100);
    tally.note(decided(2, 'on_clear'), 1200);
    tally.note({ kind: 'ended', plan: 2, outcome: 'done' }, 1300);
    expect(row(tally)).to.deep.include({
      fired: 1,
      last: { atMs: 1000, instance: 'board lost [io-1]', outcome: 'failed' },
    });
  });

  it('the end of an earlier plan is not taken for that of the later one', () => {
    const tally = new RulesTally();
    tally.note(decided(1, 'do'), 1000);
    tally.note(decided(2, 'else', 'board lost [io-2]'), 2000);
    tally.note({ kind: 'ended', plan: 1, outcome: 'given-up' }, 2100);
    expect(row(tally)?.last).to.deep.equal({ atMs: 2000, instance: 'board lost [io-2]', outcome: 'running' });
    tally.note({ kind: 'ended', plan: 2, outcome: 'done' }, 2200);
    expect(row(tally)?.last?.outcome).to.equal('done');
  });

  it('what was held back is counted apart', () => {
    const tally = new RulesTally();
    tally.note({ kind: 'held-back', rule: 'board lost', instance: 'x', why: 'limit' }, 1);
    expect(row(tally)).to.deep.include({ fired: 0, heldBack: 1 });
  });
});
