import { NETWORKS } from '@softset/protocol';
import { between, type Fault } from '../../fault.js';
import { alarmed, held, refused, unmoved } from '../expect.js';
import type { Scenario } from '../scenario.js';
import { COMMON } from './common.js';

const HOUR_MS = 3_600_000;

/** Boards and pulses that come back, come twice, or lose their time. */
export const LIVES: readonly Scenario[] = [
  {
    ...COMMON,
    name: "an old incarnation's late beats",
    story:
      "The holder's pulse and then the director's are restarted, and what they said before arrives once more, a quarter " +
      'of a second later.',
    faultsMs: 2500,
    plan: (random) =>
      [2, 1].flatMap((board, i): Fault[] => {
        const atMs = 600 + i * 800 + random.next() * 20;
        return [
          { atMs: atMs - 200, kind: 'copies', board, byMs: 250, ms: 200 },
          { atMs, kind: 'kill', board, process: 'pulse', ms: 4 },
        ];
      }),
    expects: [refused(1200, 'BEAT_OLD_INCARNATION'), unmoved(1300)],
  },
  {
    ...COMMON,
    name: "an old boot's late beats",
    story: 'A board reboots at once, and what it said before the reboot arrives when the new life is known.',
    faultsMs: 2500,
    plan: (random) => {
      const atMs = 600 + random.next() * 20;
      return [
        { atMs: atMs - 150, kind: 'copies', board: 2, byMs: 300, ms: 150 },
        { atMs, kind: 'reboot', board: 2, disk: 'kept', ms: 60 },
      ];
    },
    expects: [refused(1400, 'BEAT_OLD_BOOT')],
  },
  {
    ...COMMON,
    name: 'two boards with one id',
    story: 'A second machine says it is the holder, or the director: it is refused and told of, and nothing moves.',
    faultsMs: 2500,
    plan: (random) => [{ atMs: 600 + random.next() * 20, kind: 'twin', board: random.pick([1, 2]), ms: 1500 }],
    expects: [refused(1000, 'BEAT_DUPLICATE_BOARD', 5), alarmed(1500, 'DUPLICATE_BOARD'), unmoved(2450)],
  },
  {
    ...COMMON,
    name: 'clocks step by an hour',
    story:
      'The clocks of a holder, of the director and of a third jump forward, one after another: their leases are over.',
    faultsMs: 3500,
    plan: (random) =>
      [2, 1, 4].map((board, i) => ({
        atMs: 600 + i * 700 + random.next() * 50,
        kind: 'clock-step',
        board,
        byMs: HOUR_MS,
      })),
  },
  {
    ...COMMON,
    name: "the director's clock leaps while a lease runs out",
    story:
      'The holder and a board beside it are cut off; half a lease later the director believes that all of it passed.',
    faultsMs: 1500,
    plan: (random) => [
      { atMs: 600, kind: 'cut', networks: NETWORKS, pairs: between([2, 5], [1, 3, 4]), ms: 800 },
      { atMs: 680 + random.next() * 60, kind: 'clock-step', board: 1, byMs: 40 + random.next() * 500 },
    ],
    expects: [held(1100, 'web', 3)],
  },
];
