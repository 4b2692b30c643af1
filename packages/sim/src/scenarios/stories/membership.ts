import { between, type Fault } from '../../fault.js';
import { directs, held, without } from '../expect.js';
import { BOTH, type Scenario } from '../scenario.js';
import { COMMON } from './common.js';

const drain = (board: number) => ({ kind: 'admin', board, admin: 'drained' }) as const;
const work = (board: number) => ({ kind: 'admin', board, admin: 'in-service' }) as const;
const leave = (board: number) => ({ kind: 'leave', board }) as const;

/** Drained, then gone: what `softset board leave BOARD` does. */
const leaves = (atMs: number, board: number): Fault[] => [
  { atMs, kind: 'change', change: drain(board) },
  { atMs: atMs + 200, kind: 'change', change: leave(board) },
];

/** A strict service between boards 1 and 2 of three that all vote; 1 directs and holds it. */
const THREE: Pick<Scenario, 'boards' | 'services'> = { boards: 3, services: [{ pool: [1, 2], takeover: 'strict' }] };

export const r4: Scenario = {
  ...THREE,
  name: 'R4: votes change one at a time, and only when a majority has the change before',
  rule: 'R4',
  story:
    'The director is cut off and is told in the same moment that both others leave. Without the rule it is a majority ' +
    'by itself from then on, and holds its service for ever; the others, who know nothing of it, elect another.',
  faultsMs: 4000,
  plan: (random) => {
    const atMs = 900 + random.next() * 20;
    return [
      { atMs: 500, kind: 'change', change: drain(2) },
      { atMs: 520, kind: 'change', change: drain(3) },
      { atMs, kind: 'cut', networks: BOTH, pairs: between([1], [2, 3]), ms: 2500 },
      { atMs: atMs + 0.5, kind: 'change', change: leave(2) },
      { atMs: atMs + 1, kind: 'change', change: leave(3) },
      // What was drained is given work again where the others are: a wish reaches each side's director.
      { atMs: atMs + 800, kind: 'change', change: work(2) },
    ];
  },
};

/** Boards that leave for good and return, and quorums that operators force. */
export const MEMBERSHIP: readonly Scenario[] = [
  {
    ...COMMON,
    name: 'two of five boards leave for good, and a third dies: the votes that are left are a majority',
    story: 'Of five votes two would be too few. Services went first, so that nobody missed the boards that left.',
    faultsMs: 3500,
    plan: (random) => {
      const atMs = 1600 + random.next() * 20;
      return [
        ...leaves(600, 4),
        ...leaves(900, 5),
        ...[4, 5].map((board): Fault => ({ atMs: 1400, kind: 'reboot', board, disk: 'kept', ms: 9000 })),
        { atMs, kind: 'reboot', board: 3, disk: 'kept', ms: 9000 },
      ];
    },
    expects: [without(1390, [4, 5]), held(2400, 'media', 1), held(3400, 'web', 2)],
  },
  {
    ...COMMON,
    name: 'the holder leaves for good: its service goes first, then its vote',
    story: 'The wish to leave is uttered while it holds: it is refused, and granted when it was drained.',
    faultsMs: 2500,
    plan: () => [{ atMs: 600, kind: 'change', change: leave(2) }, ...leaves(800, 2)],
    expects: [without(790, []), held(1400, 'web', 3), without(1400, [2])],
  },
  {
    ...COMMON,
    name: 'the director leaves for good: it makes room, and stands no more',
    story: 'A majority knows that it has no vote; only then does it step down.',
    faultsMs: 2500,
    plan: () => leaves(600, 1),
    expects: [without(1400, [1]), directs(2400, [2, 3, 4, 5])],
  },
  {
    ...COMMON,
    name: 'two boards have left, a third loses its disk, and remembers again by the votes that count',
    story: 'The cluster file still counts the vote of the other one that left: by it, majorities would not meet.',
    faultsMs: 4000,
    plan: (random) => [
      ...leaves(600, 4),
      ...leaves(900, 5),
      { atMs: 1500 + random.next() * 20, kind: 'reboot', board: 3, disk: 'lost', ms: 200 },
      { atMs: 2600, kind: 'reboot', board: 1, disk: 'kept', ms: 500 },
    ],
    expects: [without(2500, [4, 5]), directs(3900, [2, 3])],
  },
  {
    ...COMMON,
    name: 'a board is back from a reboot without its votes',
    story: 'It abstains for two leases, then counts again: with it and without two others there is a majority.',
    faultsMs: 4000,
    plan: (random) => [
      { atMs: 600 + random.next() * 20, kind: 'reboot', board: 5, disk: 'lost', ms: 150 },
      ...[1, 2].map((board): Fault => ({ atMs: 2200, kind: 'reboot', board, disk: 'kept', ms: 9000 })),
    ],
    expects: [held(2100, 'web', 2), held(3900, 'web', 3), held(3900, 'media', 3), directs(3900, [3, 4, 5])],
  },
  {
    ...THREE,
    name: 'a majority lost its memory, and the operator forces a quorum',
    story: 'Nobody is left who could know better; what they are told is an ordinary majority again.',
    faultsMs: 4000,
    plan: (random) => [
      ...[2, 3].map(
        (board): Fault => ({ atMs: 700 + random.next() * 20, kind: 'reboot', board, disk: 'lost', ms: 200 }),
      ),
      { atMs: 2000, kind: 'force', board: 1 },
    ],
    expects: [held(1900, 'web', 'nobody'), held(3900, 'web', 1)],
  },
  {
    ...THREE,
    name: 'two of three boards are dead for good, and the operator forces a quorum on the third',
    story: 'Once both are back they follow, and have no votes until they are given back.',
    faultsMs: 5000,
    plan: (random) => [
      ...[1, 3].map(
        (board): Fault => ({ atMs: 700 + random.next() * 20, kind: 'reboot', board, disk: 'kept', ms: 3000 }),
      ),
      { atMs: 1700, kind: 'force', board: 2 },
    ],
    expects: [held(1600, 'web', 'nobody'), held(3500, 'web', 2), without(4900, [1, 3])],
  },
];

/** Not clean, and cannot be: told to show what `softset quorum force` warns of. */
export const forcedAgainstTheLiving: Scenario = {
  ...THREE,
  name: 'a quorum is forced on the minority side while the majority lives: two boards answer',
  story: 'Board 2 hears nobody; the operator says that the others are dead, and they are not.',
  faultsMs: 4000,
  plan: (random) => [
    { atMs: 700 + random.next() * 20, kind: 'cut', networks: BOTH, pairs: between([2], [1, 3]), ms: 3500 },
    { atMs: 1500, kind: 'force', board: 2 },
  ],
};
