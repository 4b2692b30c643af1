import { Intake } from '@softset/netrack/core/pulse/intake.js';
import type { BeatName } from '@softset/protocol';
import { expect } from 'chai';
import { PulseWorld } from './pulse-world.js';

/** Board 2's beat of a number, of the life that the world's own beats have. */
const named = (sequence: number, fields: Partial<BeatName> = {}): BeatName => ({
  board: 2,
  bootHigh: 0x22222222,
  bootLow: 0x22222222,
  incarnation: 1,
  sequence,
  ...fields,
});

describe('beats that waited together', () => {
  function turn(heard = 10): Intake {
    const world = new PulseWorld();
    world.beat(2, { sequence: heard });
    const intake = new Intake(world.state, 'A');
    intake.begin();
    return intake;
  }

  it('of one life only the newest is needed, once its HMAC was right', () => {
    const intake = turn();
    expect(intake.superseded(named(13)), 'the newest').to.equal(false);
    intake.take(named(13));
    expect(intake.superseded(named(12))).to.equal(true);
    expect(intake.superseded(named(11))).to.equal(true);
  });

  it('a forged newest does not push the true ones aside', () => {
    const intake = turn();
    expect(intake.superseded(named(4_000_000_000))).to.equal(false);
    // Its HMAC was wrong: nothing was taken.
    expect(intake.superseded(named(12))).to.equal(false);
  });

  it('a number that was heard before is let through, to be refused and counted', () => {
    const intake = turn();
    intake.take(named(12));
    expect(intake.superseded(named(10)), 'heard before this turn').to.equal(false);
    expect(intake.superseded(named(12)), 'twice in one turn').to.equal(false);
  });

  const others: [string, Partial<BeatName>][] = [
    ['another boot', { bootLow: 1 }],
    ['another incarnation', { incarnation: 2 }],
    ['another board', { board: 3 }],
    ['a board that nobody knows', { board: 255 }],
  ];
  for (const [what, fields] of others) {
    it(`says nothing of ${what}`, () => {
      const intake = turn();
      intake.take(named(13));
      expect(intake.superseded(named(12, fields))).to.equal(false);
    });
  }

  it('a new turn begins with nothing', () => {
    const intake = turn();
    intake.take(named(13));
    intake.begin();
    expect(intake.superseded(named(12))).to.equal(false);
  });

  it('a newer one that is read after an older one is needed still', () => {
    const intake = turn();
    intake.take(named(12));
    expect(intake.superseded(named(13))).to.equal(false);
  });
});
