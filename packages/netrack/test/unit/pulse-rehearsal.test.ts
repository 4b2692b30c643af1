import { PulseRehearsal } from '@softset/netrack/core/pulse/rehearsal.js';
import { expect } from 'chai';
import { CONFIG } from './pulse-world.js';

describe('rehearsal of a take and a release', () => {
  it('is answered with yes each time, however often it is played', () => {
    const rehearsal = new PulseRehearsal(CONFIG);
    const answers = Array.from({ length: 50 }, () => rehearsal.play());
    expect(new Set(answers)).to.deep.equal(new Set([2]));
  });
});
