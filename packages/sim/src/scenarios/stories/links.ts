import { type Fault, oneWay } from '../../fault.js';
import { unmoved } from '../expect.js';
import { BOTH, type Scenario } from '../scenario.js';
import { COMMON } from './common.js';

/** Networks that are bad, and not gone. */
export const LINKS: readonly Scenario[] = [
  {
    ...COMMON,
    name: 'a board is heard and does not hear',
    story: 'One way only, on both networks, at the director.',
    plan: () => [{ atMs: 600, kind: 'cut', networks: BOTH, pairs: oneWay([2, 3, 4, 5], [1]), ms: 1500 }],
  },
  {
    ...COMMON,
    name: 'loss one way',
    story:
      'Of what the director and a holder say to the others a part is lost on both networks, and nothing of what they hear.',
    faultsMs: 3000,
    plan: (random) =>
      BOTH.map((network) => ({
        atMs: 600,
        kind: 'loss',
        network,
        percent: 25 + random.integer(0, 10),
        pairs: [...oneWay([1], [2, 3, 4, 5]), ...oneWay([2], [1, 3, 4, 5])],
        ms: 2300,
      })),
    expects: [unmoved(2950)],
  },
  {
    ...COMMON,
    name: 'both networks lose 30 % of everything',
    story: 'Beats, questions and messages; two networks are enough for nothing to move.',
    faultsMs: 3000,
    plan: () => BOTH.map((network) => ({ atMs: 600, kind: 'loss', network, percent: 30, ms: 2300 })),
    expects: [unmoved(2950)],
  },
  {
    ...COMMON,
    name: 'a link flaps',
    story: "The holder's link on A comes and goes many times a second; the address changes its network, not its board.",
    faultsMs: 3000,
    plan: (random) =>
      Array.from({ length: 40 }, (_, i): Fault => {
        const ms = 5 + random.next() * 40;
        return { atMs: 600 + i * 55 + random.next() * 10, kind: 'link', board: 2, network: 'A', ms };
      }),
    expects: [unmoved(2950)],
  },
];
