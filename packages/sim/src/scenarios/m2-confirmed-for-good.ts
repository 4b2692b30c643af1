import type { Fault } from '../fault.js';
import type { Scenario } from './scenario.js';

export const m2: Scenario = {
  name: 'M2: what was confirmed as gone is never created',
  rule: 'M2',
  story:
    'A board says that it holds nothing, its redirectd is restarted and has forgotten, and an order that was held up ' +
    'on the way arrives: the pulse has promised not to obey it.',
  boards: 3,
  services: [{ pool: [2, 3], takeover: 'strict' }],
  plan: (random) => {
    const faults: Fault[] = [{ atMs: 300, kind: 'relay-late', percent: 50, upToMs: 240, ms: 4000 }];
    for (let atMs = 400, to = 3; atMs < 4200; atMs += 150 + random.next() * 100, to = 5 - to) {
      faults.push({ atMs, kind: 'wish', service: 'web', board: to });
      faults.push({ atMs: atMs + 20 + random.next() * 150, kind: 'kill', board: 5 - to, process: 'redirectd', ms: 5 });
    }
    return faults;
  },
};
