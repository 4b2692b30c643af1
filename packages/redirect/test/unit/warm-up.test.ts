import { warmUp } from '@softset/redirect/core/warm-up.js';
import { expect } from 'chai';
import { config } from '../agent-run.js';

describe('warmUp', () => {
  it('rehearses whole moves, with programs and without', () => {
    expect(warmUp(config)).to.equal(200);
    const withPrograms = config.services.filter((service) => service.programs.length > 0);
    expect(warmUp({ ...config, services: withPrograms })).to.equal(200);
  });

  it('has nothing to rehearse without services', () => {
    expect(warmUp({ ...config, services: [] })).to.equal(0);
  });
});
