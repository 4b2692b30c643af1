import { between } from '../fault.js';
import { BOTH, type Scenario } from './scenario.js';

export const t5b: Scenario = {
  name: 'T5: a board back from a reboot without its vote does not give a second one',
  rule: 'T5',
  story:
    'Board 1 directs with the vote of board 2, and board 3 heard nothing of it. Board 1 reboots without its disk, among ' +
    'those who know no term: it would help to elect another director of the term that it had directed.',
  boards: 3,
  services: [{ pool: [2, 3], takeover: 'strict' }],
  faultsMs: 2500,
  plan: (random) => {
    const atMs = 600 + random.next() * 50;
    return [
      { atMs: 0, kind: 'cut', networks: BOTH, pairs: between([1, 2], [3]), ms: atMs },
      { atMs, kind: 'reboot', board: 1, disk: 'lost', ms: 5 },
      { atMs, kind: 'cut', networks: BOTH, pairs: between([2], [1, 3]), ms: 1500 },
    ];
  },
};
