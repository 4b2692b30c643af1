import { between, oneWay } from '../fault.js';
import { BOTH, type Scenario } from './scenario.js';

export const r3: Scenario = {
  name: 'R3: until it reported, any board may hold anything',
  rule: 'R3',
  story:
    'The boards that had the record of a grant reboot with an older register, and its holder lives and is not heard: ' +
    'a new director that trusts its register grants the address again.',
  boards: 5,
  voters: [1, 3, 4],
  services: [{ pool: [1, 2, 3], takeover: 'strict' }],
  plan: (random) => {
    const atMs = 600 + random.next() * 50;
    return [
      { atMs: atMs - 3, kind: 'cut', networks: BOTH, pairs: oneWay([1], [4]), ms: 30 },
      { atMs, kind: 'wish', service: 'web', board: 2 },
      { atMs: atMs + 20, kind: 'reboot', board: 1, disk: 'kept', ms: 10 },
      { atMs: atMs + 20, kind: 'reboot', board: 3, disk: 'kept', ms: 10 },
      { atMs: atMs + 20, kind: 'cut', networks: BOTH, pairs: between([2], [1, 3, 4]), ms: 800 },
    ];
  },
};
