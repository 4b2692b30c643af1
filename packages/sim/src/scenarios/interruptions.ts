import { type BoardId, type Change, NETWORKS } from '@softset/protocol';
import type { ProcessName } from '../board.js';
import { between, type Fault } from '../fault.js';
import { held } from './expect.js';
import { type Scenario, simOf } from './scenario.js';

/**
 * Every plan that a director has, interrupted at every step: who directs, gives up or takes dies, or stands still until
 * another directs, between any two steps of a process, from the wish to the end of the plan. The next director takes stock,
 * finishes it or undoes it; what the old one says late does nothing; never two holders, and in the end all is well.
 *
 * All runs of one interruption have the same chance: they are one run, cut short one step later each time, so that no
 * boundary is left out. `steps` says how many there are. `npm run sim -- --interruptions` goes through all of them.
 */
export interface Interruption extends Scenario {
  readonly shape: Shape;
  readonly victim: Victim;
  readonly chance: number;
}

/** A plan: what sets it off, and how long it takes when nothing comes between. */
interface Shape {
  readonly name: string;
  readonly services: Scenario['services'];
  readonly starts: readonly Start[];
  /** From what sets it off to its end, virtual ms, with some to spare. */
  readonly lastsMs: number;
  /** Who holds web and media then. */
  readonly ends: readonly [web: BoardId, media: BoardId];
}

/** A fault without its time. */
type Start = Fault extends infer F ? (F extends { readonly atMs: number } ? Omit<F, 'atMs'> : never) : never;

interface Victim {
  readonly who: 'the director' | 'who gives up' | 'who takes';
  readonly within: ProcessName;
  readonly end: 'dies whole' | 'is killed' | 'stands still';
}

const START_MS = 600;
/** A little later than the strike is armed. */
const STRIKE_MS = 600.5;
/** Long enough for another director, and for it to serve elsewhere. */
const STILL_MS = 900;
const CHANCE = 7;

const BOARD: Readonly<Record<Victim['who'], BoardId>> = { 'the director': 1, 'who gives up': 2, 'who takes': 3 };

/** Two services on board 2, board 3 stands by for both; 1, 4 and 5 hold nothing. */
const WEB = { pool: [2, 3], takeover: 'strict' } as const;
const MEDIA = { pool: [2, 3], takeover: 'fast' } as const;
const PAIR: Scenario['services'] = [WEB, MEDIA];
const change = (wanted: Change): Start => ({ kind: 'change', change: wanted });
const cutOff: Start = { kind: 'cut', networks: NETWORKS, pairs: between([2], [1, 3, 4, 5]), ms: 2500 };

const SHAPES: readonly Shape[] = [
  {
    name: 'a move',
    services: PAIR,
    starts: [{ kind: 'wish', service: 'web', board: 3 }],
    lastsMs: 30,
    ends: [3, 2],
  },
  {
    name: 'a drain',
    services: PAIR,
    starts: [change({ kind: 'admin', board: 2, admin: 'drained' })],
    lastsMs: 60,
    ends: [3, 3],
  },
  {
    name: 'a move of what goes together',
    services: [
      { ...WEB, together: ['media'] },
      { ...MEDIA, together: ['web'], requires: ['web'] },
    ],
    starts: [{ kind: 'wish', service: 'web', board: 3 }],
    lastsMs: 200,
    ends: [3, 3],
  },
  {
    name: 'a pin, and the move after it',
    services: PAIR,
    starts: [change({ kind: 'pin', service: 'web', board: 3 }), { kind: 'wish', service: 'web', board: 3 }],
    lastsMs: 40,
    ends: [3, 2],
  },
  {
    name: 'the other network preferred',
    services: PAIR,
    starts: [change({ kind: 'prefer', network: 'B' })],
    lastsMs: 40,
    ends: [2, 2],
  },
  {
    name: 'a failover after a crash',
    services: PAIR,
    starts: [{ kind: 'reboot', board: 2, disk: 'kept', ms: 9000 }],
    lastsMs: 450,
    ends: [3, 3],
  },
  {
    name: 'a failover from a board that is cut off',
    services: PAIR,
    starts: [cutOff],
    lastsMs: 450,
    ends: [3, 3],
  },
  {
    name: 'a failover that waits for a fence',
    services: [WEB, MEDIA].map((one) => ({ ...one, fencing: 'power' })),
    starts: [{ kind: 'fences-obey', ms: 9000 }, cutOff],
    lastsMs: 900,
    ends: [3, 3],
  },
  {
    name: 'a failover that waits until the board is cut off at its switches',
    services: [WEB, MEDIA].map((one) => ({ ...one, fencing: 'switch-port' })),
    starts: [{ kind: 'fences-obey', ms: 9000 }, cutOff],
    lastsMs: 900,
    ends: [3, 3],
  },
];

