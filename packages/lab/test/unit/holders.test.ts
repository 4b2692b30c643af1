import { type Answer, judgeHolders } from '@softset/lab/holders.js';
import { expect } from 'chai';
import fc from 'fast-check';

const address = '192.168.1.5';
const boards = new Set(['a', 'b', 'c']);
const answers = (holder: string, from: number, to: number): Answer[] =>
  Array.from({ length: to - from }, (_, i) => ({ atMs: from + i, address, holder }));
const judge = (list: Answer[], nowMs = 100) =>
  judgeHolders(
    [...list].sort((x, y) => x.atMs - y.atMs),
    [address],
    boards,
    0,
    nowMs,
  );

describe('who holds an address', () => {
  it('is one board that answers all the time', () => {
    expect(judge(answers('a', 0, 100))).to.deep.equal({
      holdersMax: 1,
      holdersInWindowMax: 1,
      timeline: [{ timeMs: 0, address, board: 'a' }],
      silencesMs: [],
      unknown: [],
    });
  });

  it('is two when both answer the same questions', () => {
    const both = judge([...answers('a', 0, 100), ...answers('b', 50, 60)]);
    expect(both.holdersMax).to.equal(2);
    expect(both.holdersInWindowMax).to.equal(2);
  });

  it('is two for one answer of another in the middle', () => {
    expect(judge([...answers('a', 0, 100), { atMs: 50.5, address, holder: 'b' }]).holdersMax).to.equal(2);
  });

  it('is one for a clean hand-over, though both are heard within one window', () => {
    const moved = judge([...answers('a', 0, 50), ...answers('b', 50, 100)]);
    expect(moved.holdersMax).to.equal(1);
    expect(moved.holdersInWindowMax).to.equal(2);
    expect(moved.timeline.map((change) => [change.timeMs, change.board])).to.deep.equal([
      [0, 'a'],
      [50, 'b'],
    ]);
  });

  it('is one for a board that comes back after another was long gone', () => {
    const back = judge([...answers('a', 0, 20), ...answers('b', 40, 60), ...answers('a', 80, 100)]);
    expect(back.holdersMax).to.equal(1);
    expect(back.silencesMs).to.deep.equal([
      { address, fromMs: 19, toMs: 40 },
      { address, fromMs: 59, toMs: 80 },
    ]);
  });

  it('counts a MAC of no board as a holder of its own, and names it', () => {
    const strange = judge([...answers('a', 0, 100), ...answers('02:00:5e:00:00:01', 10, 20)]);
    expect(strange.holdersMax).to.equal(2);
    expect(strange.unknown).to.deep.equal(['02:00:5e:00:00:01']);
  });

  it('keeps addresses apart', () => {
    const other = answers('b', 0, 100).map((a) => ({ ...a, address: '192.168.1.6' }));
    const report = judgeHolders([...answers('a', 0, 100), ...other], [address, '192.168.1.6'], boards, 0, 100);
    expect(report.holdersMax).to.equal(1);
  });

  it('is nobody in a silence that has not ended', () => {
    expect(judge([]).holdersMax).to.equal(0);
    expect(judge(answers('a', 0, 20)).silencesMs).to.deep.equal([{ address, fromMs: 19, toMs: undefined }]);
  });

  it('agrees with a naive twin: two only if some answers interleave within the window', () => {
    const answer = fc.record({
      atMs: fc.integer({ min: 0, max: 60 }),
      address: fc.constant(address),
      holder: fc.constantFrom('a', 'b'),
    });
    fc.assert(
      fc.property(fc.uniqueArray(answer, { selector: (x) => x.atMs, maxLength: 30 }), (list) => {
        const sorted = [...list].sort((x, y) => x.atMs - y.atMs);
        const between = sorted.some((x) =>
          sorted.some((y, j) => {
            // The next answer of y's holder after y, with x of another holder between them.
            const next = sorted.slice(j + 1).find((z) => z.holder === y.holder);
            if (next === undefined || x.holder === y.holder) return false;
            return next.atMs - y.atMs <= 5 && y.atMs < x.atMs && x.atMs < next.atMs;
          }),
        );
        expect(judge(sorted).holdersMax === 2).to.equal(between);
      }),
    );
  });
});
