import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unwrap } from '@softset/base';
import { hostOf, readBoards, readNetwork, voters } from '@softset/cli/init/answers.js';
import { composeClusterFile } from '@softset/cli/init/compose.js';
import { chooseLegs } from '@softset/cli/init/from-network.js';
import { hostsToAsk, type Link, legsOf, propose, readHosts } from '@softset/cli/init/proposal.js';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { expect } from 'chai';

const networks = {
  A: unwrap(readNetwork('A', '10.1.0.0/16,eth0')),
  B: unwrap(readNetwork('B', '20.1.0.0/16,eth1,224.0.0.254')),
};

describe('the answers of softset init', () => {
  it('give each board the next address of both subnets, and its role', () => {
    const boards = unwrap(readBoards('cpu-1:control, io-1=10.1.9.9/20.1.9.9,io-2:io', networks));
    expect(boards).to.deep.equal([
      { name: 'cpu-1', role: 'control', A: '10.1.0.1', B: '20.1.0.1' },
      { name: 'io-1', role: 'node', A: '10.1.9.9', B: '20.1.9.9' },
      { name: 'io-2', role: 'io', A: '10.1.0.3', B: '20.1.0.3' },
    ]);
  });

  it('never give a broadcast address, or one beyond the subnet', () => {
    const small = { ip: '10.0.0.0', length: 30 };
    expect([1, 2, 3, 4].map((n) => hostOf(small, n))).to.deep.equal(['10.0.0.1', '10.0.0.2', undefined, undefined]);
    expect(hostOf({ ip: '10.0.0.0', length: 16 }, 256)).to.equal('10.0.1.0');
    expect(hostOf({ ip: 'fd00::', length: 64 }, 258)).to.equal('fd00::102');
  });

  for (const [title, read, message] of [
    ['a network without a device', () => readNetwork('A', '10.1.0.0/16'), 'SUBNET,DEVICE'],
    ['a network that is none', () => readNetwork('A', 'eth0,10.1.0.0/16'), 'network A'],
    ['a role that there is not', () => readBoards('cpu-1:boss', networks), 'control, io, router, node'],
    ['half an address', () => readBoards('cpu-1=10.1.1.1', networks), 'ADDRESS_ON_A/ADDRESS_ON_B'],
    ['no name', () => readBoards('cpu-1,,io-1', networks), 'names no board'],
    [
      'more boards than addresses',
      () => readBoards('a,b,c', { ...networks, A: unwrap(readNetwork('A', '10.0.0.0/30,x')) }),
      'no address left',
    ],
  ] as const) {
    it(`refuse ${title}`, () => {
      const answer = read();
      expect(answer).to.include({ ok: false, code: 'USAGE' });
      expect(!answer.ok && answer.message).to.contain(message);
    });
  }

  it('let an odd number vote, control boards first', () => {
    const vote = (text: string, split = false) => voters(unwrap(readBoards(text, networks)), split);
    expect(vote('a')).to.deep.equal(['a']);
    expect(vote('a,b')).to.deep.equal(['a']);
    expect(vote('a,b', true)).to.deep.equal(['a', 'b']);
    expect(vote('a,b,c:control,d')).to.deep.equal(['c', 'a', 'b']);
  });

  it('make a file that is good, for each number of boards', () => {
    for (let count = 1; count <= 64; count++) {
      const words = Array.from({ length: count }, (_, i) => `board-${i + 1}${i === 5 ? ':router' : ''}`);
      const boards = unwrap(readBoards(words.join(','), networks));
      const splitBrain = count === 2;
      const text = composeClusterFile(
        { name: 'x', number: 7, networks, boards, votes: voters(boards, splitBrain), splitBrain },
        'cluster.key',
      );
      const parsed = parseClusterFile(text, 'x.yaml');
      expect(parsed.ok || parsed.message, String(count)).to.equal(true);
      expect(Math.max(...text.split('\n').map((line) => line.length)), 'fits').to.be.at.most(120);
    }
  });
});

describe('softset init', function () {
  this.timeout(30_000);
  const program = fileURLToPath(new URL('../../bin/softset.js', import.meta.url));
  let folder = '';
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'softset-init-')), 'etc');
  });
  afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));
  const flags = ['--name', 'lab', '--network-a', '10.1.0.0/16,eth0', '--network-b', '20.1.0.0/16,eth1'];
  const init = (...more: string[]) =>
    spawnSync(process.execPath, [program, 'init', '--dir', folder, ...more], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  it('writes a cluster file and a key that nobody else may read', () => {
    const done = init(...flags, '--boards', 'cpu-1,cpu-2,io-1');
    expect(done.stderr).to.equal('');
    expect(done.status).to.equal(0);
    expect(statSync(join(folder, 'cluster.key')).mode & 0o777).to.equal(0o600);
    expect(statSync(join(folder, 'cluster.yaml')).mode & 0o777).to.equal(0o640);
    expect(readFileSync(join(folder, 'cluster.key'), 'utf8')).to.match(/^[0-9a-f]{64}\n$/);
    expect(parseClusterFile(readFileSync(join(folder, 'cluster.yaml'), 'utf8'), 'x').ok).to.equal(true);
  });

  for (const file of ['cluster.yaml', 'cluster.key']) {
    it(`leaves alone a ${file} that is there, and writes nothing beside it`, () => {
      init(...flags, '--boards', 'cpu-1');
      const other = file === 'cluster.yaml' ? 'cluster.key' : 'cluster.yaml';
      rmSync(join(folder, other));
      writeFileSync(join(folder, file), 'mine');
      const done = init(...flags, '--boards', 'cpu-1');
      expect(done.status).to.equal(1);
      expect(done.stderr).to.contain(`${file} is there`);
      expect(readFileSync(join(folder, file), 'utf8')).to.equal('mine');
      expect(existsSync(join(folder, other))).to.equal(false);
    });
  }

  it('writes nothing where the answers do not fit together, and names what is missing', () => {
    const two = init(...flags, '--boards', 'cpu-1,cpu-2', '--votes', 'cpu-1,cpu-2');
    expect(two.status).to.equal(1);
    expect(two.stderr).to.contain('two votes cannot outlive a cut');
    const outside = init(...flags, '--boards', 'cpu-1=10.9.1.1/20.1.1.1');
    expect(outside.stderr).to.contain('outside network A');
    const none = init('--name', 'lab');
    expect(none.status).to.equal(100);
    expect(none.stderr).to.contain('--network-a, --network-b, --boards');
    expect(init(...flags, '--boards', 'a', '--votes', 'b').stderr).to.contain('no board "b"');
    expect(existsSync(join(folder, 'cluster.yaml')) || existsSync(join(folder, 'cluster.key'))).to.equal(false);
  });
});

