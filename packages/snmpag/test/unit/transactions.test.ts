import { ERROR } from '@softset/snmpag/core/agentx/errors.js';
import { Rows } from '@softset/snmpag/core/mib/rows.js';
import { anyLeaf, MibView, scalar } from '@softset/snmpag/core/mib/view.js';
import {
  beginCommit,
  beginUndo,
  cleanUp,
  dropSession,
  endCommit,
  endUndo,
  TESTED_MS,
  TRANSACTIONS_MAX,
  type Transactions,
  test,
} from '@softset/snmpag/core/set/transactions.js';
import { expect } from 'chai';

/** `1.1.N` can be written with 1 to 9; `1.2.0` not at all. */
const view = new MibView([
  anyLeaf<string>({
    oid: [1, 1],
    rows: Rows.of([
      [[1], 'one'],
      [[2], 'two'],
      [[3], 'three'],
    ]),
    read: () => ({ type: 'integer', value: 0 }),
    write: (row, value) => {
      if (value.type !== 'integer') return { ok: false, error: ERROR.wrongType, why: 'a number' };
      if (value.value > 9) return { ok: false, error: ERROR.wrongValue, why: 'too much' };
      return { ok: true, key: row, change: value.value };
    },
  }),
  scalar([1, 2], () => ({ type: 'integer', value: 0 })),
]);
const set = (row: number, value: number) => ({ name: [1, 1, row], value: { type: 'integer' as const, value } });
const none: Transactions = new Map();
const keys = (list: readonly { key: string }[]) => list.map(({ key }) => key);

function tested(...rows: number[]): Transactions {
  const { transactions, error } = test(
    none,
    'a',
    rows.map((row) => set(row, 1)),
    view,
    0,
  );
  expect(error).to.equal(0);
  return transactions;
}
function committed(...rows: number[]): Transactions {
  const begun = beginCommit(tested(...rows), 'a');
  return endCommit(begun?.transactions ?? none, 'a', rows.length).transactions;
}

describe('SET as a transaction (RFC 2741 §7.2.4)', () => {
  for (const [title, varbind, error] of [
    ['an object that cannot be written', { name: [1, 2, 0], value: { type: 'integer', value: 1 } }, 'notWritable'],
    ['an object that is not there', { name: [1, 7, 0], value: { type: 'integer', value: 1 } }, 'notWritable'],
    ['a row that is not there', set(4, 1), 'noCreation'],
    ['a row’s name with more behind it', { ...set(1, 1), name: [1, 1, 1, 0] }, 'noCreation'],
    ['another type', { name: [1, 1, 1], value: { type: 'null' } }, 'wrongType'],
    ['a value that is never good', set(1, 10), 'wrongValue'],
  ] as const) {
    it(`${title}: ${error}, by its place, and nothing is kept of the others`, () => {
      const { transactions, ...verdict } = test(none, 'a', [set(2, 1), varbind, set(3, 1)], view, 0);
      expect(verdict).to.include({ error: ERROR[error], index: 2 });
      expect(beginCommit(transactions, 'a')).to.equal(undefined);
    });
  }

  it('does what was tested, in order', () => {
    const begun = beginCommit(tested(2, 1), 'a');
    expect(begun?.changes).to.deep.equal([
      { key: 'two', change: 1, index: 1 },
      { key: 'one', change: 1, index: 2 },
    ]);
    expect(endCommit(begun?.transactions ?? none, 'a', 2).undo).to.deep.equal([]);
  });

  it('nothing is committed that was not tested, or twice', () => {
    expect(beginCommit(none, 'a')).to.equal(undefined);
    const begun = beginCommit(tested(1), 'a');
    expect(beginCommit(begun?.transactions ?? none, 'a'), 'doubled').to.equal(undefined);
    expect(beginCommit(committed(1), 'a'), 'late').to.equal(undefined);
  });

  it('where one part fails, those done before it are undone, the last first', () => {
    const begun = beginCommit(tested(1, 2, 3), 'a');
    const ended = endCommit(begun?.transactions ?? none, 'a', 2);
    expect(keys(ended.undo)).to.deep.equal(['two', 'one']);
    expect(keys(beginUndo(ended.transactions, 'a').undo), 'the master’s UndoSet adds nothing').to.deep.equal([]);
    expect(endUndo(ended.transactions, 'a').size).to.equal(0);
  });

  it('where the first part fails, nothing is to be undone, and all is over', () => {
    const begun = beginCommit(tested(1, 2), 'a');
    expect(endCommit(begun?.transactions ?? none, 'a', 0)).to.deep.equal({ transactions: new Map(), undo: [] });
  });

  it('UndoSet after all was done undoes all, once; after Cleanup nothing', () => {
    const all = committed(1, 2);
    const undoing = beginUndo(all, 'a');
    expect(keys(undoing.undo)).to.deep.equal(['two', 'one']);
    expect(beginUndo(undoing.transactions, 'a').undo).to.deep.equal([]);
    expect(beginUndo(cleanUp(all, 'a'), 'a').undo).to.deep.equal([]);
  });

  it('several TestSets under one number add up, and fall together', () => {
    const first = tested(1);
    const second = test(first, 'a', [set(2, 1)], view, 0);
    expect(keys(beginCommit(second.transactions, 'a')?.changes ?? [])).to.deep.equal(['one', 'two']);
    const bad = test(first, 'a', [set(2, 99)], view, 0);
    expect(beginCommit(bad.transactions, 'a')).to.equal(undefined);
  });

  it('one object twice in one SET is refused: SNMP knows no order in it', () => {
    expect(test(none, 'a', [set(1, 1), set(1, 2)], view, 0)).to.include({ error: ERROR.inconsistentValue, index: 2 });
  });

  it('an object that another SET has tested, does or did is not for this one until that is over', () => {
    for (const busy of [tested(1), committed(1), beginCommit(tested(1), 'a')?.transactions ?? none]) {
      expect(test(busy, 'b', [set(1, 1)], view, 0)).to.include({ error: ERROR.resourceUnavailable, index: 1 });
      expect(test(busy, 'b', [set(2, 1)], view, 0)).to.include({ error: ERROR.noError });
    }
    expect(test(cleanUp(committed(1), 'a'), 'b', [set(1, 1)], view, 0)).to.include({ error: ERROR.noError });
  });

  it('a master that dies between test and commit locks nothing for ever', () => {
    const late = test(tested(1), 'b', [set(1, 1)], view, TESTED_MS);
    expect(late.error).to.equal(ERROR.noError);
    expect([...late.transactions.keys()]).to.deep.equal(['b']);
    expect(dropSession(committed(1)).size).to.equal(0);
    expect(
      dropSession(beginCommit(tested(1), 'a')?.transactions ?? none).size,
      'what is under way ends itself',
    ).to.equal(1);
  });

  it(`${TRANSACTIONS_MAX} at once, and no more`, () => {
    let all = none;
    for (let i = 0; i < TRANSACTIONS_MAX; i++) all = test(all, `${i}`, [], view, 0).transactions;
    expect(test(all, 'x', [set(1, 1)], view, 0)).to.include({ error: ERROR.resourceUnavailable, index: 0 });
  });
});
