import { NETWORKS } from '@softset/protocol';
import type { ProcessName } from '../../board.js';
import { between, type Fault } from '../../fault.js';
import { held } from '../expect.js';
import type { Scenario } from '../scenario.js';

/** From the cut over the verdict, the fence and its answer to the end of the move are some two hundred steps of a process. */
const SEEDS = 48;
const STRIDE = 4;

/** Board 1 directs; 2 holds `web`, which is strict and fenced, and `media`, which is fast and fenced; 3 stands by. */
const FENCED: Pick<Scenario, 'boards' | 'services'> = {
  boards: 5,
  services: [
    { pool: [2, 3], takeover: 'strict', fencing: 'power' },
    { pool: [2, 3], takeover: 'fast', fencing: 'power' },
  ],
};

/** The holder hears nobody, and lives: what only its lease and its power supply can end. */
const cutOff = (atMs: number, ms: number): Fault => {
  return { atMs, kind: 'cut', networks: NETWORKS, pairs: between([2], [1, 3, 4, 5]), ms };
};

function interrupted(within: ProcessName, board: 1 | 3, whole: boolean): Scenario {
  const who = board === 1 ? 'the director' : 'the new holder';
  return {
    ...FENCED,
    name: `fencing: ${who} ${whole ? 'dies whole' : `loses its ${within}`} between two steps of ${within} while a holder is fenced`,
    story:
      'The holder is cut off, and each seed lets the other die a few steps later, and come back: the power is taken away ' +
      'once more, which does no harm, and nobody takes a strict service before.',
    seeds: SEEDS,
    faultsMs: 2600,
    plan: (_random, _cluster, seed) => {
      const when = { atMs: 600.5, board, steps: (seed - 1) * STRIDE };
      return [
        whole
          ? { ...when, kind: 'reboot', disk: 'kept', ms: 400, within }
          : { ...when, kind: 'kill', process: within, ms: 30 },
        cutOff(600, 2500),
      ];
    },
  };
}

/** A power supply that is asked to end a board, and what may come between. */
export const FENCING: readonly Scenario[] = [
  interrupted('netrackd', 1, true),
  interrupted('redirectd', 1, true),
  interrupted('redirectd', 1, false),
  interrupted('redirectd', 3, false),
  {
    ...FENCED,
    name: 'fencing: the holder is heard again before its power goes',
    story: 'It was cut off for a moment, confirmed what it let go of, and loses its power all the same.',
    seeds: SEEDS,
    faultsMs: 2600,
    plan: (random, _cluster, seed) => [cutOff(600 + random.next() * 20, 40 + seed * 6)],
  },
  {
    ...FENCED,
    name: 'fencing: while the power supply does not obey, the strict service waits and the fast one moves',
    story: 'The ended lease of a holder that is cut off is not enough for a strict service whose fencing is asked for.',
    faultsMs: 2600,
    expects: [held(2500, 'media', 3), held(2500, 'web', 'nobody')],
    plan: (random) => [{ atMs: 500, kind: 'fences-fail', ms: 9000 }, cutOff(600 + random.next() * 20, 2500)],
  },
  ...(['obey', 'fail'] as const).map(
    (how): Scenario => ({
      ...FENCED,
      services: (FENCED.services ?? []).map((one) => ({ ...one, fencing: 'switch-port' })),
      name: `fencing: the holder is cut off at its switches, which ${how}`,
      story: 'It lives, and hears nobody. A switch that does not obey moves no strict service.',
      faultsMs: 2600,
      expects: [held(2500, 'media', 3), held(2500, 'web', how === 'fail' ? 'nobody' : 3)],
      plan: (random) => [{ atMs: 500, kind: `fences-${how}`, ms: 9000 }, cutOff(600 + random.next() * 20, 2500)],
    }),
  ),
  {
    ...FENCED,
    name: 'fencing: once the power is gone, the strict service moves',
    story: 'The power supply obeys, and the holder comes up again while it is still cut off.',
    faultsMs: 2600,
    expects: [held(2500, 'media', 3), held(2500, 'web', 3)],
    plan: (random) => [{ atMs: 500, kind: 'fences-obey', ms: 9000 }, cutOff(600 + random.next() * 20, 2500)],
  },
];
