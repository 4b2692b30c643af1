import type { BoardId, BoardState, Cluster, NetrackState, Program, ServiceState } from '@softset/protocol';

/** Boards 1 to 3 in one pool, board 4 outside it; `media` has a hot standby program, `disk` an exclusive one. */
export function cluster(): Cluster {
  const prefix = (ip: string, length: number) => ({ ip, length });
  const program = (name: string, exclusive: 'program' | 'address', service: string): Program => ({
    name,
    command: ['/bin/true'],
    environment: {},
    directory: '/',
    after: [],
    requires: [],
    log: { bytesMax: 1_048_576 },
    exclusive,
    restart: 'permanent',
    exits: { normal: [0], final: [], again: [] },
    pause: { minMs: 50, maxMs: 1000, quietMs: 10_000 },
    giveUp: { deaths: 3, withinMs: 10_000 },
    stop: { signal: 'TERM', timeoutMs: 3000 },
    boards: [1, 2, 3],
    service,
  });
  const service = (name: string, index: number, programs: readonly string[]) => ({
    name,
    index,
    addresses: [prefix(`192.168.1.${index + 1}`, 32)],
    pool: [1, 2, 3],
    redundancy: '2n' as const,
    programs,
    takeover: 'fast' as const,
    announce: ['arp' as const],
    failback: 'manual' as const,
  });
  return {
    name: 'chassis',
    number: 4711,
    keyFile: 'chassis.key',
    timing: { intervalMs: 10, leaseMs: 250, proofMs: 50 },
    ports: { beat: 7413, relay: 7414, alert: 7415 },
    networks: { A: { subnet: prefix('10.1.0.0', 16) }, B: { subnet: prefix('20.1.0.0', 16) } },
    boards: [1, 2, 3, 4].map((id) => ({
      name: `cpu-${id}`,
      id,
      role: 'control' as const,
      addresses: { A: `10.1.1.${id}`, B: `20.1.1.${id}` },
      devices: { A: 'a0', B: 'b0' },
      vote: true,
      disk: true,
    })),
    outside: [],
    services: [service('media', 0, ['echo']), service('disk', 1, ['mirror']), service('plain', 2, [])],
    programs: [program('echo', 'address', 'media'), program('mirror', 'program', 'disk')],
  };
}

export function board(id: BoardId, part: Partial<BoardState> = {}): BoardState {
  return {
    board: id,
    name: `cpu-${id}`,
    verdict: id === 1 ? 'self' : 'up',
    sinceMs: 0,
    paths: { A: true, B: true },
    daemons: ['netrackd', 'redirectd', 'psrmd'],
    amnesiac: false,
    leaving: false,
    health: 0,
    programs: [{ program: 'echo', state: 'ready', sinceMs: 0, restarts: 0 }],
    admin: 'in-service',
    ...part,
  };
}

export function held(service: string, holder: BoardId, n = 1): ServiceState {
  return { service, phase: 'held', holder: { board: holder, grant: { term: 1, n } }, cause: 'at the start' };
}

/** All services on board 1, all boards well, this board directing. */
export function state(part: Partial<NetrackState> = {}): NetrackState {
  return {
    cluster: 'chassis',
    board: 1,
    nowMs: 0,
    term: 1,
    director: 1,
    deputy: 2,
    role: 'director',
    directing: true,
    amnesiac: false,
    quorum: { present: 4, needed: 3, votes: 4 },
    pulse: true,
    boards: [board(1), board(2), board(3), board(4)],
    faults: [],
    services: [held('media', 1), held('disk', 1), held('plain', 1)],
    register: { term: 1, index: 1 },
    alarms: [],
    ...part,
  };
}

/** `base` with some boards and services replaced, found by their number and name. */
export function changed(
  base: NetrackState,
  boards: readonly BoardState[],
  services: readonly ServiceState[] = [],
): NetrackState {
  return {
    ...base,
    boards: base.boards.map((entry) => boards.find(({ board: id }) => id === entry.board) ?? entry),
    services: base.services.map((entry) => services.find(({ service }) => service === entry.service) ?? entry),
  };
}
