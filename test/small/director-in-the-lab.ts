import { setTimeout as sleep } from 'node:timers/promises';
import type { Observer } from '@softset/lab';
import { expect } from 'chai';
import { until } from '../e2e/bench.js';
import type { SmallLab } from './small-lab.js';

/** A strict service of its own, so that who holds it is never a judgement (M1 c). */
export const roam = { service: 'roam', address: '192.168.1.4', boards: ['io-1', 'io-2', 'io-3'] } as const;

/**
 * The director is killed in the midst of a planned move, later each time: before the grant is written, between order and
 * release, before the outcome. The simulator tries every step; this is the same with real processes, which are killed
 * between whichever two they have reached.
 */
export function directorInTheLab(lab: () => SmallLab, answers: (board: string) => Promise<void>): void {
  let judge: Observer;
  before(async () => {
    judge = await lab().lab.observer([roam.address]);
  });
  after(() => judge?.stop());

  const holder = (): string => lab().holders(roam.service);

  /** Wishes it elsewhere from a board that does not direct, and does not wait: the wish itself may be lost. */
  async function moveAndKill(
    afterMs: number,
    kill: (director: string) => Promise<unknown>,
    recover = async (): Promise<void> => {},
  ): Promise<void> {
    const from = await until('a holder', () => (holder() === '-' ? undefined : holder()));
    const director = await until('a director', () => lab().director);
    const target = roam.boards.find((board) => board !== from && board !== director) ?? 'io-3';
    const sinceMs = judge.mark();
    const wished = lab().witness(target).redirect.call('move', { service: roam.service, board: target });
    await sleep(afterMs);
    await kill(director);
    await wished;
    await until('another or the same directs', () => lab().director);
    await until('roam is held', () => (holder() === '-' ? undefined : holder()));
    // The way from outside may lead over the board that died.
    await recover();
    await answers(await until('roam is held', () => (holder() === '-' ? undefined : holder())));
    const { holdersMax, unknown } = await judge.read(sinceMs);
    expect(holdersMax, 'boards that answered at one time').to.be.at.most(1);
    expect(unknown).to.deep.equal([]);
  }

  for (const daemon of ['redirectd', 'netrackd'] as const) {
    it(`its ${daemon} is killed between two steps of a move: one board holds, and answers`, async () => {
      for (const afterMs of [2, 8])
        await moveAndKill(afterMs, (director) => lab().lab.fault('kill', `${director}:${daemon}`));
      await lab().untilWell();
    });
  }

  it('its whole board dies between two steps of a move: the next director takes stock, and one board holds', async () => {
    const recover = async (): Promise<void> => {
      await lab().lab.heal();
      await lab().untilWell();
    };
    await moveAndKill(6, (director) => lab().lab.fault('crash', director), recover);
  });

  it('its daemons stand still between two steps of a move: another directs, and what the old one says late does nothing', async () => {
    const director = await until('a director', () => lab().director);
    const others = lab()
      .lab.topology.boards.map(({ name }) => name)
      .filter((name) => name !== director);
    const termBefore = lab().state?.term ?? 0;
    const from = await until('a holder', () => (holder() === '-' ? undefined : holder()));
    const target = roam.boards.find((board) => board !== from && board !== director) ?? 'io-3';
    const sinceMs = judge.mark();
    const wished = lab().witness(target).redirect.call('move', { service: roam.service, board: target });
    await sleep(4);
    await lab().lab.fault('freeze', director);
    // By their own word: one that stands still goes on saying what it said last.
    const next = await until('another directs, in a later term', () =>
      others
        .map((name) => lab().witness(name).state)
        .find((state) => state?.directing === true && state.term > termBefore),
    );
    await wished;
    await lab().lab.heal('freeze', director);
    await lab().untilWell();
    expect(lab().state?.term, 'the old one came back to follow').to.be.at.least(next.term);
    const after = holder();
    await sleep(2000);
    expect(holder(), 'nothing moved for its late words').to.equal(after);
    await answers(after);
    const { holdersMax, unknown } = await judge.read(sinceMs);
    expect(holdersMax, 'boards that answered at one time').to.be.at.most(1);
    expect(unknown).to.deep.equal([]);
  });

  it('what is left is as ever: it moves when it is told to', async () => {
    const target = roam.boards.find((board) => board !== holder()) ?? '';
    expect(lab().softset('service', 'move', roam.service, target).code).to.equal(0);
    await until('it has moved', () => (holder() === target ? true : undefined));
    await answers(target);
  });
}
