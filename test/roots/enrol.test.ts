import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isWholeRoot } from '@softset/linux/whole-root.js';
import type { EnrolRequest } from '@softset/protocol';
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

const control = '10.1.1.20';
const address = '192.0.2.10';
const macs = {
  old: ['02:00:00:00:00:01', '02:00:00:00:01:01'],
  new: ['02:00:00:00:00:02', '02:00:00:00:01:02'],
} as const;
/** What the operator adds to what softset init wrote. */
const more = `services:
  web: { addresses: [${address}/32], pool: [cpu-1, cpu-2], programs: [idle], failback: manual }
programs:
  idle: { command: [/bin/sleep, "100000"], exclusive: address }
geodhcp:
  boards: [ccn]
  enrolPort: 7420
  switches:
    switch-a: { network: A, address: 10.1.0.2, uplinks: { swa1: '' } }
  ports:
    - { switch: switch-a, port: swa2, board: cpu-1 }
    - { switch: switch-a, port: swa3, board: cpu-2 }
`;

/**
 * A chassis as it is installed: a control node with geodhcpd, a switch with an SNMP agent, and boards that know nothing but
 * the package. All of it from the package, everything started by its own init, for no root has systemd running.
 */
describe('a board is replaced, in Debian roots', function () {
  this.timeout(300_000);
  let chassis: Chassis | undefined;
  let deb = '';
  let ccn: Board;
  let first: Board;
  let second: Board;
  let token = '';
  const bare = new Map<Board, readonly string[]>();
  const operator = (...words: string[]): Promise<string> => ccn.run('softset', ...words);
  const requests = async (): Promise<readonly EnrolRequest[]> =>
    (JSON.parse(await operator('enrol', 'list', '--json')) as { requests: EnrolRequest[] }).requests;

  /** The next board from the shelf: its disk has Debian, and network B an address of its own. */
  async function fromTheShelf(name: string, port: number, B: string, own?: readonly string[]): Promise<Board> {
    if (chassis === undefined) throw new Error('there is no chassis');
    const board = await chassis.add({ name, port, B, ...(own === undefined ? {} : { macs: own }) });
    bare.set(board, filesOf(board));
    await install(board, deb);
    await setKernel(board);
    // It asks until it is answered, and keeps its lease from then on.
    await board.run('udhcpc', '-i', 'eth0', '-T', '1', '-t', '60', '-A', '1', '-n', '-S');
    return board;
  }
  /** `softset enrol join`, and what it said where it was refused. */
  const joins = (board: Board, secret: string): Promise<string> =>
    board
      .run('softset', 'enrol', 'join', '--control', control, '--token', secret, '--wait', '60')
      .catch((error: { stdout: string; stderr: string }) => error.stdout + error.stderr);
  const addressOf = (board: Board): Promise<string> =>
    board.run('ip', '-4', '-brief', 'address', 'show', 'dev', 'eth0');
  const standby = (mac: string): Promise<true> =>
    until(`${mac} is standby`, 60_000, async () =>
      (await requests()).some((one) => one.mac === mac && one.state === 'standby') ? true : undefined,
    );
  const held = (by: string): Promise<true> =>
    until(`${by} holds it`, 60_000, async () => (holderOf(await stateOf(ccn)) === by ? true : undefined));

  before(async function () {
    // Roots need mmdebstrap, and users of their own; the switch is asked by SNMP.
    if (!isWholeRoot() || !(await has('mmdebstrap')) || !(await has('snmpd'))) this.skip();
    deb = (await builtPackage()).deb;
    chassis = new Chassis(await debianBase());
    await chassis.switches();
    await chassis.agent('10.1.0.2');
    ccn = await chassis.add({ name: 'ccn', port: 1, A: `${control}/16`, B: '20.1.1.20/16' });
    await install(ccn, deb);
    await setKernel(ccn);
  });
  after(() => chassis?.down());
  afterEach(function () {
    if (this.currentTest?.state !== 'failed') return;
    for (const board of chassis?.boards ?? [])
      for (const [name, log] of board.log) process.stderr.write(`--- ${board.name} ${name}\n${log.slice(-4000)}\n`);
  });

  it('the control node is configured, formed and started, geodhcpd with it', async () => {
    const boards = 'ccn:control=10.1.1.20/20.1.1.20,cpu-1=10.1.1.11/20.1.1.11,cpu-2=10.1.1.12/20.1.1.12';
    const networks = ['--network-a', '10.1.0.0/16,eth0', '--network-b', '20.1.0.0/16,eth1'];
    await operator('init', '--name', 'lab', ...networks, '--boards', boards, '--votes', 'ccn');
    const file = join(ccn.root, 'etc/softset/cluster.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8').replace(/^timing: .*$/m, timing)}${more}`);
    writeFileSync(join(ccn.root, 'etc/default/softset'), 'BOARD=ccn\n');
    expect(await faultsOf(ccn)).to.deep.equal([]);
    await operator('form');
    ccn.init('--log-dir', '/var/log/softset', 'geodhcpd');
    await until('it directs', 60_000, async () => ((await stateOf(ccn)).director === 1 ? true : undefined));
    await until('geodhcpd answers', 30_000, async () =>
      (JSON.parse(await operator('geodhcp', 'status', '--json')) as { answering: boolean }).answering
        ? true
        : undefined,
    );
  });

  it('a board gets its address by its port, joins by a token, is standby, and is given work', async () => {
    token = (await operator('enrol', 'token', '--port', 'switch-a:swa2')).trim();
    first = await fromTheShelf('cpu-1', 2, '20.1.1.11/16', macs.old);
    expect(await addressOf(first)).to.contain('10.1.1.11/');
    expect(await joins(first, token)).to.contain('cpu-1 is enrolled');
    for (const [name, mode] of [
      ['etc/softset/cluster.key', 0o600],
      ['etc/softset/cluster.yaml', 0o640],
    ] as const)
      expect(statSync(join(first.root, name)).mode & 0o777, name).to.equal(mode);
    first.init('--log-dir', '/var/log/softset');
    await standby(macs.old[0]);
    await held('cpu-1');
    expect(await first.run('ip', '-brief', 'address')).to.contain(address);
    // The chassis has an empty slot.
    expect(await faultsOf(first)).to.deep.equal(['BOARD_FAILED']);
  });

  it('a board in another port has neither its address nor the use of its token', async () => {
    second = await fromTheShelf('cpu-2', 3, '20.1.1.12/16');
    expect(await addressOf(second)).to.contain('10.1.1.12/');
    const other = (await operator('enrol', 'token', '--port', 'switch-a:swa2')).trim();
    expect(await joins(second, other)).to.contain('TOKEN_WRONG_PORT');
    expect(await second.run('sh', '-c', 'test -e /etc/softset/cluster.yaml || echo none')).to.equal('none\n');
    await until('it is alarmed', 20_000, async () =>
      (await stateOf(ccn)).alarms.some(({ cause }) => cause === 'TOKEN_WRONG_PORT') ? true : undefined,
    );
    const own = (await operator('enrol', 'token', '--port', 'switch-a:swa3')).trim();
    expect(await joins(second, own)).to.contain('cpu-2 is enrolled');
    second.init('--log-dir', '/var/log/softset');
    await until('cpu-2 is up', 60_000, async () =>
      (await stateOf(ccn)).boards.some(({ name, verdict }) => name === 'cpu-2' && verdict === 'up') ? true : undefined,
    );
    for (const board of [ccn, first, second])
      await until(`${board.name} has no fault`, 60_000, async () =>
        (await faultsOf(board)).length === 0 ? true : undefined,
      );
  });

  it('the init starts what died again, kills what hangs, and says so', async () => {
    const pid = (name: string): string => readFileSync(join(first.root, `run/softset/${name}.lock`), 'utf8').trim();
    const before = pid('netrack-pulse');
    await first.run('sh', '-c', `kill -KILL ${before}`);
    await until('another pulse', 20_000, async () => (!['', before].includes(pid('netrack-pulse')) ? true : undefined));
    const hung = pid('psrmd');
    await first.run('sh', '-c', `kill -STOP ${hung}`);
    await until('another psrmd', 30_000, async () => (!['', hung].includes(pid('psrmd')) ? true : undefined));
    expect(first.log.get('init')).to.contain('psrmd hangs');
    // While psrmd hung, another board was given the service.
    await until('it is well again', 60_000, async () =>
      (await stateOf(ccn)).boards.some(({ name, daemons }) => name === 'cpu-1' && daemons.includes('psrmd'))
        ? true
        : undefined,
    );
    await until('somebody serves', 60_000, async () => holderOf(await stateOf(ccn)));
    if (holderOf(await stateOf(ccn)) !== 'cpu-1') await operator('service', 'move', 'web', 'cpu-1');
    await held('cpu-1');
    for (const unit of ['netrack-pulse', 'netrackd', 'redirectd', 'psrmd'])
      expect(await rightsOf(first, unit), unit).to.deep.equal({ user: 'softset', ...unitRights(first, unit) });
    expect(await rightsOf(ccn, 'geodhcpd')).to.deep.equal({ user: 'softset', ...unitRights(ccn, 'geodhcpd') });
  });

  it('the init is killed: its daemons end with it, and the next one starts them all', async () => {
    const running = (name: string): Promise<string> =>
      first.run(
        'sh',
        '-c',
        `pid=$(cat /run/softset/${name}.lock); [ -n "$pid" ] && [ -d /proc/$pid ] && echo $pid; true`,
      );
    const before = await running('netrackd');
    expect(before).to.match(/^\d+$/m);
    await first.run('sh', '-c', 'kill -KILL $(cat /run/softset/init.lock)');
    await until('its daemons are gone', 10_000, async () =>
      (await running('netrackd')) + (await running('netrack-pulse')) === '' ? true : undefined,
    );
    first.init('--log-dir', '/var/log/softset');
    await until('another netrackd', 60_000, async () =>
      ['', before].includes(await running('netrackd')) ? undefined : true,
    );
    await until('all are back', 60_000, async () =>
      (await stateOf(ccn)).boards.some(({ name, daemons }) => name === 'cpu-1' && daemons.includes('psrmd'))
        ? true
        : undefined,
    );
    await until('somebody serves', 60_000, async () => holderOf(await stateOf(ccn)));
    if (holderOf(await stateOf(ccn)) !== 'cpu-1')
      await until('it is given work', 60_000, () => operator('service', 'move', 'web', 'cpu-1'));
    await held('cpu-1');
  });

  it('the board dies, the other serves; the next from the shelf is a member again, with a MAC of its own', async () => {
    first.crash();
    await chassis?.unplug(2);
    await held('cpu-2');
    await until('it is down', 60_000, async () =>
      (await stateOf(ccn)).boards.some(({ name, verdict }) => name === 'cpu-1' && verdict === 'down')
        ? true
        : undefined,
    );
    first = await fromTheShelf('cpu-1', 2, '20.1.1.11/16', macs.new);
    expect(await addressOf(first)).to.contain('10.1.1.11/');
    expect(await joins(first, token), 'a second use').to.contain('TOKEN_REUSED');
    const fresh = (await operator('enrol', 'token', '--port', 'switch-a:swa2')).trim();
    expect(await joins(first, fresh)).to.contain('cpu-1 is enrolled');
    first.init('--log-dir', '/var/log/softset');
    await standby(macs.new[0]);
    expect(holderOf(await stateOf(ccn)), 'it is standby, and takes nothing').to.equal('cpu-2');
    // It was a member and remembers nothing: it is given work once a majority has told it what it may have forgotten.
    await until('it is given work', 60_000, () => operator('service', 'move', 'web', 'cpu-1'));
    await held('cpu-1');
    expect(await first.run('ip', '-brief', 'address')).to.contain(address);
  });

  it('the init hands over before it ends; removed and purged, the package leaves nothing', async () => {
    expect(await first.stop('init')).to.equal(0);
    await held('cpu-2');
    expect((await stateOf(ccn)).boards.find(({ name }) => name === 'cpu-1')?.admin).to.equal('drained');
    const logs = await first.run('sh', '-c', 'ls /var/log/softset');
    expect(logs).to.contain('netrack-pulse.log').and.contain('netrackd.log');
    await first.run('sh', '-c', 'killall udhcpc 2>/dev/null || busybox killall udhcpc');
    await first.run('dpkg', '--remove', 'softset');
    await first.run('dpkg', '--purge', 'softset');
    expect(await leftovers(first, bare.get(first) ?? [])).to.deep.equal([]);
  });
});
