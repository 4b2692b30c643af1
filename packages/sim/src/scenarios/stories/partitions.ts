import { between } from '../../fault.js';
import { announced, held, heldByDirector } from '../expect.js';
import { BOTH, type Scenario } from '../scenario.js';
import { COMMON } from './common.js';

/** Boards that do not hear one another, and come back. */
export const PARTITIONS: readonly Scenario[] = [
  {
    ...COMMON,
    name: 'a partition heals',
    story:
      'The director and the holder are with the minority; both sides have had their own view for a while. The ' +
      'survivor tells its segment again once all hear it.',
    faultsMs: 3000,
    plan: (random) => [
      { atMs: 600, kind: 'cut', networks: BOTH, pairs: between([1, 2], [3, 4, 5]), ms: 1600 + random.next() * 200 },
    ],
    expects: [held(2150, 'web', 3), announced(2950, 'web', 2200)],
  },
  {
    ...COMMON,
    name: 'boards 1-2-3-4-5 where only 3 hears everyone',
    story: '1 and 2 do not hear 4 and 5, and 3 hears all: it can vote for one director only.',
    plan: () => [{ atMs: 600, kind: 'cut', networks: BOTH, pairs: between([1, 2], [4, 5]), ms: 2500 }],
  },
  {
    boards: 2,
    services: [
      { pool: [1, 2], takeover: 'strict' },
      { pool: [2, 1], takeover: 'fast' },
    ],
    name: 'a system of two boards is split',
    story:
      'First the witness hears both, and the director stays: what the other board held comes to it. Then the witness ' +
      'hears that board alone, which takes over everything.',
    faultsMs: 3500,
    plan: (random) => {
      const atMs = 600 + random.next() * 20;
      return [
        { atMs, kind: 'cut', networks: BOTH, pairs: between([1], [2]), ms: 2600 },
        { atMs: atMs + 1000, kind: 'cut', networks: BOTH, pairs: between([1], [3]), ms: 1500 },
      ];
    },
    expects: [heldByDirector(1550, 'web'), heldByDirector(1550, 'media'), held(2600, 'web', 2), held(2600, 'media', 2)],
  },
  ...(['A', 'B'] as const).map(
    (side): Scenario => ({
      boards: 5,
      voters: [1, 2, 3],
      services: [
        { pool: [3, 1], takeover: 'strict' },
        { pool: [4, 2], takeover: 'fast' },
      ],
      name: `the trunk is cut, the router is on ${side}, and the holders are on B`,
      story:
        'Boards 1 and 2 have lost network B, 3 and 4 network A, and the router, board 5, is on one side. Whichever it ' +
        'is, the side with a majority of the votes serves.',
      faultsMs: 3000,
      plan: (random) => {
        const atMs = 600 + random.next() * 30;
        const lost = (network: 'A' | 'B', ids: readonly number[]) =>
          ids.map((board) => ({ atMs, kind: 'link', board, network, ms: 1500 }) as const);
        const router = lost(side === 'A' ? 'B' : 'A', [5]);
        return [{ atMs, kind: 'trunk', ms: 1500 }, ...lost('B', [1, 2]), ...lost('A', [3, 4]), ...router];
      },
      expects: [held(500, 'web', 3), held(500, 'media', 4), held(2000, 'web', 1), held(2000, 'media', 2)],
    }),
  ),
];
