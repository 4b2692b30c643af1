import type { BoardId, BoardState, Cluster, NetrackState, ServiceState } from '@softset/protocol';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { type Facts, heard } from '@softset/snmpag/core/softset/facts.js';

export const clusterText = `version: 1
cluster: { name: chassis, number: 4711, keyFile: chassis.key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  cpu-1: { id: 1, role: control, A: 10.1.1.1, B: 20.1.1.1, vote: true }
  cpu-2: { id: 2, role: control, A: 10.1.1.2, B: 20.1.1.2, vote: true }
  io-1: { id: 3, role: io, A: 10.1.1.3, B: 20.1.1.3, vote: true }
services:
  media: { addresses: [192.168.1.1/32, "2001:db8::1/128"], pool: [cpu-1, cpu-2], programs: [echo] }
  web: { addresses: [192.168.1.2/32], pool: [cpu-2, cpu-1], takeover: strict }
programs:
  echo: { command: [/bin/sleep, "1000"], exclusive: address }
  lone: { command: [/bin/sleep, "1000"], boards: [cpu-1] }
`;

export const cluster: Cluster = (() => {
  const read = parseClusterFile(clusterText, 'test.yaml');
  if (!read.ok) throw new Error(read.message);
  return read.value;
})();

export function board(id: BoardId, part: Partial<BoardState> = {}): BoardState {
  return {
    board: id,
    name: cluster.boards[id - 1]?.name ?? '',
    verdict: id === 1 ? 'self' : 'up',
    sinceMs: 1000,
    path: 'A',
    paths: { A: true, B: true },
    daemons: ['netrackd', 'redirectd', 'psrmd'],
    amnesiac: false,
    leaving: false,
    health: 0,
    programs: id === 2 ? [{ program: 'echo', state: 'up', sinceMs: 0, restarts: 2 }] : [],
    admin: 'in-service',
    ...part,
  };
}

export function held(service: string, holder: BoardId, n = 1): ServiceState {
  return { service, phase: 'held', holder: { board: holder, grant: { term: 1, n } }, cause: 'at the start' };
}

export function state(part: Partial<NetrackState> = {}): NetrackState {
  return {
    cluster: 'chassis',
    board: 1,
    nowMs: 5000,
    term: 1,
    director: 1,
    deputy: 2,
    role: 'director',
    directing: true,
    amnesiac: false,
    quorum: { present: 3, needed: 2, votes: 3 },
    pulse: true,
    boards: [board(1), board(2), board(3)],
    faults: [],
    services: [held('media', 1), held('web', 2)],
    register: { term: 1, index: 7 },
    alarms: [],
    ...part,
  };
}

/** As cpu-1 sees it: all well, every daemon there. */
export function facts(part: Partial<Facts> = {}): Facts {
  const self = cluster.boards[0];
  if (self === undefined) throw new Error('no board');
  return {
    cluster,
    board: self,
    netrack: heard(state()),
    psrm: heard([
      { program: 'echo', state: 'ready', sinceMs: 2000, restarts: 0, pid: 4242, wanted: true },
      { program: 'lone', state: 'failed', sinceMs: 2500, restarts: 3, lastEnd: 'exit 1', wanted: true },
    ]),
    redirect: heard(['web']),
    rules: heard({
      files: [{ name: 'media.yaml', revision: 'abc' }],
      rules: 2,
      deciding: true,
      atLimit: [],
      snmp: [],
      tally: [
        {
          rule: 'board lost',
          file: 'media.yaml',
          fired: 3,
          heldBack: 1,
          last: { atMs: 1_700_000_000_000, instance: 'board lost [io-1]', outcome: 'done' },
        },
        { rule: 'quiet', file: 'media.yaml', fired: 0, heldBack: 0 },
      ],
    }),
    geodhcp: heard({
      answering: true,
      why: 'this board directs',
      ports: [{ place: 'sw-a/p1', name: 'cpu-1', network: 'A', addresses: ['10.1.1.1'], devices: [] }],
      leases: [
        {
          ip: '10.1.1.1',
          mac: '02:00:0a:01:01:01',
          place: 'sw-a/p1',
          name: 'cpu-1',
          by: 'dhcp',
          sinceMs: 1_700_000_000_000,
          untilMs: 1_700_000_600_000,
        },
      ],
      conflicts: [
        { ip: '10.1.1.9', place: 'sw-a/p9', where: 'nowhere', sinceMs: 1_700_000_000_000, untilMs: 1_700_000_060_000 },
      ],
    }),
    ...part,
  };
}
