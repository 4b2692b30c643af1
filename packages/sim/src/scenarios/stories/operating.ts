import type { ProcessName } from '../../board.js';
import { held } from '../expect.js';
import type { Scenario } from '../scenario.js';
import { COMMON } from './common.js';

/** Steps of one process from the wish to the end of all moves of a drain, and some more. */
const STEPS = 48;
const drain = (board: number) => ({ kind: 'admin', board, admin: 'drained' }) as const;

/** Two instances on boards 2 and 3, boards 4 and 5 for spares; 1 directs and holds nothing. */
const POOL = [2, 3, 4, 5];
const N_PLUS_M: Pick<Scenario, 'boards' | 'services'> = {
  boards: 5,
  services: [0, 1].map((i) => ({
    pool: POOL,
    takeover: i === 0 ? 'strict' : 'fast',
    redundancy: 'n+m',
    group: 'all',
    ranks: POOL.map((_, at) => (at === i ? 1 : at > 1 ? 2 : 3)),
    apart: [i === 0 ? 'media' : 'web'],
  })),
};

/** Board 2 is drained, then 3: two moves each way, and the director or who obeys it dies in the midst of them. */
function diesInDrain(within: ProcessName, board: 1 | 2 | 4, whole: boolean): Scenario {
  const who = { 1: 'the director', 2: 'the drained board', 4: 'the spare' }[board];
  return {
    ...N_PLUS_M,
    name: `n+m: ${who} ${whole ? 'dies whole' : `loses its ${within}`} between two steps of ${within} during a drain`,
    story: 'Each seed lets it die one step later, and come back: never two holders, and apart is kept.',
    seeds: STEPS,
    faultsMs: 1400,
    plan: (_random, _cluster, seed) => {
      const when = { atMs: 600.5, board, steps: seed - 1 };
      return [
        whole
          ? { ...when, kind: 'reboot', disk: 'kept', ms: 400, within }
          : { ...when, kind: 'kill', process: within, ms: 30 },
        { atMs: 600.5, kind: 'change', change: drain(2) },
      ];
    },
  };
}

/** Operators at work, spares that run out, and what is interrupted. */
export const OPERATING: readonly Scenario[] = [
  diesInDrain('netrackd', 1, true),
  diesInDrain('redirectd', 1, true),
  diesInDrain('redirectd', 2, false),
  diesInDrain('redirectd', 4, false),
  {
    ...N_PLUS_M,
    name: 'n+m: two boards die at once, each has a spare',
    story: 'Both instances lose their board in the same beat; both are held again, on the two spares.',
    faultsMs: 2500,
    // The fast one is free first, and has the choice.
    expects: [held(2400, 'media', 4), held(2400, 'web', 5)],
    plan: (random) => {
      const atMs = 800 + random.next() * 20;
      return [2, 3].map((board) => ({ atMs, kind: 'reboot', board, disk: 'kept', ms: 5000 }));
    },
  },
  {
    ...N_PLUS_M,
    name: 'n+m: three boards die at once, one spare is left; the other instance waits, and a board that returns takes it',
    story: 'Nothing that is held moves when the board returns, and nothing is lost.',
    faultsMs: 3500,
    voters: [1, 2, 5],
    expects: [held(2400, 'media', 5), held(3400, 'media', 5), held(3400, 'web', 3)],
    plan: (random) => {
      const atMs = 800 + random.next() * 20;
      return [
        { atMs, kind: 'reboot', board: 2, disk: 'kept', ms: 9000 },
        { atMs, kind: 'reboot', board: 4, disk: 'kept', ms: 9000 },
        { atMs, kind: 'reboot', board: 3, disk: 'kept', ms: 1800 },
      ];
    },
  },
  {
    ...COMMON,
    name: 'a drained director gives up what it holds, and directs on',
    story: 'What an operator drains keeps its vote and its office.',
    faultsMs: 1800,
    services: [{ pool: [1, 3], takeover: 'strict' }],
    expects: [held(1700, 'web', 3)],
    plan: () => [{ atMs: 700, kind: 'change', change: drain(1) }],
  },
];
