import { INTERRUPTIONS, steps } from '@softset/sim/scenarios/interruptions.js';
import { simOf } from '@softset/sim/scenarios/scenario.js';
import { expect } from 'chai';

/** Of each interruption's steps; `npm run sim -- --interruptions all` goes through all of them, in some minutes. */
const SAMPLES = 2;

describe('a plan that is interrupted between two of its steps', function () {
  this.timeout(240_000);

  for (const [i, interruption] of INTERRUPTIONS.entries()) {
    it(`${interruption.name}: the next director finishes it or undoes it`, () => {
      const { count, wrong } = steps(interruption);
      expect(wrong, 'the plan alone').to.equal(undefined);
      expect(count, 'steps between which it is interrupted').to.be.greaterThan(5);
      for (let sample = 0; sample < SAMPLES; sample++) {
        // Other steps for each interruption, spread over all of the plan.
        const seed = 1 + Math.floor(((sample + ((i * 7) % 10) / 10) / SAMPLES) * count);
        const { violations, last } = simOf(interruption, seed, []).run();
        const replay = `npm run sim -- --scenario ${JSON.stringify(interruption.name)} --seed ${seed} --runs 1 --trace`;
        expect(violations, `${replay}\n${last.join('\n')}`).to.deep.equal([]);
      }
    });
  }

  it('does strike: a director that is killed in the midst of a move dies, and another is elected', () => {
    const move = INTERRUPTIONS.find(
      ({ name }) => name === 'interrupted: a move; the director dies whole, between two steps of redirectd',
    );
    const lines: string[] = [];
    if (move !== undefined) simOf(move, 10, [], (line) => lines.push(line)).run();
    const text = lines.join('\n');
    expect(text).to.include('power-off');
    expect(text.indexOf('power-off')).to.be.greaterThan(text.indexOf('wish'));
  });
});
