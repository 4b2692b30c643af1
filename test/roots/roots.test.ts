import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isWholeRoot } from '@softset/linux/whole-root.js';
import { expect } from 'chai';
import { builtPackage, has } from '../package/built.js';
import { type Board, Chassis } from './chassis.js';
import { debianBase } from './debian-base.js';
import {
  faultsOf,
  filesOf,
  holderOf,
  install,
  leftovers,
  rightsOf,
  setKernel,
  stateOf,
  timing,
  unitRights,
} from './installed.js';
import { until } from './until.js';

const daemons = ['netrack-pulse', 'netrackd', 'redirectd', 'psrmd'] as const;
const address = '192.0.2.10';
const service = `services:
  web: { addresses: [${address}/32], pool: [cpu-1, cpu-2], programs: [idle] }
programs:
  idle: { command: [/bin/sleep, "100000"], exclusive: address }
`;

describe('the package, installed into Debian roots', function () {
  // The first time a root is made, from Debian's archive.
  this.timeout(300_000);
  let chassis: Chassis | undefined;
  let boards: readonly Board[] = [];
  let bare: readonly string[] = [];
  const board = (name: string): Board => {
    const found = boards.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no board ${name}`);
    return found;
  };
  before(async function () {
    // Roots need mmdebstrap, and users of their own: one who is root in a user namespace alone has none.
    if (!isWholeRoot() || !(await has('mmdebstrap'))) this.skip();
    const { deb } = await builtPackage();
    chassis = new Chassis(await debianBase());
    await chassis.build(['cpu-1', 'cpu-2', 'io-1']);
    boards = chassis.boards;
    bare = filesOf(board('io-1'));
    await Promise.all(boards.map((one) => install(one, deb)));
  });
  after(() => chassis?.down());

  it('has a user without a shell, and folders that are its own', async () => {
    const told = await board('io-1').run(
      'sh',
      '-c',
      'getent passwd softset; stat -c "%A %U %G %n" /etc/softset /var/lib/softset /run/softset',
    );
    expect(told).to.match(/^softset:x:\d+:\d+:SOFTSET,*:\/var\/lib\/softset:\/usr\/sbin\/nologin\n/);
    expect(told).to.contain('drwxr-x--- root softset /etc/softset');
    expect(told).to.contain('drwxr-x--- softset softset /var/lib/softset');
    expect(told).to.contain('drwxr-x--- softset softset /run/softset');
  });

  it('is configured by softset init, whose file and key every daemon accepts', async () => {
    const first = board('cpu-1');
    await first.run(
      'softset',
      'init',
      '--name',
      'lab',
      '--network-a',
      '10.1.0.0/16,eth0',
      '--network-b',
      '20.1.0.0/16,eth1',
      '--boards',
      'cpu-1:control,cpu-2:control,io-1:io',
    );
    const written = join(first.root, 'etc/softset/cluster.yaml');
    writeFileSync(written, `${readFileSync(written, 'utf8').replace(/^timing: .*$/m, timing)}${service}`);
    const key = readFileSync(join(first.root, 'etc/softset/cluster.key'));
    for (const one of boards) {
      if (one !== first) {
        writeFileSync(join(one.root, 'etc/softset/cluster.yaml'), readFileSync(written), { mode: 0o640 });
        writeFileSync(join(one.root, 'etc/softset/cluster.key'), key, { mode: 0o600 });
        await one.run('chown', 'root:softset', '/etc/softset/cluster.yaml');
        await one.run('chown', 'softset:', '/etc/softset/cluster.key');
      }
      expect(await one.run('stat', '-c', '%a %U', '/etc/softset/cluster.key')).to.equal('600 softset\n');
      writeFileSync(join(one.root, 'etc/default/softset'), `BOARD=${one.name}\n`);
    }
    const place = [
      '--cluster',
      '/etc/softset/cluster.yaml',
      '--board',
      'cpu-1',
      '--run-dir',
      '/run/softset',
      '--check-config',
    ];
    for (const program of [
      'netrack/bin/netrack-pulse',
      'netrack/bin/netrackd',
      'redirect/bin/redirectd',
      'psrm/bin/psrmd',
      'snmpag/bin/snmpagd',
    ])
      await first.run(
        'setpriv',
        '--reuid=softset',
        '--regid=softset',
        '--init-groups',
        '/usr/lib/softset/node',
        `/usr/lib/softset/packages/${program}.js`,
        ...place,
      );
  });

  it('names what is missing on a new board, and nothing else once that was done', async () => {
    expect(await faultsOf(board('cpu-1'))).to.deep.equal(['ARP_IGNORE', 'ARP_ANNOUNCE']);
    for (const one of boards) await setKernel(one);
    expect(await faultsOf(board('cpu-1'))).to.deep.equal([]);
  });

  it('forms a cluster by the commands of its units, as the user softset with their capabilities alone', async () => {
    for (const one of boards) await one.run('softset', 'form');
    for (const one of boards) for (const unit of daemons) one.start(unit);
    try {
      const holder = await until('a holder', 60_000, async () => holderOf(await stateOf(board('io-1'))));
      expect(holder).to.be.oneOf(['cpu-1', 'cpu-2']);
    } catch (error) {
      const logs = boards.flatMap((one) =>
        [...one.log].map(([unit, log]) => `${one.name} ${unit}: ${log.slice(-600)}`),
      );
      throw new Error(`${(error as Error).message}\n${logs.join('\n')}`);
    }
    for (const one of boards) {
      for (const unit of daemons)
        expect(await rightsOf(one, unit), `${one.name} ${unit}`).to.deep.equal({
          user: 'softset',
          ...unitRights(one, unit),
        });
      expect(await faultsOf(one), one.name).to.deep.equal([]);
    }
  });

  it('hands over before a stop, takes that back after the next start, and nothing that an operator did', async () => {
    const holder = holderOf(await stateOf(board('io-1'))) ?? '';
    const adminOf = async (name: string) =>
      (await stateOf(board('io-1'))).boards.find((one) => one.name === name)?.admin;
    await board(holder).run('softset', 'board', 'leave', '--wait', '20');
    expect(holderOf(await stateOf(board('io-1'))))
      .to.be.oneOf(['cpu-1', 'cpu-2'])
      .and.not.equal(holder);
    expect(await adminOf(holder)).to.equal('drained');
    await board(holder).run('softset', 'board', 'return', '--wait', '20');
    expect(await adminOf(holder)).to.equal('in-service');
    await board(holder).run('softset', 'board', 'drain', holder);
    await board(holder).run('softset', 'board', 'leave', '--wait', '20');
    await board(holder).run('softset', 'board', 'return', '--wait', '5');
    expect(await adminOf(holder), "the operator's").to.equal('drained');
    await board(holder).run('softset', 'board', 'activate', holder);
  });

  it('moves the address when its board loses power, and doctor names that board', async () => {
    const before = holderOf(await stateOf(board('io-1')));
    const other = before === 'cpu-1' ? 'cpu-2' : 'cpu-1';
    board(before ?? '').crash();
    await until(
      'the other holds it',
      30_000,
      async () => holderOf(await stateOf(board('io-1'))) === other || undefined,
    );
    expect(await board(other).run('ip', '-brief', 'address')).to.contain(address);
    expect(await faultsOf(board('io-1'))).to.include('BOARD_FAILED');
  });

  it('leaves nothing of itself when it is removed and purged, in files, users or kernel', async () => {
    const one = board('io-1');
    for (const unit of [...daemons].reverse()) expect(await one.stop(unit), unit).to.equal(0);
    await one.run('dpkg', '--remove', 'softset');
    expect(await one.run('sh', '-c', 'test -f /etc/softset/cluster.key && echo kept')).to.equal('kept\n');
    await one.run('dpkg', '--purge', 'softset');
    expect(await leftovers(one, bare)).to.deep.equal([]);
  });
});
