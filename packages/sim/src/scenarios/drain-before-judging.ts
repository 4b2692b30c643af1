import type { Fault } from '../fault.js';
import type { Scenario } from './scenario.js';

export const drain: Scenario = {
  name: 'drain: a board that did not listen accuses nobody',
  rule: 'drain',
  story: 'A pulse stalls and thaws: what it did not read was said all the same.',
  boards: 5,
  services: [{ pool: [2, 3], takeover: 'fast' }],
  nobodyDown: true,
  plan: (random) =>
    Array.from({ length: 20 }, (_, i): Fault => {
      const board = random.integer(1, 5);
      return { atMs: 400 + i * 200, kind: 'freeze', board, process: 'pulse', ms: 30 + random.next() * 100 };
    }),
};