describe('softset init --from-network', () => {
  const link = (ifname: string, local: string | undefined, more: Partial<Link> = {}): Link => ({
    ifname,
    flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    addr_info: local === undefined ? [] : [{ local, prefixlen: 16, scope: 'global' }],
    ...more,
  });
  const legs = {
    A: { device: 'bond0', address: '10.1.0.1', subnet: { ip: '10.1.0.0', length: 16 } },
    B: { device: 'eth2.100', address: '20.1.0.1', subnet: { ip: '20.1.0.0', length: 16 } },
  };

  it('takes a bond and a VLAN as any device, and no part of one, no loopback, and none without carrier or address', () => {
    const seen = legsOf([
      link('lo', '127.0.0.1', { flags: ['LOOPBACK', 'UP', 'LOWER_UP'] }),
      link('eth0', undefined, { flags: ['SLAVE', 'UP', 'LOWER_UP'], master: 'bond0' }),
      link('eth1', '10.9.0.1', { flags: ['SLAVE', 'UP', 'LOWER_UP'], master: 'bond0' }),
      link('bond0', '10.1.0.1', { flags: ['MASTER', 'UP', 'LOWER_UP'] }),
      link('eth2', undefined),
      link('eth2.100', '20.1.0.1'),
      link('eth3', '30.1.0.1', { flags: ['UP', 'NO-CARRIER'] }),
    ]);
    expect(seen).to.deep.equal([legs.A, legs.B]);
  });

  it('takes the only two, or the two that are named, and guesses at nothing', () => {
    const third = { device: 'mgmt', address: '192.168.0.9', subnet: { ip: '192.168.0.0', length: 24 } };
    expect(unwrap(chooseLegs([legs.A, legs.B], {}))).to.deep.equal(legs);
    const swapped = unwrap(chooseLegs([legs.A, legs.B], { networkA: '20.1.0.0/16,eth2.100' }));
    expect(swapped).to.deep.equal({ A: legs.B, B: legs.A });
    const named = { networkA: '10.1.0.0/16,bond0', networkB: '20.1.0.0/16,eth2.100' };
    expect(unwrap(chooseLegs([third, legs.A, legs.B], named))).to.deep.equal(legs);
    for (const [all, flags, words] of [
      [[third, legs.A, legs.B], {}, '--network-a and --network-b must say which'],
      [[third, legs.A, legs.B], { networkA: named.networkA }, '--network-b must say which'],
      [[legs.A], {}, '10.1.0.0/16,bond0'],
      [[legs.A, legs.B], { networkB: '20.2.0.0/16,eth2.100' }, 'network B: eth2.100 is not up with an address'],
    ] as const) {
      const answer = chooseLegs(all, flags);
      expect(!answer.ok && answer.message).to.contain(words);
    }
  });

  it('asks the whole of a small subnet, and the part around this board of a large one', () => {
    const of = (address: string, length: number): string[] =>
      hostsToAsk({
        device: 'x',
        address,
        subnet: { ip: address.replace(/\.\d+\.\d+$/, length < 24 ? '.0.0' : '.1.0'), length },
      });
    const small = of('10.1.1.11', 29);
    expect(small).to.have.length(6).and.not.include('10.1.1.7');
    const large = of('10.1.5.11', 16);
    expect(large).to.have.length(1021).and.include('10.1.4.1').and.include('10.1.7.254').and.not.include('10.1.5.11');
  });

  it('proposes who answers on both networks by the same host part, under its name where there is one', () => {
    const names = readHosts('127.0.0.1 localhost\n20.1.0.3 io-1.example io-1 # the first\n20.1.0.3 later\n');
    const answered = { A: ['10.1.1.11', '10.1.0.3', '10.1.0.9'], B: ['20.1.0.3', '20.1.1.11', '20.1.0.77'] };
    expect(propose({ own: 'cpu-1', legs, answered, names })).to.deep.equal({
      boards: [
        { name: 'cpu-1', A: '10.1.0.1', B: '20.1.0.1' },
        { name: 'io-1', A: '10.1.0.3', B: '20.1.0.3' },
        { name: 'board-1-11', A: '10.1.1.11', B: '20.1.1.11' },
      ],
      half: [
        { network: 'A', ip: '10.1.0.9' },
        { network: 'B', ip: '20.1.0.77' },
      ],
    });
  });
});
