import { BOTH, type Scenario } from './scenario.js';

export const l1: Scenario = {
  name: 'L1: a lease runs from the send time that the director echoed',
  rule: 'L1',
  story: 'The holder is not heard any more and hears the director still: it may not renew on what it hears.',
  boards: 5,
  services: [{ pool: [2, 3], takeover: 'strict' }],
  plan: (random) => {
    const atMs = 600 + random.next() * 50;
    return [
      // Nobody can tell it that the register names another: its lease alone must end.
      { atMs, kind: 'freeze', board: 2, process: 'netrackd', ms: 450 },
      { atMs, kind: 'late', network: 'A', percent: 70, ms: 60 },
      { atMs, kind: 'late', network: 'B', percent: 70, ms: 60 },
      { atMs, kind: 'mute', board: 2, networks: BOTH, way: 'tx', ms: 1000 },
    ];
  },
};
