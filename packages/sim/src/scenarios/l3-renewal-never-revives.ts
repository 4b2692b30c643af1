import type { Scenario } from './scenario.js';

export const l3: Scenario = {
  name: 'L3: a renewal fails on an element that ran out',
  rule: 'L3',
  story: 'The holder stalls with a renewal in its hand, its lease ends, another board gets the address, and it thaws.',
  boards: 5,
  services: [{ pool: [2, 3], takeover: 'strict' }],
  plan: (random) => [
    {
      atMs: 600 + random.next() * 50,
      kind: 'freeze',
      board: 2,
      process: 'pulse',
      before: 'commit',
      ms: 350 + random.next() * 200,
    },
  ],
};
