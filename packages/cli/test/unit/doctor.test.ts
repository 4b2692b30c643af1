import { unwrap } from '@softset/base';
import { plain } from '@softset/cli/colour.js';
import { render } from '@softset/cli/doctor/command.js';
import type { DaemonFact, DeviceFact, Facts } from '@softset/cli/doctor/facts.js';
import { judge } from '@softset/cli/doctor/judge.js';
import { accountOf, boardIn } from '@softset/cli/install/place.js';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { expect } from 'chai';
import { board, well as wellState } from './state.js';

const cluster = unwrap(
  parseClusterFile(
    `version: 1
cluster: { name: lab, number: 7, keyFile: k }
networks: { A: { subnet: 10.1.0.0/16, device: eth0 }, B: { subnet: 20.1.0.0/16, device: eth1 } }
boards: { cpu-1: { id: 1, A: 10.1.0.1, B: 20.1.0.1, vote: true } }
`,
    'x',
  ),
);
const device = (name: string, address: string): DeviceFact => ({
  name,
  there: true,
  up: true,
  carrier: true,
  multicast: true,
  mtu: 1500,
  mac: `02:00:00:00:00:0${name.at(-1)}`,
  addresses: [address],
});
const daemon = (name: string, more: Partial<DaemonFact> = {}): DaemonFact => ({
  name,
  pid: 7,
  capabilities: (1n << 12n) | (1n << 13n) | (1n << 23n),
  policy: 2,
  uid: 100,
  outdated: false,
  ...more,
});
const well: Facts = {
  board: 'cpu-1',
  clusterFile: '/etc/softset/cluster.yaml',
  cluster,
  user: { uid: 100, gid: 100 },
  files: [
    { what: 'key', path: '/k', mode: 0o600, uid: 100, gid: 100, wellFormed: true },
    { what: 'run directory', path: '/run/softset', mode: 0o750, uid: 100, gid: 100, freeBytes: 1e9, memory: true },
  ],
  clock: { nowMs: 2_000, builtMs: 1_000, keptBy: 'chronyd' },
  devices: { A: device('eth0', '10.1.0.1'), B: device('eth1', '20.1.0.1') },
  settings: { 'eth0.arp_ignore': 1 },
  ruleset: [],
  leases: '',
  realTime: true,
  daemons: [daemon('netrack-pulse'), daemon('netrackd'), daemon('redirectd')],
  takenPorts: [7413],
  skipped: [],
};
const found = (more: Partial<Facts>): string[] => judge({ ...well, ...more }).map(({ code }) => code);

