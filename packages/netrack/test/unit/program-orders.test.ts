import { ProgramOrders } from '@softset/netrack/program-orders.js';
import type { BoardId, BoardMessage } from '@softset/protocol';
import { expect } from 'chai';

/** Boards whose messages arrive at once, and what each of their redirectds was asked to do. */
class Boards {
  director: BoardId = 1;
  term = 3;
  readonly obeyed: string[] = [];
  readonly #boards = new Map<BoardId, ProgramOrders>();
  /** What a board believes where that is not what is so. */
  readonly believes = new Map<BoardId, { readonly director: BoardId; readonly term: number }>();

  constructor(answers: (board: BoardId) => { readonly ok: boolean; readonly message: string } | undefined) {
    for (const self of [1, 2, 3]) {
      const one = new ProgramOrders({
        self,
        follows: () => this.believes.get(self) ?? { director: this.director, term: this.term },
        directing: () => (this.believes.get(self) ?? { director: this.director }).director === self,
        send: (to, message) => this.send(self, to, message),
        obey: ({ id, want, program, who }) => {
          this.obeyed.push(`${self}: ${want} ${program} for ${who}`);
          const answer = answers(self);
          if (answer !== undefined) one.answer(id, answer.ok, answer.message);
        },
      });
      this.#boards.set(self, one);
    }
  }

  of(board: BoardId): ProgramOrders {
    const found = this.#boards.get(board);
    if (found === undefined) throw new Error(`no board ${board}`);
    return found;
  }

  send(from: BoardId, to: BoardId, message: BoardMessage): void {
    if (message.kind === 'program-order' || message.kind === 'program-done') this.of(to).hear(from, message);
  }
}

const restart = { program: 'echo', want: 'restart', who: 'rule r' } as const;

describe('orders to programs', () => {
  it('go from the director to the board, itself too, and the answer comes back', async () => {
    const boards = new Boards((board) => ({ ok: true, message: `done by ${board}` }));
    expect(await boards.of(1).order(2, restart)).to.deep.equal({ message: 'done by 2' });
    expect(await boards.of(1).order(1, restart)).to.deep.equal({ message: 'done by 1' });
    expect(boards.obeyed).to.deep.equal(['2: restart echo for rule r', '1: restart echo for rule r']);
  });

  it('that cannot be done say why', async () => {
    const boards = new Boards(() => ({ ok: false, message: 'UNKNOWN_PROGRAM: no "echo" here' }));
    expect(await boards.of(1).order(2, restart)).to.include({
      code: 'NOT_DONE',
      message: 'UNKNOWN_PROGRAM: no "echo" here',
    });
  });

  it('are not given by a board that does not direct', async () => {
    const boards = new Boards(() => ({ ok: true, message: '' }));
    expect(await boards.of(3).order(2, restart)).to.include({ code: 'NOT_DIRECTOR' });
    expect(boards.obeyed).to.deep.equal([]);
  });

  it('of a director that was replaced and does not know it are not obeyed (late orders do nothing)', async () => {
    const boards = new Boards(() => ({ ok: true, message: '' }));
    boards.believes.set(1, { director: 1, term: 3 });
    boards.director = 3;
    boards.term = 4;
    const answer = await boards.of(1).order(2, restart);
    expect(answer).to.include({ code: 'NOT_DONE' });
    expect((answer as { message: string }).message).to.include('term 3 of board 1');
    expect(boards.obeyed).to.deep.equal([]);
  });

  it('of the right board in an old term are not obeyed either', () => {
    const boards = new Boards(() => undefined);
    boards.of(2).hear(1, { kind: 'program-order', term: 2, id: 'a', ...restart });
    expect(boards.obeyed).to.deep.equal([]);
  });

  it('that nobody answers are forgotten, the oldest first', () => {
    const boards = new Boards(() => undefined);
    const sent: BoardMessage[] = [];
    boards.send = (_from, _to, message) => void sent.push(message);
    for (let i = 0; i < 65; i++) boards.of(2).hear(1, { kind: 'program-order', term: 3, id: `${i}`, ...restart });
    boards.of(2).answer('0', true, '');
    expect(sent).to.deep.equal([]);
    boards.of(2).answer('1', true, '');
    expect(sent).to.deep.equal([{ kind: 'program-done', id: '1', ok: true, message: '' }]);
  });

  it('answers that nobody waits for, or that come twice, are nobody’s', async () => {
    const boards = new Boards(() => ({ ok: true, message: '' }));
    boards.of(2).answer('never ordered', true, '');
    boards.of(1).hear(2, { kind: 'program-done', id: 'never ordered', ok: true, message: '' });
    expect(await boards.of(1).order(2, restart)).to.deep.equal({ message: '' });
  });
});
