import { statusWords, votesOf, warning } from '@softset/cli/quorum/command.js';
import type { Register } from '@softset/protocol';
import { expect } from 'chai';
import { board, well } from './state.js';

const members = (left: readonly number[]): Register['members'] =>
  [1, 2, 6, 7].map((id) => ({
    board: id,
    vote: id !== 7,
    admin: 'in-service',
    ...(left.includes(id) ? ({ left: true } as const) : {}),
  }));
const register = (...left: number[]): Register => ({
  cluster: 1,
  term: 3,
  index: 4,
  members: members(left),
  services: [],
  alarms: [],
});
const alone = well({
  director: 0,
  quorum: { present: 1, needed: 2, votes: 3 },
  boards: [
    board(1, 'cpu-1', { verdict: 'self' }),
    board(2, 'cpu-2', { verdict: 'down' }),
    board(6, 'ccn', { amnesiac: true }),
    board(7, 'router-1'),
  ],
});

describe('softset quorum', () => {
  it('tells of each board that may vote what its vote counts for', () => {
    const votes = (...left: number[]) => votesOf(alone, register(...left)).map((one) => `${one.board} ${one.vote}`);
    expect(votes()).to.deep.equal(['cpu-1 counts', 'cpu-2 absent', 'ccn forgot']);
    expect(votes(2)).to.deep.equal(['cpu-1 counts', 'cpu-2 left', 'ccn forgot']);
  });

  it('status says what is there, what is needed, and what to do', () => {
    const words = statusWords(alone, votesOf(alone, register()));
    expect(words[0]).to.equal('NO QUORUM: 1 of 3 votes are there, 2 are needed; nobody directs');
    expect(words.join(' ').replace(/\s+/g, ' '))
      .to.match(/cpu-2 absent down/)
      .and.match(/softset quorum force/);
    const fine = statusWords(well(), votesOf(well(), register()));
    expect(fine[0]).to.equal('quorum: 3 of 3 votes are there, 2 are needed; cpu-1 directs');
    expect(fine.join(' ')).to.not.match(/force/);
  });

  it('the warning of force names whose votes are taken, who will serve, who is believed again, and what may come of it', () => {
    const text = warning(alone, votesOf(alone, register())).join(' ').replace(/\s+/g, ' ');
    expect(text).to.match(/takes the votes of cpu-2 by your word alone, and lets cpu-1, ccn serve/);
    expect(text).to.match(/two boards will answer for one address/);
    expect(text).to.match(/ccn lost its memory of votes and is believed again/);
  });
});
