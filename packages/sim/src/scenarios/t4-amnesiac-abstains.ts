import { between } from '../fault.js';
import { BOTH, type Scenario } from './scenario.js';

export const t4: Scenario = {
  name: 'T4: who lost its memory abstains from everything',
  rule: 'T4',
  story:
    'A board that voted for the new director loses its memory, comes back among the followers of the old one, and ' +
    "echoes it: the old proof would live again inside the new one's wait.",
  boards: 5,
  services: [{ pool: [2, 3], takeover: 'strict' }],
  plan: (random) => {
    const atMs = 600 + random.next() * 50;
    return [
      { atMs, kind: 'cut', networks: BOTH, pairs: between([1, 2], [3, 4]), ms: 1800 },
      { atMs, kind: 'cut', networks: BOTH, pairs: between([1, 2], [5]), ms: 180 },
      { atMs: atMs + 180, kind: 'cut', networks: BOTH, pairs: between([3, 4], [5]), ms: 120 },
      { atMs: atMs + 180, kind: 'reboot', board: 5, disk: 'lost', ms: 2 },
      { atMs: atMs + 300, kind: 'cut', networks: BOTH, pairs: between([1, 2], [5]), ms: 1500 },
    ];
  },
};
