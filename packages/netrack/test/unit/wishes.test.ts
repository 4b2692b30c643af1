import { Wishes } from '@softset/netrack/wishes.js';
import type { BoardId, BoardMessage, ProgramWish } from '@softset/protocol';
import { expect } from 'chai';

const restart = { program: 'echo', order: 'restart', who: 'snmpagd on cpu-1' } as const;

/** Boards 1 and 2; what one tells the other waits in `post`. */
class Two {
  readonly post: { from: BoardId; to: BoardId; message: BoardMessage }[] = [];
  /** What psrmd of board 2 was ordered. */
  readonly ordered: ProgramWish[] = [];
  heeded = true;
  readonly #boards: Readonly<Record<number, Wishes>>;

  constructor() {
    const of = (self: BoardId): Wishes =>
      new Wishes({
        self,
        director: () => 1,
        directing: () => self === 1,
        send: (to, message) => this.post.push({ from: self, to, message }),
        decide: () => {},
        clear: () => {},
        rollout: () => {},
        order: (order) => {
          this.ordered.push(order);
          return this.heeded;
        },
      });
    this.#boards = { 1: of(1), 2: of(2) };
  }

  board(id: BoardId): Wishes {
    const board = this.#boards[id];
    if (board === undefined) throw new Error(`no board ${id}`);
    return board;
  }

  /** Delivers all that waits, each `times` times. */
  deliver(times = 1): void {
    for (const { from, to, message } of this.post.splice(0)) {
      for (let i = 0; i < times; i++) {
        if (message.kind === 'program-wish') this.board(to).takeProgram(from, message);
        else if (message.kind === 'wished') this.board(to).heard(message.id, message.ok, message.message);
      }
    }
  }
}

describe('an order for a program of another board', () => {
  it('reaches its psrmd once, though it comes twice, and the answer goes back', async () => {
    const two = new Two();
    const answer = two.board(1).order(2, restart);
    two.deliver(2);
    expect(two.ordered).to.have.length(1);
    expect(two.ordered[0]).to.include(restart);
    two.board(2).answer(two.ordered[0]?.id ?? '', true, 'echo is restarted');
    two.deliver(2);
    expect(await answer).to.deep.equal({ message: 'echo is restarted' });
    // Long after it was answered, too.
    const [again] = two.ordered;
    if (again) two.board(2).takeProgram(1, again);
    expect(two.ordered).to.have.length(1);
  });

  it('is refused where psrmd refuses it', async () => {
    const two = new Two();
    const answer = two.board(1).order(2, restart);
    two.deliver();
    two.board(2).answer(two.ordered[0]?.id ?? '', false, 'it does not stop');
    two.deliver();
    expect(await answer).to.include({ code: 'REFUSED', message: 'it does not stop' });
  });

  it('is refused at once where no psrmd listens', async () => {
    const two = new Two();
    two.heeded = false;
    const answer = two.board(1).order(2, restart);
    two.deliver();
    two.deliver();
    expect(await answer).to.include({ code: 'REFUSED' });
  });

  it('for a program of the board itself goes the same way', async () => {
    const two = new Two();
    const answer = two.board(2).order(2, restart);
    expect(two.post).to.deep.equal([]);
    two.board(2).answer(two.ordered[0]?.id ?? '', true, 'echo is restarted');
    expect(await answer).to.deep.equal({ message: 'echo is restarted' });
  });
});
