import { between } from '../fault.js';
import { BOTH, type Scenario } from './scenario.js';

export const l2: Scenario = {
  name: 'L2: a proof is dated by the send time of what was echoed',
  rule: 'L2',
  story:
    'The director stalls while a majority is cut off and elects another. When it thaws, its socket is full of the ' +
    "majority's old echoes: taken for fresh, they let it renew its holder under the new director's wait.",
  boards: 5,
  services: [{ pool: [2, 3], takeover: 'strict' }],
  plan: (random) => {
    const atMs = 600 + random.next() * 50;
    return [
      { atMs, kind: 'freeze', board: 1, process: 'pulse', ms: 150 + random.next() * 90 },
      { atMs: atMs + 20, kind: 'cut', networks: BOTH, pairs: between([1, 2], [3, 4, 5]), ms: 1500 },
    ];
  },
};
