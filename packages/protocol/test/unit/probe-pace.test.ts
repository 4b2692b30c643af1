import { settlePace } from '@softset/protocol/probe-pace.js';
import { expect } from 'chai';

type Unpaced = Parameters<typeof settlePace>[0][number];
type Probe = NonNullable<Unpaced['probe']>;

/** Only what decides: names, boards and paces. */
const program = (name: string, boards: readonly number[], probe?: Partial<Probe>): Unpaced =>
  ({ name, boards, ...(probe ? { probe } : {}) }) as Unpaced;
const paceOf = (programs: readonly Unpaced[], name: string): unknown => {
  const found = settlePace(programs).find((one) => one.name === name)?.probe;
  return found && [found.intervalMs, found.retryMs];
};
const many = (count: number, board: number): readonly Unpaced[] =>
  Array.from({ length: count }, (_, i) => program(`b${board}p${i}`, [board], {}));

describe('how often a probe is put', () => {
  it('twice a second, by up to ten of a board', () => {
    expect(paceOf(many(10, 1), 'b1p0')).to.deep.equal([500, 500]);
  });

  it('more share 20 questions a second, but for those that miss one', () => {
    expect(paceOf(many(200, 1), 'b1p0')).to.deep.equal([10_000, 500]);
  });

  it('as the file says, whoever else there is', () => {
    const named = program('named', [1], { intervalMs: 100 });
    expect(paceOf([...many(200, 1), named], 'named')).to.deep.equal([100, 100]);
    expect(paceOf([named], 'named')).to.deep.equal([100, 100]);
    expect(paceOf([program('own', [1], { intervalMs: 9000, retryMs: 200 })], 'own')).to.deep.equal([9000, 200]);
    expect(paceOf([...many(199, 1), program('own', [1], { retryMs: 200 })], 'own')).to.deep.equal([10_000, 200]);
  });

  it('who runs on several boards is asked as the fullest of them allows; who is on another is not slowed', () => {
    const programs = [...many(40, 1), program('both', [1, 2], {}), program('other', [2], {})];
    expect(paceOf(programs, 'both')).to.deep.equal([2050, 500]);
    expect(paceOf(programs, 'other')).to.deep.equal([500, 500]);
  });

  it('a program without a probe has none', () => {
    expect(settlePace([program('bare', [1])])[0]).to.not.have.property('probe');
  });
});
