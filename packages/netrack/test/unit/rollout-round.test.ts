import { beginRound, hearAnswer, ROUND_MS, tendRound } from '@softset/netrack/core/rollout/round.js';
import { expect } from 'chai';

const yes = { round: 'r', hash: 'h', ok: true, message: '' };

describe('a question to every board that is there', () => {
  it('asks all, and those that have not answered again', () => {
    const round = beginRound('r', 'h', [1, 2, 3], 0);
    expect(tendRound(round, 0)).to.deep.equal([1, 2, 3]);
    expect(tendRound(round, 499)).to.deep.equal([]);
    hearAnswer(round, 2, yes);
    expect(tendRound(round, 500)).to.deep.equal([1, 3]);
  });

  it('one no is one too many, and silence is a no', () => {
    const round = beginRound('r', 'h', [1, 2, 3], 0);
    hearAnswer(round, 1, yes);
    hearAnswer(round, 2, { ...yes, ok: false, message: 'its disk is full' });
    tendRound(round, ROUND_MS);
    expect([...round.refused]).to.deep.equal([
      [2, 'its disk is full'],
      [3, 'it does not answer'],
    ]);
    expect(round.waiting.size).to.equal(0);
  });

  it('late, doubled and strange answers count for nothing', () => {
    const round = beginRound('r', 'h', [1, 2], 0);
    hearAnswer(round, 1, { ...yes, round: 'an older one' });
    hearAnswer(round, 1, { ...yes, hash: 'another text' });
    hearAnswer(round, 9, { ...yes, ok: false, message: 'nobody asked' });
    expect([...round.waiting]).to.deep.equal([1, 2]);
    hearAnswer(round, 1, yes);
    hearAnswer(round, 1, { ...yes, ok: false, message: 'on second thoughts' });
    expect(round.refused.size).to.equal(0);
  });
});
