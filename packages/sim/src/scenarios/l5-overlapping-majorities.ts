import { between } from '../fault.js';
import { BOTH, type Scenario } from './scenario.js';

export const overlapping: Scenario = {
  name: 'L5: two majorities overlap in one board',
  rule: 'L5',
  story:
    'Boards 1, 2 and 3 are a majority, and then 3, 4 and 5 are, with 3 in both: the second one knows of no beat of the ' +
    "holder that was echoed, and waits out the lease that the first one's director may have renewed.",
  boards: 5,
  services: [{ pool: [2, 4], takeover: 'strict' }],
  faultsMs: 3000,
  plan: (random) => {
    const atMs = 600 + random.next() * 50;
    return [
      { atMs, kind: 'cut', networks: BOTH, pairs: between([1, 2, 3], [4, 5]), ms: 300 },
      { atMs: atMs + 300, kind: 'cut', networks: BOTH, pairs: between([1, 2], [3, 4, 5]), ms: 1500 },
    ];
  },
};
