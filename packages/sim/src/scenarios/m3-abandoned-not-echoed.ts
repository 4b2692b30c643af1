import { BOTH, type Scenario } from './scenario.js';

export const m3: Scenario = {
  name: 'M3: an abandoned holder is not echoed until it confirmed',
  rule: 'M3',
  story:
    'A holder that nobody reached lost its address to another and is heard again; its redirectd hangs, so that it ' +
    'confirms nothing. Echoed again, it would answer beside the other one.',
  boards: 5,
  services: [{ pool: [2, 3], takeover: 'fast' }],
  plan: (random) => {
    const atMs = 600 + random.next() * 50;
    return [
      { atMs: atMs - 20, kind: 'freeze', board: 2, process: 'redirectd', ms: 850 },
      { atMs, kind: 'mute', board: 2, networks: BOTH, way: 'tx', ms: 70 + random.next() * 60 },
    ];
  },
};