describe('what softset doctor thinks of', () => {
  it('a board where all is well: nothing', () => expect(judge(well)).to.deep.equal([]));

  const cases: readonly [string, Partial<Facts>, readonly string[]][] = [
    [
      'a clock that is before this software was made',
      { clock: { nowMs: 1, builtMs: 2, keptBy: 'chronyd' } },
      ['CLOCK_WRONG'],
    ],
    ['a clock that nobody keeps', { clock: { nowMs: 2, builtMs: 1 } }, ['CLOCK_UNKEPT']],
    ['a kernel without sets with timeouts', { leases: 'Operation not supported' }, ['NO_NFTABLES']],
    [
      'one cable for both networks',
      { devices: { A: device('eth0', '10.1.0.1'), B: { ...device('eth0', '20.1.0.1') } } },
      ['ONE_DEVICE'],
    ],
    [
      'cables that were swapped',
      { devices: { A: device('eth0', '20.1.0.1'), B: device('eth1', '10.1.0.1') } },
      ['ADDRESS_MISSING', 'ADDRESS_MISSING'],
    ],
    [
      'a bond whose halves have one MAC',
      { devices: { A: { ...device('eth0', '10.1.0.1'), mac: 'x' }, B: { ...device('eth1', '20.1.0.1'), mac: 'x' } } },
      ['ONE_MAC'],
    ],
    [
      'a pulse without a capability',
      { daemons: [daemon('netrack-pulse', { capabilities: 1n << 12n }), ...well.daemons.slice(1)] },
      ['CAPABILITY_MISSING'],
    ],
    [
      'a pulse without its priority',
      { daemons: [daemon('netrack-pulse', { policy: 0 }), ...well.daemons.slice(1)] },
      ['NOT_REAL_TIME'],
    ],
    [
      'a daemon that an upgrade left running',
      { daemons: [...well.daemons, daemon('psrmd', { outdated: true })] },
      ['OUTDATED'],
    ],
    ['no daemon, and a port that is taken', { daemons: [] }, ['PORT_TAKEN', 'NOT_RUNNING']],
    [
      "a key that is another user's",
      { files: [{ what: 'key', path: '/k', mode: 0o600, uid: 4711, gid: 1, wellFormed: true }] },
      ['KEY_OWNER'],
    ],
    [
      "a run directory that is root's",
      { files: [{ what: 'run directory', path: '/r', mode: 0o750, uid: 0, gid: 0, memory: true }] },
      ['FOLDER_OWNER'],
    ],
    [
      'a run directory on a disk',
      { files: [{ what: 'run directory', path: '/r', mode: 0o750, uid: 100, gid: 0, memory: false }] },
      ['RUN_DIR_ON_DISK'],
    ],
    [
      'a member that was never formed',
      { files: [{ what: 'vote record', path: '/v', problem: 'ENOENT', mode: 0, uid: 0, gid: 0 }] },
      ['NOT_FORMED'],
    ],
    [
      "somebody else's chain that accepts",
      { ruleset: [{ chain: { family: 'inet', table: 'x', name: 'in', hook: 'input', policy: 'accept' } }] },
      [],
    ],
    [
      "somebody else's chain of a forwarder",
      { ruleset: [{ chain: { family: 'inet', table: 'x', name: 'f', hook: 'forward', policy: 'drop' } }] },
      [],
    ],
    ['a service that empties nftables when it is restarted', { flushes: true }, ['NFTABLES_FLUSHED']],
  ];
  for (const [title, more, codes] of cases)
    it(`${title}: ${codes.join(', ') || 'nothing'}`, () => expect(found(more)).to.deep.equal(codes));

  it('a cluster whose configuration differs, and that nobody directs', () => {
    const state = wellState({
      director: 0,
      faults: [{ kind: 'config-differs', target: 'io-1', sinceMs: 0, evidence: 'its file has another hash' }],
    });
    expect(found({ state })).to.include.members(['CONFIG_DIFFERS', 'NO_DIRECTOR']);
  });

  it('boards of two releases, while they are there: VERSIONS_DIFFER', () => {
    const boards = (release: string, verdict: 'up' | 'down') => [
      board(1, 'cpu-1', { verdict: 'self', release: '0.1.0' }),
      board(2, 'cpu-2', { verdict, release }),
      board(6, 'ccn'),
    ];
    const [finding] = judge({ ...well, state: wellState({ boards: boards('0.2.0', 'up') }) });
    expect(finding).to.include({ code: 'VERSIONS_DIFFER', severity: 'warning' });
    expect(finding?.found).to.equal('this board runs 0.1.0, cpu-2 runs 0.2.0');
    expect(found({ state: wellState({ boards: boards('0.2.0', 'down') }) })).to.deep.equal([]);
    expect(found({ state: wellState({ boards: boards('0.1.0', 'up') }) })).to.deep.equal([]);
  });

  it('is told in 80 columns, faults first, each with what to do', () => {
    const facts = {
      ...well,
      daemons: [],
      clock: { nowMs: 2, builtMs: 1 },
      skipped: ['the cluster as a whole: no netrackd answers here'],
    };
    const lines = render(facts, judge(facts), plain);
    expect(Math.max(...lines.map((line) => line.length))).to.be.at.most(80);
    expect(lines[0]).to.equal('cpu-1 of lab: 1 fault, 2 warnings');
    expect(lines.slice(2, 4)).to.deep.equal(['FAULT PORT_TAKEN', '  another program serves UDP port 7413']);
    expect(lines[4]).to.match(/^ {2}-> ss -lunp/);
    expect(lines.at(-1)).to.equal('not looked at: the cluster as a whole: no netrackd answers here');
  });
});

describe('where an installed board keeps things', () => {
  it('is called by the last BOARD in /etc/default/softset', () => {
    expect(boardIn('#BOARD=a\nBOARD=cpu-1\n')).to.equal('cpu-1');
    expect(boardIn('BOARD="cpu-2"\n')).to.equal('cpu-2');
    expect(boardIn("BOARD='a'\nBOARD=b")).to.equal('b');
    expect(boardIn('BOARD=\n')).to.equal(undefined);
    expect(boardIn('')).to.equal(undefined);
  });

  it('knows the daemons’ user by passwd(5)', () => {
    expect(accountOf('softset', 'root:x:0:0::/:/bin/sh\nsoftset:x:101:102::/:/x\n')).to.deep.equal({
      uid: 101,
      gid: 102,
    });
    expect(accountOf('softset', 'softset2:x:1:1::/:/x\n')).to.equal(undefined);
  });
});
