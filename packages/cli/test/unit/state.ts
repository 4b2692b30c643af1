import type { BoardState, NetrackState } from '@softset/protocol';

export function board(id: number, name: string, more: Partial<BoardState> = {}): BoardState {
  return {
    board: id,
    name,
    verdict: 'up',
    sinceMs: 1_000,
    path: 'A',
    paths: { A: true, B: true },
    daemons: ['netrackd', 'redirectd', 'psrmd'],
    amnesiac: false,
    leaving: false,
    health: 0,
    programs: [],
    admin: 'in-service',
    ...more,
  };
}

const programs = [{ program: 'echo', state: 'ready', sinceMs: 1_000, restarts: 0 }] as const;

/** A chassis in which all is well, 61 s after its boards came up. */
export function well(more: Partial<NetrackState> = {}): NetrackState {
  return {
    cluster: 'chassis',
    board: 1,
    nowMs: 62_000,
    term: 3,
    director: 1,
    deputy: 2,
    role: 'director',
    directing: true,
    amnesiac: false,
    quorum: { present: 3, needed: 2, votes: 3 },
    pulse: true,
    boards: [
      board(1, 'cpu-1', { verdict: 'self', programs }),
      board(2, 'cpu-2', { programs }),
      board(6, 'ccn'),
      board(7, 'router-1', { daemons: ['netrackd', 'redirectd'] }),
    ],
    faults: [],
    services: [
      { service: 'media', phase: 'held', holder: { board: 1, grant: { term: 3, n: 1 } }, cause: 'nobody holds it' },
    ],
    register: { term: 3, index: 4 },
    alarms: [],
    ...more,
  };
}
