import { rehearse } from '@softset/netrack/core/cluster/rehearsal.js';
import { expect } from 'chai';
import { clusterOf } from './cluster-world.js';

function play(cluster: ReturnType<typeof clusterOf>, self: number, rounds: number) {
  const play = rehearse(cluster, self, rounds);
  let turns = 0;
  for (;;) {
    const next = play.next();
    if (next.done) return { ...next.value, turns };
    turns++;
  }
}

describe('rehearsal of a failover', () => {
  for (const self of [1, 3, 4]) {
    it(`plays an election and a move each round, on board ${self}`, () => {
      const { elections, taken, turns } = play(clusterOf(), self, 5);
      expect(elections).to.equal(5);
      expect(taken).to.be.at.least(5);
      expect(turns, 'turns a round').to.be.below(5 * 100);
    });
  }

  it('has nothing to play where nobody could be lost', () => {
    const cluster = clusterOf();
    const boards = cluster.boards.map((board, i) => ({ ...board, vote: i < 2 }));
    expect(play({ ...cluster, boards }, 1, 5)).to.deep.equal({ elections: 0, taken: 0, turns: 0 });
  });
});