const VICTIMS: readonly Victim[] = [
  { who: 'the director', within: 'netrackd', end: 'dies whole' },
  { who: 'the director', within: 'redirectd', end: 'dies whole' },
  { who: 'the director', within: 'netrackd', end: 'is killed' },
  { who: 'the director', within: 'redirectd', end: 'is killed' },
  { who: 'the director', within: 'netrackd', end: 'stands still' },
  { who: 'the director', within: 'redirectd', end: 'stands still' },
  { who: 'who gives up', within: 'redirectd', end: 'is killed' },
  { who: 'who takes', within: 'redirectd', end: 'is killed' },
  { who: 'who takes', within: 'pulse', end: 'is killed' },
];

function strike({ who, within, end }: Victim, steps: number): Fault {
  const when = { atMs: STRIKE_MS, board: BOARD[who], steps };
  if (end === 'dies whole') return { ...when, kind: 'reboot', disk: 'kept', ms: 400, within };
  if (end === 'is killed') return { ...when, kind: 'kill', process: within, ms: 30 };
  return { ...when, kind: 'freeze', process: within, ms: STILL_MS };
}

export const INTERRUPTIONS: readonly Interruption[] = SHAPES.flatMap((shape) =>
  VICTIMS.filter((victim) => isThere(shape, victim)).map(
    (victim): Interruption => ({
      name: `interrupted: ${shape.name}; ${victim.who} ${victim.end}, between two steps of ${victim.within}`,
      story: 'Each seed strikes one step later.',
      shape,
      victim,
      boards: 5,
      services: shape.services,
      chance: CHANCE,
      faultsMs: STRIKE_MS + shape.lastsMs + (victim.end === 'stands still' ? STILL_MS : 500),
      plan: (_random, _cluster, seed) => [strike(victim, seed - 1), ...begin(shape)],
    }),
  ),
);

/** A board without power runs no steps, and a pulse takes little but beats while nobody orders anything of it. */
function isThere({ starts, services, lastsMs }: Shape, { who, within }: Victim): boolean {
  const powerless = starts.some(({ kind }) => kind === 'reboot') || services.some(({ fencing }) => fencing === 'power');
  return !(who === 'who gives up' && powerless) && !(within === 'pulse' && lastsMs > 100);
}

function begin(shape: Shape): Fault[] {
  return shape.starts.map((start): Fault => ({ ...start, atMs: STRIKE_MS }));
}

/** How many steps the victim takes from the begin of the plan to its end; also what is wrong where it does not end well. */
export function steps({ shape, victim, ...scenario }: Interruption): {
  readonly count: number;
  readonly wrong?: string;
} {
  const endMs = STRIKE_MS + shape.lastsMs;
  let count = 0;
  const look = (atMs: number, sign: 1 | -1) => ({
    atMs,
    wrong: ({ boards }: Parameters<ReturnType<typeof held>['wrong']>[0]) => {
      count += sign * (boards.get(BOARD[victim.who])?.[victim.within]?.steps ?? 0);
      return undefined;
    },
  });
  const [web, media] = shape.ends;
  const whole: Scenario = {
    ...scenario,
    faultsMs: endMs + 1,
    expects: [look(START_MS, -1), look(endMs, 1), held(endMs, 'web', web), held(endMs, 'media', media)],
    plan: () => begin(shape),
  };
  const [violation] = simOf(whole, 1, []).run().violations;
  return { count, ...(violation === undefined ? {} : { wrong: violation.text }) };
}
