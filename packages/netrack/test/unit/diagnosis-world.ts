import type { Board, BoardId, Cluster, Network } from '@softset/protocol/cluster.js';
import type { PulseBoard, PulseReport } from '@softset/protocol/pulse-socket.js';

const ROLES = [
  ['cpu-1', 'control', '1.1', true],
  ['cpu-2', 'control', '1.2', true],
  ['io-1', 'io', '1.11', false],
  ['io-2', 'io', '1.12', false],
  ['io-3', 'io', '1.13', false],
  ['ccn', 'control', '1.20', true],
  ['router-1', 'router', '1.254', false],
] as const;

/** The chassis of (002 Figs 3, 11), or its first boards. */
export function chassis(count: number = ROLES.length): Cluster {
  const boards = ROLES.slice(0, count).map(
    ([name, role, host, vote], i): Board => ({
      name,
      id: i + 1,
      role,
      addresses: { A: `10.1.${host}`, B: `20.1.${host}` },
      devices: { A: 'a0', B: 'b0' },
      vote,
      disk: true,
    }),
  );
  return {
    name: 'chassis',
    number: 4711,
    keyFile: 'chassis.key',
    timing: { intervalMs: 10, leaseMs: 250, proofMs: 50 },
    ports: { beat: 7413, relay: 7414, alert: 7415 },
    networks: { A: { subnet: { ip: '10.1.0.0', length: 16 } }, B: { subnet: { ip: '20.1.0.0', length: 16 } } },
    boards,
    ...(count >= 7 ? { gateway: 7 } : {}),
    outside: [{ ip: '203.0.113.0', length: 24 }],
    services: [
      {
        name: 'media',
        index: 0,
        addresses: [{ ip: '192.168.1.1', length: 32 }],
        pool: [1, 2],
        redundancy: '2n',
        programs: ['echo'],
        takeover: 'fast',
        announce: ['arp', 'route'],
        failback: 'manual',
      },
    ],
    programs: [
      {
        name: 'echo',
        boards: [1, 2],
        service: 'media',
        command: ['/bin/echo'],
        environment: {},
        directory: '/',
        after: [],
        requires: [],
        log: { bytesMax: 1_048_576 },
        exclusive: 'address',
        restart: 'permanent',
        exits: { normal: [0], final: [], again: [] },
        pause: { minMs: 50, maxMs: 1000, quietMs: 10_000 },
        giveUp: { deaths: 3, withinMs: 10_000 },
        stop: { signal: 'TERM', timeoutMs: 3000 },
      },
    ],
  };
}

export interface Chassis {
  /** `x` hears `y` on the network. */
  readonly passes: (x: BoardId, y: BoardId, network: Network) => boolean;
  readonly carrier: (x: BoardId, network: Network) => boolean;
  readonly down: readonly BoardId[];
}
export const ALL_WELL: Chassis = { passes: () => true, carrier: () => true, down: [] };

/** What the pulse of `self` reports of such a chassis. */
export function see(cluster: Cluster, self: BoardId, world: Chassis): PulseReport {
  const ids = cluster.boards.map((board) => board.id);
  const hears = (x: BoardId, y: BoardId, network: Network): boolean =>
    x !== y && !world.down.includes(x) && !world.down.includes(y) && world.passes(x, y, network);
  const both = <T>(ask: (network: Network) => T): Record<Network, T> => ({ A: ask('A'), B: ask('B') });
  const board = (id: BoardId): PulseBoard => ({
    board: id,
    verdict: world.down.includes(id) ? 'down' : 'up',
    sinceMs: 4000,
    paths: both((n) => hears(self, id, n)),
    boot: '00000000000000a1',
    incarnation: 1,
    health: 0,
    daemons: ['netrackd', 'redirectd', 'psrmd'],
    amnesiac: false,
    leaving: false,
    term: 1,
    director: 1,
    elected: id === 1,
    deputy: 2,
    config: 42,
    carrier: both((n) => world.carrier(id, n)),
    hears: both((n) => ids.filter((y) => hears(id, y, n))),
    leases: [],
    pulseDead: false,
  });
  return {
    boot: '00000000000000a1',
    incarnation: 1,
    term: 1,
    director: 1,
    elected: true,
    amnesiac: false,
    health: 0,
    isolated: false,
    carrier: both((n) => world.carrier(self, n)),
    boards: ids.filter((id) => id !== self).map(board),
    held: [],
    refused: {},
    refusedGrants: [],
    doubt: false,
    daemons: ['netrackd', 'redirectd', 'psrmd'],
    alarms: [],
  };
}
