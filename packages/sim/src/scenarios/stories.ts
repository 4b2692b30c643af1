import { between, oneWay } from '../fault.js';
import { BOTH, type Scenario } from './scenario.js';

const SERVICES = [
  { pool: [2, 3], takeover: 'strict' },
  { pool: [3, 1, 2], takeover: 'fast' },
] as const;
const common = { boards: 5, services: SERVICES };

/** Stories of no rule in particular: each must be clean. */
export const STORIES: readonly Scenario[] = [
  {
    ...common,
    name: 'a partition heals',
    story: 'The director is with the minority; both sides have had their own view for half a second.',
    plan: (random) => [
      { atMs: 600, kind: 'cut', networks: BOTH, pairs: between([1, 2], [3, 4, 5]), ms: 300 + random.next() * 600 },
    ],
  },
  {
    ...common,
    name: 'the director dies between two steps of a move',
    story: 'Each seed lets it die after another number of steps, and come back.',
    plan: (random) => [
      { atMs: 600, kind: 'wish', service: 'web', board: 3 },
      { atMs: 600, kind: 'reboot', board: 'director', disk: 'kept', ms: 400, steps: random.integer(0, 25) },
    ],
  },
  {
    ...common,
    name: 'two candidates in one term',
    story: 'Two boards miss the director at the same moment, though it is well.',
    plan: (random) => [{ atMs: 600 + random.next() * 20, kind: 'misjudge', boards: [2, 4] }],
  },
  {
    ...common,
    name: 'of five boards only one hears everyone',
    story: 'Overlapping majorities: 1 and 2 do not hear 4 and 5, and 3 hears all.',
    plan: () => [{ atMs: 600, kind: 'cut', networks: BOTH, pairs: between([1, 2], [4, 5]), ms: 2500 }],
  },
  {
    ...common,
    name: 'a board is heard and does not hear',
    story: 'One way only, on both networks, at the director.',
    plan: () => [{ atMs: 600, kind: 'cut', networks: BOTH, pairs: oneWay([2, 3, 4, 5], [1]), ms: 1500 }],
  },
];
