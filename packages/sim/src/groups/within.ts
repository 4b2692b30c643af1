import type { BoardId } from '@softset/protocol';
import { ClusterSim } from '../cluster-sim.js';

/** When a crash is made, virtual ms: by then the chassis is whole. */
const CRASH_MS = 800;
const LOOK_MS = 0.5;
const LIMIT_MS = 500;

/** What one crash within a chassis cost, virtual ms. */
export interface Within {
  /** Until all boards that are left call it down. */
  readonly allMs: number;
  /** Until the director does; where the director crashed, until another directs. */
  readonly directorMs: number;
  /** Boards that live and were called down by anybody, from the start of the day to the end. */
  readonly falseDown: number;
}

/**
 * A chassis of up to 64 boards with its real cores, of which one loses its power: the detection that groups stand on.
 * Undefined where the crash was not seen in half a second.
 */
export function crashWithin(boards: number, seed: number, victim: 'director' | 'other'): Within | undefined {
  const { world } = new ClusterSim({ seed, boards, plan: () => [] });
  const { timeline } = world;
  for (const board of world.boards.values()) timeline.after(world.random.next() * 20, () => board.powerOn());
  timeline.runUntil(CRASH_MS, () => false);
  const directing = (): BoardId | undefined =>
    [...world.boards.values()].find((board) => board.powered && board.netrackd?.state.role === 'director')?.id;
  const director = directing();
  const others = [...world.boards.keys()].filter((id) => id !== director);
  const dead = victim === 'director' ? director : world.random.pick(others);
  if (director === undefined || dead === undefined) return undefined;
  world.boards.get(dead)?.powerOff('kept');
  const living = [...world.boards.values()].filter(({ powered }) => powered);
  const verdict = (at: (typeof living)[number], of: BoardId) => at.pulse?.state.peers.get(of)?.verdict;
  let directorMs: number | undefined;
  for (let ms = LOOK_MS; ms <= LIMIT_MS; ms += LOOK_MS) {
    timeline.runUntil(CRASH_MS + ms, () => false);
    const now = directing();
    const one = now === undefined ? undefined : world.boards.get(now);
    if (one && verdict(one, dead) === 'down') directorMs ??= ms;
    if (directorMs === undefined || living.some((board) => verdict(board, dead) !== 'down')) continue;
    const falseDown = living.filter((board) => living.some((other) => verdict(other, board.id) === 'down')).length;
    return { allMs: ms, directorMs, falseDown };
  }
  return undefined;
}
