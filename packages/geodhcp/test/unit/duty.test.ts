import { dutyOf } from '@softset/geodhcp/core/duty.js';
import type { NetrackState } from '@softset/protocol';
import { expect } from 'chai';

type Verdict = NetrackState['boards'][number]['verdict'];

/** What board 1 sees; boards 1 and 2 run geodhcpd, board 3 does not. */
function seen(director: number, two: Verdict = 'up'): Pick<NetrackState, 'director' | 'boards'> {
  const board = (id: number, verdict: Verdict): NetrackState['boards'][number] => ({
    board: id,
    name: `b${id}`,
    verdict,
    sinceMs: 0,
    paths: { A: true, B: true },
    daemons: [],
    amnesiac: false,
    leaving: false,
    health: 0,
    programs: [],
    admin: 'in-service',
  });
  return { director, boards: [board(1, 'self'), board(2, two), board(3, 'up')] };
}

describe('who answers', () => {
  const answers = (self: number, servers: number[], state?: ReturnType<typeof seen>): boolean =>
    dutyOf(self, servers, state).answering;

  it('the director, where it runs geodhcpd', () => {
    expect(answers(1, [1, 2], seen(1))).to.equal(true);
    expect(answers(1, [1, 2], seen(2))).to.equal(false);
    expect(dutyOf(1, [1, 2], seen(2)).why).to.equal('b2 is the director');
  });

  it('the first that is up, where the director does not', () => {
    expect(answers(1, [2, 1], seen(3))).to.equal(false);
    expect(answers(1, [2, 1], seen(3, 'down'))).to.equal(true);
    expect(answers(1, [1, 2], seen(0))).to.equal(true);
  });

  it('each, where netrackd says nothing; the only one, whatever it says; none that is not in the list', () => {
    expect(answers(1, [2, 1])).to.equal(true);
    expect(answers(1, [1], seen(3))).to.equal(true);
    expect(answers(3, [1, 2], seen(3))).to.equal(false);
  });
});
