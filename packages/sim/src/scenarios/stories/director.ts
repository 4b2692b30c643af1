import type { ProcessName } from '../../board.js';
import type { Scenario } from '../scenario.js';
import { COMMON } from './common.js';

/** Steps of one process from the wish to the end of a move, and some more. */
const STEPS = 64;

function dies(within: ProcessName, whole: boolean): Scenario {
  return {
    ...COMMON,
    name: `the director's ${whole ? 'board' : within} dies between two steps of ${within} during a move`,
    story: 'Each seed lets it die one step later, and come back.',
    seeds: STEPS,
    faultsMs: 1800,
    plan: (_random, _cluster, seed) => {
      const when = { atMs: 600.5, board: 1, steps: seed - 1 };
      return [
        whole
          ? { ...when, kind: 'reboot', disk: 'kept', ms: 400, within }
          : { ...when, kind: 'kill', process: within, ms: 30 },
        { atMs: 600.5, kind: 'wish', service: 'web', board: 3 },
      ];
    },
  };
}

/** The director is gone, or is thought to be. */
export const DIRECTOR: readonly Scenario[] = [
  dies('netrackd', true),
  dies('redirectd', true),
  dies('netrackd', false),
  dies('pulse', false),
  {
    ...COMMON,
    name: 'two candidates in one term',
    story: 'Two boards miss the director at the same moment, though it is well.',
    plan: (random) => [{ atMs: 600 + random.next() * 20, kind: 'misjudge', boards: [2, 4] }],
  },
];
