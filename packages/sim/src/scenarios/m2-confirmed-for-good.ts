import { between, type Fault } from '../fault.js';
import { BOTH, type Scenario } from './scenario.js';

export const m2: Scenario = {
  name: 'M2: what was confirmed as gone is never created',
  rule: 'M2',
  story:
    'A board takes an address and gives it back, its daemons are restarted and have forgotten, and a copy of the order ' +
    'that was held up on the way arrives: the pulse has promised not to obey it.',
  boards: 3,
  services: [{ pool: [2, 3], takeover: 'strict' }],
  plan: (random) => {
    const faults: Fault[] = [
      { atMs: 300, kind: 'relay-late', percent: 45, upToMs: 240, ms: 4500 },
      // They do not hear one another, or the question before a take (M6) would stop the second holder.
      { atMs: 300, kind: 'cut', networks: BOTH, pairs: between([2], [3]), ms: 4500 },
    ];
    for (let atMs = 600; atMs < 4000; atMs += 420) {
      const killMs = atMs + 75 + random.next() * 20;
      faults.push(
        { atMs, kind: 'wish', service: 'web', board: 3 },
        { atMs: atMs + 35, kind: 'wish', service: 'web', board: 2 },
        { atMs: killMs, kind: 'kill', board: 3, process: 'netrackd', ms: 2 },
        { atMs: killMs, kind: 'kill', board: 3, process: 'redirectd', ms: 2 },
      );
    }
    return faults;
  },
};
