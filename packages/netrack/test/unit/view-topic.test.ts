import { companyMs } from '@softset/netrack/view-topic.js';
import type { BoardState, NetrackState } from '@softset/protocol';
import { expect } from 'chai';

const board = (id: number, verdict: BoardState['verdict']) => ({ board: id, verdict }) as BoardState;
const state = (directing: boolean, ...verdicts: readonly BoardState['verdict'][]) =>
  ({ directing, boards: verdicts.map((verdict, i) => board(i + 1, verdict)) }) as unknown as NetrackState;

describe('how long the view waits for company', () => {
  for (const [what, was, is, ms] of [
    ['a board that is down', state(false, 'self', 'up'), state(false, 'self', 'down'), 10],
    ['one that was', state(false, 'self', 'down'), state(false, 'self', 'up'), 10],
    ['the same of the director', state(true, 'self', 'silent'), state(true, 'self', 'down'), 10],
    ['a board that is silent: it is being asked', state(false, 'self', 'up'), state(false, 'self', 'silent'), 60],
    ['one that is down still', state(false, 'self', 'down'), state(false, 'self', 'down'), 60],
    ['nothing of that, where it directs', state(true, 'self', 'up'), state(true, 'self', 'up'), 20],
  ] as const) {
    it(`${what}: ${ms} ms`, () => expect(companyMs(was, is)).to.equal(ms));
  }
});
