import { climb, initialLadder, type Ladder, type LadderEvent, type Rungs } from '@softset/psrm/core/ladder.js';
import { expect } from 'chai';
import fc from 'fast-check';

const rungs: Rungs = {
  boardFailover: { givenUp: 3, withinMs: 60_000 },
  reboot: { failovers: 1, withinMs: 3_600_000, atMost: 2 },
};
const lost = (program: string): LadderEvent => ({ kind: 'given-up', program });

/** Plays events at their times; the effects of each. */
function play(events: readonly (readonly [number, LadderEvent])[], over: Rungs = rungs, from: Ladder = initialLadder) {
  let ladder = from;
  const told = events.map(([wallMs, event]) => {
    const next = climb(ladder, event, wallMs, over);
    ladder = next.ladder;
    return next.effects.map(({ kind }) => kind).join(' ');
  });
  return { told, ladder };
}

describe('the ladder above a program', () => {
  it('three given up within the window: the board fails over, and reboots once it is empty', () => {
    const { told } = play([
      [0, lost('a')],
      [1000, lost('b')],
      [2000, lost('c')],
      [2100, lost('d')],
      [3000, { kind: 'emptied' }],
      [3001, { kind: 'emptied' }],
    ]);
    expect(told).to.deep.equal(['keep', 'keep', 'keep fail-over', '', 'keep reboot', '']);
  });

  it('what lies outside the window does not count', () => {
    const { told } = play([
      [0, lost('a')],
      [59_999, lost('b')],
      [60_000, lost('c')],
      [60_001, lost('d')],
    ]);
    expect(told).to.deep.equal(['keep', 'keep', 'keep', 'keep fail-over']);
  });

  it('without rungs nothing follows', () => {
    expect(
      play(
        [
          [0, lost('a')],
          [1, { kind: 'emptied' }],
        ],
        {},
      ).told,
    ).to.deep.equal(['', '']);
  });

  it('without a reboot the board stays empty', () => {
    const only = { boardFailover: { givenUp: 1, withinMs: 1000 } };
    expect(
      play(
        [
          [0, lost('a')],
          [1, { kind: 'emptied' }],
        ],
        only,
      ).told,
    ).to.deep.equal(['keep fail-over', '']);
  });

  it('two failovers for a reboot: the first leaves the board in peace, once it is trusted again the second does not', () => {
    const over = {
      boardFailover: { givenUp: 1, withinMs: 1000 },
      reboot: { failovers: 2, withinMs: 60_000, atMost: 1 },
    };
    const { told } = play(
      [
        [0, lost('a')],
        [1, { kind: 'emptied' }],
        [5000, { kind: 'rearmed' }],
        [6000, lost('a')],
        [6001, { kind: 'emptied' }],
      ],
      over,
    );
    expect(told).to.deep.equal(['keep fail-over', '', '', 'keep fail-over', 'keep reboot']);
  });

  it('a board that falls ill after each boot is not rebooted for ever', () => {
    const over = {
      boardFailover: { givenUp: 1, withinMs: 1000 },
      reboot: { failovers: 1, withinMs: 60_000, atMost: 2 },
    };
    let ladder: Ladder = initialLadder;
    const last: string[] = [];
    for (let boot = 0; boot < 4; boot++) {
      // A boot: the counts are read again, the phase begins anew.
      const { givenUpMs, failoversMs, rebootsMs } = ladder;
      const from = { ...initialLadder, givenUpMs, failoversMs, rebootsMs };
      const played = play(
        [
          [boot * 5000, lost('a')],
          [boot * 5000 + 1, { kind: 'emptied' }],
        ],
        over,
        from,
      );
      ladder = played.ladder;
      last.push(played.told[1] ?? '');
    }
    expect(last).to.deep.equal(['keep reboot', 'keep reboot', 'stay', 'stay']);
  });

  it('a clock that was set back does not keep a count alive for ever', () => {
    const from = { ...initialLadder, givenUpMs: [9e12, 9e12] };
    const { ladder } = play([[0, lost('a')]], { boardFailover: { givenUp: 9, withinMs: 1000 } }, from);
    expect(ladder.givenUpMs).to.deep.equal([0, 0, 0]);
    expect(
      play([[2000, lost('b')]], { boardFailover: { givenUp: 9, withinMs: 1000 } }, ladder).ladder.givenUpMs,
    ).to.deep.equal([2000]);
  });

  it('never reboots a board that is not empty, and never more often than it may', () => {
    const any = fc.constantFrom<LadderEvent>(lost('a'), { kind: 'emptied' }, { kind: 'rearmed' });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(400), any), { maxLength: 200 }), (run) => {
        const over = {
          boardFailover: { givenUp: 2, withinMs: 1000 },
          reboot: { failovers: 1, withinMs: 5000, atMost: 2 },
        };
        let ladder: Ladder = initialLadder;
        let wallMs = 0;
        const reboots: number[] = [];
        for (const [afterMs, event] of run) {
          wallMs += afterMs;
          const next = climb(ladder, event, wallMs, over);
          const reboots2 = next.effects.some(({ kind }) => kind === 'reboot');
          if (reboots2) expect([ladder.phase, event.kind]).to.deep.equal(['emptying', 'emptied']);
          if (reboots2) reboots.push(wallMs);
          ladder = next.ladder;
        }
        for (const atMs of reboots)
          expect(reboots.filter((other) => other <= atMs && atMs - other < 5000).length).to.be.at.most(2);
      }),
    );
  });
});
