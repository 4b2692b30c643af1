import { between, type Fault } from '../fault.js';
import { BOTH, type Scenario } from './scenario.js';

export const m8: Scenario = {
  name: 'M8: an heir takes it after the holder, and not when it is told to be ready',
  rule: 'M8',
  story:
    'An operator moves a service between two well boards, again and again. The heir has its order while the other still ' +
    'holds the address, and orders to let go are late: only the holder’s own beat tells when it is the heir’s turn.',
  boards: 3,
  services: [{ pool: [2, 3], takeover: 'strict' }],
  plan: (random) => {
    const faults: Fault[] = [
      { atMs: 300, kind: 'relay-late', percent: 45, upToMs: 40, ms: 4500 },
      // They do not answer one another's questions, or the one before a take (M6) would stop the second holder.
      { atMs: 300, kind: 'cut', networks: BOTH, pairs: between([2], [3]), ms: 4500 },
    ];
    for (let atMs = 600, to = 3; atMs < 4500; atMs += 250, to = 5 - to)
      faults.push({ atMs: atMs + random.next() * 30, kind: 'wish', service: 'web', board: to });
    return faults;
  },
};
