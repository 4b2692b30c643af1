import { EXCLUSIVE } from '../chassis.js';
import { between } from '../fault.js';
import { BOTH, type Scenario } from './scenario.js';

export const m5: Scenario = {
  name: 'M5: an order leaves under a proof, and lapses',
  rule: 'M5',
  story:
    'A director stalls with an order in its hand. A majority elects another and serves elsewhere. The old one thaws ' +
    'beside a board that has not heard of the new term.',
  boards: 5,
  // It is not handed over: the order is in hand when nobody holds it any more.
  services: [{ pool: [2, 3, 4], takeover: 'strict', programs: [EXCLUSIVE] }],
  plan: (random) => {
    const atMs = 600 + random.next() * 50;
    return [
      {
        atMs: atMs - 5,
        kind: 'freeze',
        board: 1,
        process: 'netrackd',
        before: 'send:take',
        ms: 700 + random.next() * 200,
      },
      { atMs, kind: 'wish', service: 'web', board: 3 },
      { atMs: atMs + 12 + random.next() * 8, kind: 'cut', networks: BOTH, pairs: between([1, 3], [2, 4, 5]), ms: 1800 },
    ];
  },
};
