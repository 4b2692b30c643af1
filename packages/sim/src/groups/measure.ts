import type { Random } from '@softset/base';
import { GROUP_BOARDS_MAX, GroupsSim } from './groups-sim.js';
import { crashWithin } from './within.js';

/** Beats of one board, a second, on both networks together: one each interval of 10 ms. */
const BEATS_PER_SECOND = 200;
const CALM_MS = 60_000;
const CRASHES = 20;
const LOST_GROUPS = 5;

/** Crashes in a chassis of 64 boards with its real cores. */
export interface WithinFigures {
  readonly otherMs: readonly number[];
  readonly directorMs: readonly number[];
  readonly allMs: readonly number[];
  readonly falseDown: number;
  readonly missed: number;
}

export interface GroupFigures {
  readonly boards: number;
  readonly groups: number;
  readonly delegates: number;
  /** From a crash until every delegate of every group knows, virtual ms. */
  readonly crashMs: readonly number[];
  /** From the loss of a whole group until the first, and the last, of the others holds it gone. */
  readonly lossFirstMs: readonly number[];
  readonly lossAllMs: readonly number[];
  /** What was never found out. */
  readonly missed: number;
  readonly calm: readonly CalmFigures[];
}

/** A minute in which nothing fails, but datagrams are lost and delegates stand still. */
export interface CalmFigures {
  readonly loss: number;
  readonly stallsPerMinute: number;
  readonly falseSuspicions: number;
  readonly falseDead: number;
  readonly falseGone: number;
  readonly perDelegatePerSecond: number;
  /** Of the ring, spread over all boards; and with a board's own beats. */
  readonly ringPerBoardPerSecond: number;
  readonly perBoardPerSecond: number;
}

export function measureWithin(runs: number, seed: number): WithinFigures {
  const taken = (victim: 'director' | 'other') =>
    Array.from({ length: runs }, (_, i) => crashWithin(GROUP_BOARDS_MAX, seed + i, victim));
  const [others, directors] = [taken('other'), taken('director')];
  const all = [...others, ...directors];
  const found = all.flatMap((one) => one ?? []);
  return {
    otherMs: others.flatMap((one) => one?.directorMs ?? []),
    directorMs: directors.flatMap((one) => one?.directorMs ?? []),
    allMs: found.map(({ allMs }) => allMs),
    falseDown: found.reduce((sum, { falseDown }) => sum + falseDown, 0),
    missed: all.length - found.length,
  };
}

export function measureGroups(boards: number, seed: number, within: WithinFigures): GroupFigures {
  const withinMs = (random: Random, director: boolean): number =>
    random.pick(director ? within.directorMs : within.otherMs);
  const options = { boards, seed, withinMs };
  const busy = new GroupsSim({ ...options, loss: 1, stallsPerMinute: 2 });
  busy.runFor(5000);
  const crashMs: number[] = [];
  let missed = 0;
  const ids = [...busy.groups.keys()];
  for (let i = 0; i < CRASHES; i++) {
    const group = ids[(i * 7) % ids.length] ?? 0;
    const { n, term } = busy.groups.get(group) ?? { n: 0, term: 0 };
    // A board, a delegate, a director: in turn.
    const board = [40 + Math.floor(i / 3), busy.groups.get(group)?.delegates[2], busy.groups.get(group)?.delegates[0]][
      i % 3
    ];
    busy.crash(group, board ?? 40);
    const said = (): boolean => {
      const now = busy.groups.get(group);
      return now !== undefined && (now.n !== n || now.term !== term) && busy.allKnow(group);
    };
    const tookMs = busy.until(said);
    if (tookMs === undefined) missed++;
    else crashMs.push(tookMs);
    busy.runFor(500);
  }
  const lossFirstMs: number[] = [];
  const lossAllMs: number[] = [];
  for (const group of ids.slice(-LOST_GROUPS)) {
    busy.lose(group);
    const firstMs = busy.until(() => busy.someMiss(group));
    const restMs = busy.until(() => busy.allMiss(group));
    if (firstMs === undefined || restMs === undefined) missed++;
    else {
      lossFirstMs.push(firstMs);
      lossAllMs.push(firstMs + restMs);
    }
    busy.runFor(1000);
  }
  const calm = [
    { loss: 0, stallsPerMinute: 0 },
    { loss: 5, stallsPerMinute: 2 },
    { loss: 30, stallsPerMinute: 0 },
    { loss: 5, stallsPerMinute: 12 },
  ].map((weather) => calmly({ ...options, ...weather }));
  return {
    boards,
    groups: ids.length,
    delegates: 3 * ids.length,
    crashMs,
    lossFirstMs,
    lossAllMs,
    missed,
    calm,
  };
}

function calmly(options: ConstructorParameters<typeof GroupsSim>[0]): CalmFigures {
  const sim = new GroupsSim(options);
  sim.runFor(5000);
  const before = sim.datagrams;
  const { falseDead, falseGone, falseSuspicions } = sim;
  sim.runFor(CALM_MS);
  const perSecond = (sim.datagrams - before) / (CALM_MS / 1000);
  const ringPerBoardPerSecond = perSecond / options.boards;
  return {
    loss: options.loss,
    stallsPerMinute: options.stallsPerMinute,
    falseSuspicions: sim.falseSuspicions - falseSuspicions,
    falseDead: sim.falseDead - falseDead,
    falseGone: sim.falseGone - falseGone,
    perDelegatePerSecond: perSecond / sim.delegates,
    ringPerBoardPerSecond,
    perBoardPerSecond: ringPerBoardPerSecond + BEATS_PER_SECOND,
  };
}
