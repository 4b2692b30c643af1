import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const program = fileURLToPath(new URL('../../bin/softset.js', import.meta.url));

/**
 * A board whose network A is a bond and whose network B a VLAN, and three neighbours: two boards, and something that is on
 * network A alone. A kernel without those kinds of device gets others of the same names: to softset they are devices.
 */
describe('softset init --from-network, on two wires', function () {
  this.timeout(60_000);
  const place = (name: string): string => `softset-init-${name}-${process.pid}`;
  const names = ['own', 'one', 'two', 'half', 'switches'];
  const ip = (...words: string[]): void => void execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const at = (name: string, ...words: string[]): void => ip('-n', place(name), ...words);
  const can = (name: string, ...words: string[]): boolean =>
    spawnSync('ip', ['-n', place(name), ...words]).status === 0;
  let folder = '';

  /** A device of `name` with a port of its own on a switch. */
  function wire(name: string, device: string, bridge: string): void {
    const port = `${bridge}-${name}`;
    ip('link', 'add', port, 'netns', place('switches'), 'type', 'veth', 'peer', 'name', device, 'netns', place(name));
    at('switches', 'link', 'set', port, 'master', bridge, 'up');
    at(name, 'link', 'set', device, 'up');
  }
  function address(name: string, device: string, ...own: string[]): void {
    at(name, 'link', 'set', device, 'up');
    for (const one of own) at(name, 'address', 'add', one, 'dev', device);
  }

  before(() => {
    folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'softset-init-'));
    for (const name of names) ip('netns', 'add', place(name));
    for (const bridge of ['swa', 'swb']) {
      at('switches', 'link', 'add', bridge, 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0');
      at('switches', 'link', 'set', bridge, 'up');
    }
    for (const name of ['one', 'two']) {
      wire(name, 'eth0', 'swa');
      wire(name, 'eth1', 'swb');
    }
    wire('half', 'eth0', 'swa');
    wire('own', 'eth0', 'swa');
    wire('own', 'eth1', 'swb');
    // network A of this board: a bond of one link.
    if (can('own', 'link', 'add', 'bond0', 'type', 'bond', 'mode', 'active-backup')) {
      at('own', 'link', 'set', 'eth0', 'down');
      at('own', 'link', 'set', 'eth0', 'master', 'bond0');
    } else at('own', 'link', 'set', 'eth0', 'down', 'name', 'bond0');
    address('own', 'bond0', '10.1.0.1/16');
    // network B of all: VLAN 100.
    for (const name of ['own', 'one', 'two']) {
      const vlan = ['link', 'add', 'link', 'eth1', 'name', 'eth1.100', 'type'];
      if (!can(name, ...vlan, 'vlan', 'id', '100')) at(name, ...vlan, 'macvlan', 'mode', 'bridge');
    }
    address('own', 'eth1.100', '20.1.0.1/16');
    address('one', 'eth0', '10.1.0.2/16');
    address('one', 'eth1.100', '20.1.0.2/16');
    address('two', 'eth0', '10.1.1.11/16');
    address('two', 'eth1.100', '20.1.1.11/16');
    address('half', 'eth0', '10.1.0.9/16');
  });
  after(() => {
    for (const name of names) spawnSync('ip', ['netns', 'delete', place(name)]);
    rmSync(folder, { recursive: true, force: true });
  });

  const init = (...words: string[]) =>
    spawnSync('ip', ['netns', 'exec', place('own'), process.execPath, program, 'init', '--dir', folder, ...words], {
      encoding: 'utf8',
      env: { ...process.env, SOFTSET_BOARD: 'cpu-1' },
    });

  it('proposes who answers on both, names who answers on one, and writes nothing', () => {
    const told = init('--from-network', '--name', 'lab');
    expect(told.stderr).to.equal('');
    expect(told.status).to.equal(0);
    expect(told.stdout).to.contain('this board: cpu-1, 10.1.0.1 on bond0, 20.1.0.1 on eth1.100');
    expect(told.stdout).to.contain('10.1.0.9 answered on network A alone');
    expect(existsSync(join(folder, 'cluster.yaml'))).to.equal(false);
    const line = told.stdout.trimEnd().split('\n').at(-1)?.trim() ?? '';
    expect(line).to.equal(
      'softset init --name lab --network-a 10.1.0.0/16,bond0 --network-b 20.1.0.0/16,eth1.100' +
        ' --boards cpu-1=10.1.0.1/20.1.0.1,board-0-2=10.1.0.2/20.1.0.2,board-1-11=10.1.1.11/20.1.1.11',
    );
    const done = init(...line.split(' ').slice(2));
    expect(done.stderr).to.equal('');
    expect(done.status).to.equal(0);
    expect(existsSync(join(folder, 'cluster.yaml'))).to.equal(true);
  });

  it('says what there is where it cannot tell which two are meant', () => {
    at('own', 'link', 'set', 'eth1.100', 'down');
    try {
      const told = init('--from-network', '--dir', join(folder, 'other'));
      expect(told.status).to.equal(100);
      expect(told.stderr).to.contain('devices with an address and a carrier are 10.1.0.0/16,bond0');
    } finally {
      at('own', 'link', 'set', 'eth1.100', 'up');
    }
  });
});
