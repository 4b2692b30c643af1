import { BOTH, type Scenario } from './scenario.js';

export const l1: Scenario = {
  name: 'L1: a lease runs from the send time that the director echoed',
  rule: 'L1',
  story: 'The holder is not heard any more and hears the director still: it may not renew on what it hears.',
  boards: 5,
  services: [{ pool: [2, 3], takeover: 'strict' }],
  plan: (random) => [
    { atMs: 400 + random.next() * 100, kind: 'late', network: 'A', percent: 50, ms: 1500 },
    { atMs: 400 + random.next() * 100, kind: 'late', network: 'B', percent: 50, ms: 1500 },
    { atMs: 600 + random.next() * 50, kind: 'mute', board: 2, networks: BOTH, way: 'tx', ms: 1000 },
  ],
};
