import { notLive } from '@softset/netrack/core/rollout/live.js';
import type { Cluster } from '@softset/protocol';
import { expect } from 'chai';
import { clusterOf } from './cluster-world.js';

type Change = (cluster: Cluster) => Cluster;
const board =
  (i: number, change: object): Change =>
  (cluster) => ({
    ...cluster,
    boards: cluster.boards.map((one, at) => (at === i ? { ...one, ...change } : one)),
  });
const service =
  (i: number, change: object): Change =>
  (cluster) => ({
    ...cluster,
    services: cluster.services.map((one, at) => (at === i ? { ...one, ...change } : one)),
  });
const timing =
  (change: object): Change =>
  (cluster) => ({ ...cluster, timing: { ...cluster.timing, ...change } });
const fifth =
  (vote: boolean): Change =>
  (cluster) => {
    const [first] = cluster.boards;
    if (!first) throw new Error('no boards');
    return { ...cluster, boards: [...cluster.boards, { ...first, name: 'b5', id: 5, vote }] };
  };

describe('what cannot change while boards run', () => {
  const refused: readonly [string, Change, string][] = [
    ['the cluster’s number', (c) => ({ ...c, number: 1 }), 'cluster.number'],
    ['its name', (c) => ({ ...c, name: 'other' }), 'cluster.name'],
    ['the key file', (c) => ({ ...c, keyFile: 'other' }), 'cluster.keyFile'],
    ['a second key file', (c) => ({ ...c, oldKeyFile: 'other' }), 'cluster.oldKeyFile'],
    ['the lease, longer', timing({ leaseMs: 500 }), 'timing.leaseMs'],
    ['the lease, shorter', timing({ leaseMs: 200 }), 'timing.leaseMs'],
    ['the proof', timing({ proofMs: 60 }), 'timing.proofMs'],
    ['a port', (c) => ({ ...c, ports: { ...c.ports, beat: 9 } }), 'ports'],
    ['a network', (c) => ({ ...c, networks: { ...c.networks, A: c.networks.B } }), 'networks'],
    ['a board’s number', board(1, { id: 9 }), 'boards.b2.id'],
    ['a board’s vote', board(3, { vote: true }), 'boards.b4.vote'],
    ['a board’s address', board(1, { addresses: { A: '10.1.0.9', B: '20.1.0.2' } }), 'boards.b2'],
    ['a board’s device', board(1, { devices: { A: 'x', B: 'b' } }), 'boards.b2'],
    ['a new board that votes', fifth(true), 'boards.b5.vote'],
    ['a board that is gone', (c) => ({ ...c, boards: c.boards.slice(0, 3) }), 'boards.b4'],
    ['a service’s address', service(0, { addresses: [{ ip: '192.168.1.9', length: 32 }] }), 'services.media'],
    ['a service’s MAC', service(0, { mac: '02:5f:00:00:00:01' }), 'services.media'],
    ['a smaller pool', service(0, { pool: [1, 2] }), 'services.media.pool'],
    ['another order of services', (c) => ({ ...c, services: [...c.services].reverse() }), 'services.media'],
    ['a service that is gone', (c) => ({ ...c, services: c.services.slice(0, 1) }), 'services.voice'],
  ];
  for (const [what, change, field] of refused)
    it(`${what} is refused, by its field`, () => {
      const before = clusterOf();
      expect(notLive(before, change(before)).map((one) => one.field)).to.deep.equal([field]);
    });

  const allowed: readonly [string, Change][] = [
    ['nothing', (c) => c],
    ['the interval, which each beat names', timing({ intervalMs: 20 })],
    ['a larger pool', service(0, { pool: [1, 2, 4, 3] })],
    ['how a service fails back', service(0, { failback: 'auto', failbackStableMs: 1000 })],
    [
      'a new service behind the others',
      (c) => ({ ...c, services: [...c.services, { ...c.services[0], name: 'new' } as never] }),
    ],
    ['a new board without a vote', fifth(false)],
  ];
  for (const [what, change] of allowed)
    it(`${what} may change`, () => {
      const before = clusterOf();
      expect(notLive(before, change(before))).to.deep.equal([]);
    });
});
