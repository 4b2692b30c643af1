import { between } from '../fault.js';
import { BOTH, type Scenario } from './scenario.js';

export const l5: Scenario = {
  name: 'L5: an address moves no earlier than a lease after the last echo',
  rule: 'L5',
  story: 'The pulse of the holder stalls: its kernel answers, so only its lease says when the address is free.',
  boards: 5,
  services: [{ pool: [2, 3], takeover: 'strict' }],
  plan: (random) => [
    // They do not hear one another, or the question before a take (M6) would stop the second holder.
    { atMs: 40, kind: 'cut', networks: BOTH, pairs: between([2], [3]), ms: 1500 },
    { atMs: 52, kind: 'freeze', board: 2, process: 'pulse', before: 'delete', ms: 200 },
    {
      atMs: 2000 + random.next() * 50,
      kind: 'freeze',
      board: 'holder',
      process: 'pulse',
      ms: 400 + random.next() * 200,
    },
  ],
};
