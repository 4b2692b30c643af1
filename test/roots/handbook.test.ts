import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isWholeRoot } from '@softset/linux/whole-root.js';
import type { EnrolRequest } from '@softset/protocol';
import { readUnit } from '@softset/runtime/init/unit-file.js';
import { expect } from 'chai';
import { builtPackage, has } from '../package/built.js';
import { type Board, Chassis } from './chassis.js';
import { debianBase } from './debian-base.js';
import { cgroup2 } from './first-process.js';
import { blocks, handbookCommands, inline } from './handbook.js';
import { holderOf, leaseMs, rightsOf, stateOf, timing, unitRights } from './installed.js';
import { until } from './until.js';

/** What an operator has written into the cluster file by then: what must be served, and which port is whose. */
const more = `services:
  web: { addresses: [192.0.2.10/32], pool: [cpu-1, cpu-2], programs: [idle], failback: manual }
programs:
  idle: { command: [/bin/sleep, "100000"], exclusive: address }
geodhcp:
  boards: [cpu-1]
  enrolPort: 7420
  switches:
    switch-a: { network: A, address: 10.1.0.250, uplinks: { swa1: '' } }
  ports:
    - { switch: switch-a, port: swa2, board: cpu-2 }
    - { switch: switch-a, port: swa3, board: io-1 }
`;

/** What is not played here, and where it is, or why nowhere. */
const notHere: Readonly<Record<string, string>> = {
  'systemctl enable --now snmpagd': "stands behind Debian's snmpd, with which test/small and packages/snmpag play it",
  'systemctl reload snmpagd': 'as above',
  '/usr/lib/softset/init --log-dir /var/log/softset': 'enrol.test.ts, on boards without systemd',
  'ss:2345:respawn:/usr/lib/softset/init --log-dir /var/log/softset': 'a line of inittab(5): no sysvinit is here',
};

describe('the handbook, command by command, on boards that systemd has started', function () {
  this.timeout(300_000);
  const commands = handbookCommands();
  const typed = new Set<string>();
  let chassis: Chassis | undefined;
  let deb = '';
  let cpu1: Board;
  let cpu2: Board;
  let io1: Board;
  const all = (): readonly Board[] => [cpu1, cpu2, io1];

  /**
   * As it stands in the handbook, but for what is another on each board: `as` says what is typed for it. Rejects where it
   * ends with a code that is none of `exits`.
   */
  async function type(
    board: Board,
    command: string,
    { as = {}, stdin = '', exits = [0] }: { as?: Record<string, string>; stdin?: string; exits?: number[] } = {},
  ): Promise<string> {
    expect(commands, 'what the handbook has').to.include(command);
    typed.add(command);
    const words = Object.entries(as).reduce((text, [from, to]) => text.replaceAll(from, to), command);
    const script = `cd /root; { ${words}; }; code=$?; case $code in ${exits.join('|')}) exit 0;; *) exit $code;; esac`;
    return board.run('sh', '-c', `printf '${stdin}' | { ${script}; }`);
  }

  async function boot(name: string, port: number, A?: string): Promise<Board> {
    if (chassis === undefined) throw new Error('there is no chassis');
    const B = `20.1.0.${port}/16`;
    const board = await chassis.add({ name, port, B, withSystemd: true, ...(A === undefined ? {} : { A }) });
    await until(`${name} is started`, 60_000, async () => {
      const said = await board.run('sh', '-c', 'systemctl is-system-running || true');
      return /^(running|degraded)$/m.test(said) ? true : undefined;
    });
    mkdirSync(join(board.root, 'root'), { recursive: true });
    copyFileSync(deb, join(board.root, 'root', basename(deb)));
    return board;
  }
  /**
   * Boards here share a kernel, and each unit sees a /proc of its own (ProtectProc=): only by an option does a daemon learn
   * that this board was booted, and its predecessor is another life.
   */
  async function ownBoot(board: Board): Promise<void> {
    writeFileSync(join(board.root, 'etc/board-boot-id'), `${randomUUID()}\n`);
    for (const name of ['netrack-pulse', 'netrackd', 'redirectd', 'psrmd', 'geodhcpd']) {
      const unit = readFileSync(join(board.root, `usr/lib/systemd/system/${name}.service`), 'utf8');
      const command = readUnit(unit).one('Service', 'ExecStart') ?? '';
      const folder = join(board.root, `etc/systemd/system/${name}.service.d`);
      mkdirSync(folder, { recursive: true });
      const lines = ['[Service]', 'ExecStart=', `ExecStart=${command} --boot-id-file /etc/board-boot-id`, ''];
      writeFileSync(join(folder, 'boot-id.conf'), lines.join('\n'));
    }
    await board.run('systemctl', 'daemon-reload');
  }
  const active = (board: Board, ...units: string[]): Promise<string> =>
    board.run('sh', '-c', `systemctl is-active ${units.join(' ')} || true`);
  const served = (): Promise<string> => until('somebody serves', 60_000, async () => holderOf(await stateOf(cpu1)));
  const held = (by: string): Promise<true> =>
    until(`${by} holds it`, 60_000, async () => (holderOf(await stateOf(cpu1)) === by ? true : undefined));
  const requests = async (): Promise<readonly EnrolRequest[]> =>
    (JSON.parse(await cpu1.run('softset', 'enrol', 'list', '--json')) as { requests: EnrolRequest[] }).requests;
  const waiting = (): Promise<EnrolRequest> =>
    until('it waits', 30_000, async () => (await requests()).find(({ state }) => state === 'waiting'));
  /** The next board from the shelf, in a port whose board is gone: it has Debian and the package, and an address by its port. */
  async function fromTheShelf(name: string, port: number): Promise<Board> {
    const board = await boot(name, port);
    await board.run('dpkg', '--install', `/root/${basename(deb)}`);
    await ownBoot(board);
    await board.run('sh', '-c', 'sysctl -q -p /usr/lib/sysctl.d/60-softset.conf');
    await board.run('udhcpc', '-i', 'eth0', '-T', '1', '-t', '60', '-A', '1', '-n', '-S');
    return board;
  }
  async function dies(board: Board, port: number): Promise<void> {
    board.crash();
    await chassis?.unplug(port);
    await up(board.name, 'down');
  }
  /** By a token for that port, as the handbook has it. */
  async function joinsByToken(board: Board, port: string): Promise<void> {
    const as = { '10.1.1.20': '10.1.0.1', ge1: port };
    await type(cpu1, 'softset enrol token --port switch-a:ge1 >/root/token', { as });
    const token = readFileSync(join(cpu1.root, 'root/token'), 'utf8').trim();
    writeFileSync(join(board.root, 'root/token'), token, { mode: 0o600 });
    const join1 = 'softset enrol join --control 10.1.1.20 --token-file /root/token';
    expect(await type(board, join1, { as })).to.contain('enrolled');
    await type(board, 'systemctl start softset.target');
    await up(board.name);
  }
  const up = (name: string, verdict = 'up'): Promise<true> =>
    until(`${name} is ${verdict}`, 60_000, async () =>
      (await stateOf(cpu1)).boards.some((one) => one.name === name && one.verdict === verdict) ? true : undefined,
    );

  before(async function () {
    // Roots need mmdebstrap, and users of their own; systemd needs cgroups that it may write; the switch is asked by SNMP.
    if (!isWholeRoot() || cgroup2() === undefined || !(await has('mmdebstrap')) || !(await has('snmpd'))) this.skip();
    deb = (await builtPackage()).deb;
    chassis = new Chassis(await debianBase());
    await chassis.switches();
    await chassis.agent('10.1.0.250');
    cpu1 = await boot('cpu-1', 1, '10.1.0.1/16');
    cpu2 = await boot('cpu-2', 2, '10.1.0.2/16');
    io1 = await boot('io-1', 3, '10.1.0.3/16');
  });
  after(() => chassis?.down());
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    for (const board of chassis?.boards ?? [])
      if (board.pid > 0)
        process.stderr.write(
          `--- ${board.name}\n${await board.run('sh', '-c', 'systemctl --failed; journalctl -n 30 --no-pager').catch(String)}\n`,
        );
  });

  it('is read as Markdown has it', () => {
    expect(blocks('a\n\n    softset form\n\n1. b:\n\n       softset doctor\n')).to.deep.equal([
      'softset form',
      'softset doctor',
    ]);
    expect(inline('see `softset why\nweb`, `form`, `systemctl`')).to.deep.equal(['softset why web']);
    expect(commands).to.include('softset form').and.have.length.above(50);
  });

  it('Install', async () => {
    await type(io1, 'dpkg --install softset_0.1.0-1_amd64.deb');
    for (const board of [cpu1, cpu2]) await type(board, 'apt install ./softset_0.1.0-1_amd64.deb');
    for (const board of all()) {
      await ownBoot(board);
      expect(await active(board, 'netrackd'), 'nothing runs without a cluster file').to.equal('inactive\n');
      // What is the machine's, and not the board's network's, is not for a board in a container to set.
      await type(board, 'sysctl --system', { exits: [0, 1, 255] });
      expect(await board.run('sysctl', '-n', 'net.ipv4.conf.all.arp_ignore')).to.equal('1\n');
    }
  });

  it('The first cluster', async () => {
    expect(await type(cpu1, 'softset init --from-network')).to.match(/2 answered on both networks/);
    const init = commands.find((command) => command.startsWith('softset init --name')) ?? '';
    await type(cpu1, init);
    const file = join(cpu1.root, 'etc/softset/cluster.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8').replace(/^timing: .*$/m, timing)}${more}`);
    for (const board of all())
      if (board !== cpu1)
        for (const name of ['cluster.yaml', 'cluster.key'])
          copyFileSync(join(cpu1.root, 'etc/softset', name), join(board.root, 'etc/softset', name));
    for (const board of all()) {
      await type(board, 'chown root:softset /etc/softset/cluster.yaml');
      await type(board, 'chmod 0640 /etc/softset/cluster.yaml');
      await type(board, 'chown softset: /etc/softset/cluster.key');
      await type(board, 'chmod 0600 /etc/softset/cluster.key');
      await type(board, 'softset doctor');
      await type(board, 'softset form');
    }
    for (const board of all()) {
      await type(board, 'systemctl start softset.target');
      const units = ['netrack-pulse', 'netrackd', 'redirectd', 'psrmd'];
      expect(await active(board, ...units), board.name).to.equal('active\n'.repeat(units.length));
      for (const unit of units)
        expect(await rightsOf(board, unit), unit).to.deep.equal({ user: 'softset', ...unitRights(board, unit) });
    }
    await served();
    await type(io1, 'softset status');
    await type(cpu1, 'systemctl enable --now geodhcpd');
    expect(await active(cpu1, 'geodhcpd')).to.equal('active\n');
  });

  it('what dies or hangs is started again by systemd, and its address stays or moves, but is served', async () => {
    const holder = (await served()) === 'cpu-1' ? cpu1 : cpu2;
    const pid = (name: string): string => readFileSync(join(holder.inside, `run/softset/${name}.lock`), 'utf8').trim();
    const before = pid('netrack-pulse');
    await holder.run('systemctl', 'kill', '--signal=KILL', 'netrack-pulse');
    await until('another pulse', 20_000, async () => (!['', before].includes(pid('netrack-pulse')) ? true : undefined));
    const hung = pid('netrackd');
    await holder.run('sh', '-c', `kill -STOP ${hung}`);
    await until('another netrackd', 40_000, async () => (!['', hung].includes(pid('netrackd')) ? true : undefined));
    expect(await holder.run('systemctl', 'show', '--property=NRestarts', 'netrackd')).to.match(/^NRestarts=[1-9]/);
    await served();
    expect(await holder.run('sh', '-c', 'stat -c %U /proc/$(cat /run/softset/netrackd.lock)')).to.equal('softset\n');
  });

  it('Every day', async () => {
    // What hung before may be told of still.
    expect(await type(cpu1, 'softset alarm list')).to.match(/^no alarms$|^ {2}-> /m);
    await type(cpu1, 'softset watch', { as: { softset: 'timeout 3 softset' }, exits: [124] });
    expect(await type(cpu1, 'softset service list')).to.contain('web');
    if ((await served()) === 'cpu-2') await cpu1.run('softset', 'service', 'move', 'web', 'cpu-1');
    await type(cpu1, 'softset service move web cpu-2');
    await held('cpu-2');
    await type(cpu1, 'softset board drain cpu-1');
    await type(cpu1, 'softset board activate cpu-1');
    expect(await type(cpu1, 'softset journal')).to.contain('web');
    // A stop hands over first, and the next start takes work again.
    await type(cpu2, 'systemctl stop softset.target');
    await held('cpu-1');
    await until('the last daemon is stopped', 30_000, async () =>
      (await active(cpu2, 'netrack-pulse')) === 'inactive\n' ? true : undefined,
    );
    await cpu2.run('systemctl', 'start', 'softset.target');
    await up('cpu-2');
    await until('it takes work again', 60_000, async () =>
      (await stateOf(cpu1)).boards.find(({ name }) => name === 'cpu-2')?.admin === 'in-service' ? true : undefined,
    );
    const beganMs = performance.now();
    await type(cpu1, 'systemctl restart netrackd');
    const awayMs = performance.now() - beganMs;
    const holder = await until('it answers again', 60_000, async () => holderOf(await stateOf(cpu1)));
    // Addresses stay while a daemon is away for less than a lease; a machine that others use too may take longer.
    if (awayMs < leaseMs) expect(holder, `away for ${Math.round(awayMs)} ms`).to.equal('cpu-1');
    for (const board of [io1, cpu2, cpu1]) {
      await type(board, 'systemctl restart softset.target');
      await until(`${board.name} is up`, 60_000, async () =>
        (await stateOf(io1)).boards.every(({ verdict }) => ['up', 'self'].includes(verdict)) ? true : undefined,
      );
    }
    await served();
  });

  it('Alarms, and what to do', async () => {
    const as = {
      SERVICE: 'web',
      PROGRAM: 'idle',
      MAC: '02:00:00:00:00:99',
      FILE: '/etc/softset/cluster.yaml',
      IP: '10.1.0.3',
      BOARD: 'io-1',
      RULE: 'mine',
    };
    const holder = (await served()) === 'cpu-1' ? cpu1 : cpu2;
    for (const command of ['softset service explain SERVICE', 'softset why SERVICE']) await type(cpu1, command, { as });
    await type(cpu1, 'softset service move SERVICE', { as });
    for (const command of ['softset psrm status', 'softset psrm why PROGRAM', 'softset psrm log PROGRAM'])
      await type(holder, command, { as });
    // What there is nothing of is refused, with a word on it, and no crash.
    for (const command of ['softset psrm start PROGRAM', 'softset psrm clear'])
      await type(holder, command, { as, exits: [0, 1] });
    mkdirSync(join(cpu1.root, 'etc/softset/rules'));
    writeFileSync(join(cpu1.root, 'etc/softset/rules/mine.yaml'), 'rules: 7\n');
    await type(cpu1, 'softset rules check /etc/softset/rules', { exits: [1] });
    rmSync(join(cpu1.root, 'etc/softset/rules'), { recursive: true });
    await type(cpu1, 'softset network prefer A');
    await type(cpu1, 'softset board activate BOARD', { as });
    // There is no fence here, and no such rule: refused with a word on it.
    for (const command of ['softset board unfence BOARD', 'softset why rule RULE', 'softset board return BOARD'])
      await type(cpu1, command, { as, exits: [0, 1] });
    expect(await type(cpu1, 'softset alarm explain')).to.contain('QUORUM_FORCED');
    await type(cpu1, 'softset alarm clear', { as: { clear: 'clear NO_BOARD' }, exits: [1] });
    for (const command of ['softset geodhcp status', 'softset geodhcp ports', 'softset geodhcp learn'])
      await type(cpu1, command);
    await type(cpu1, 'softset geodhcp check FILE', { as });
    for (const command of ['softset geodhcp locate MAC', 'softset geodhcp conflicts', 'softset geodhcp release IP'])
      await type(cpu1, command, { as, exits: [0, 1] });
    await type(cpu1, 'softset snmp setup', { exits: [0, 1] });
    expect(await type(cpu1, 'systemd-analyze security netrackd')).to.match(/Overall exposure level for netrackd/);
  });

  it('Replace a board: by a code that somebody compares, then by a token', async () => {
    const as = { '10.1.1.20': '10.1.0.1', ge1: 'swa3' };
    await dies(io1, 3);
    io1 = await fromTheShelf('io-1', 3);
    const turnedAway = type(io1, 'softset enrol join --control 10.1.1.20', { as, exits: [1] });
    await type(cpu1, 'softset enrol refuse CODE', { as: { CODE: (await waiting()).code } });
    await turnedAway;
    const joining = type(io1, 'softset enrol join --control 10.1.1.20', { as });
    await type(cpu1, 'softset enrol approve 0f3a2-91bc4', { as: { '0f3a2-91bc4': (await waiting()).code } });
    expect(await joining).to.contain('io-1 is enrolled');
    await type(io1, 'systemctl start softset.target');
    await up('io-1');

    await dies(io1, 3);
    io1 = await fromTheShelf('io-1', 3);
    await joinsByToken(io1, 'swa3');
    expect(await type(cpu1, 'softset enrol list')).to.contain('standby');
    const another = await type(cpu1, 'softset enrol token --port switch-a:ge1 >/root/token', { as });
    expect(another).to.equal('');
    const [id = ''] = readFileSync(join(cpu1.root, 'root/token'), 'utf8').split('.');
    await type(cpu1, 'softset enrol revoke ID', { as: { ' ID': ` ${id}` } });
  });

  it('Backup and restore; logs and events', async () => {
    await type(cpu1, 'softset backup --out /root/backup');
    const [secrets = '', settings = ''] = (await cpu1.run('sh', '-c', 'ls /root/backup')).trim().split('\n').sort();
    const named = commands.find((command) => command.startsWith('softset restore')) ?? '';
    const [, , first = '', second = ''] = named.split(' ');
    const as = { [first]: `/root/backup/${settings}`, [second]: `/root/backup/${secrets}` };
    await cpu1.run('sh', '-c', 'rm /etc/softset/cluster.*');
    await type(cpu1, named, { as });
    expect(await cpu1.run('stat', '-c', '%a %U', '/etc/softset/cluster.key')).to.equal('600 softset\n');
    await type(cpu1, "journalctl -u 'netrack*' -p warning");
    expect(await cpu1.run('journalctl', '-u', 'netrackd', '-p', 'info', '-o', 'cat')).to.contain('"event"');
    expect(await type(cpu1, 'softset events')).to.not.equal('');
    for (const board of [cpu1, cpu2]) {
      // Fetched to one place, as an operator does with scp.
      const to = join(cpu1.root, 'root', board.name);
      mkdirSync(to, { recursive: true });
      const own = join(board.inside, 'var/lib/softset');
      for (const name of readdirSync(own).filter((file) => file.includes('.journal')))
        copyFileSync(join(own, name), join(to, name));
    }
    const story = await type(cpu1, 'softset events cpu-1=/root/cpu-1 cpu-2=/root/cpu-2');
    expect(story).to.contain('cpu-1').and.contain('cpu-2');
  });

  it('Security: the key is changed while all runs, and a program may have another user', async () => {
    const file = (board: Board): string => join(board.root, 'etc/softset/cluster.key');
    const old = readFileSync(file(cpu1), 'utf8').trim();
    const fresh = 'a5'.repeat(32);
    const director = (await stateOf(cpu1)).director;
    for (const keys of [[old, fresh], [fresh, old], [fresh]]) {
      for (const board of all()) {
        writeFileSync(file(board), `${keys.join('\n')}\n`);
        await type(board, 'systemctl reload netrack-pulse netrackd');
      }
      await new Promise((done) => setTimeout(done, 1000));
    }
    const state = await stateOf(cpu1);
    expect(state.director).to.equal(director);
    expect(state.boards.every(({ verdict }) => ['up', 'self'].includes(verdict))).to.equal(true);
    expect(state.alarms.filter(({ cause, severity }) => cause === 'FORGED' && severity !== 'cleared')).to.deep.equal(
      [],
    );

    // By order: no key is typed, and the file in /etc stays as it is.
    await type(cpu1, 'softset key rotate');
    expect(await type(cpu1, 'softset key status')).to.not.contain(fresh.slice(0, 8));
    expect(readFileSync(file(cpu1), 'utf8').trim()).to.equal(fresh);
    await type(cpu1, 'softset backup --out /root/backup', { as: { '/root/backup': '/root/rotated' } });
    const secrets = await cpu1.run('sh', '-c', 'cat /root/rotated/*.secrets');
    expect(secrets, 'a backup has the key that is used').to.not.contain(
      Buffer.from(`${fresh}\n`).toString('base64').slice(0, 60),
    );

    const dropIn = commands.slice(commands.indexOf('[Service]'), commands.indexOf('[Service]') + 5);
    expect(dropIn.at(-1)).to.equal('AmbientCapabilities=');
    for (const line of dropIn) typed.add(line);
    writeFileSync(join(io1.root, 'root/editor'), `#!/bin/sh\ncat >"$1" <<'END'\n${dropIn.join('\n')}\nEND\n`, {
      mode: 0o755,
    });
    // It wants a terminal.
    const edit = 'SYSTEMD_EDITOR=/root/editor script -qec "systemctl edit psrmd" /dev/null';
    await type(io1, 'systemctl edit psrmd', { as: { 'systemctl edit psrmd': edit } });
    await io1.run('systemctl', 'restart', 'psrmd');
    expect(await io1.run('sh', '-c', 'stat -c %U /proc/$(cat /run/softset/psrmd.lock)')).to.equal('root\n');
  });

  it('The cluster file is changed while all run', async () => {
    const next = join(cpu1.root, 'root/cluster.yaml');
    writeFileSync(next, await type(cpu1, 'softset config show running'));
    await type(cpu1, 'softset config diff /root/cluster.yaml');
    const text = readFileSync(next, 'utf8');
    const changed = text.replace('idle: { command: [/bin/sleep, "100000"]', 'idle: { command: [/bin/sleep, "200000"]');
    expect(changed).to.not.equal(text);
    writeFileSync(next, changed);
    await type(cpu1, 'softset config check /root/cluster.yaml');
    expect(await type(cpu1, 'softset config diff /root/cluster.yaml', { exits: [1] })).to.contain('200000');
    await type(cpu1, 'softset config push /root/cluster.yaml');
    await type(cpu1, 'softset config commit');
    await type(cpu1, 'softset config confirm');
    expect(await type(cpu1, 'softset config status')).to.not.contain('another');
    for (const board of all()) {
      const units = ['netrack-pulse', 'netrackd', 'redirectd', 'psrmd'];
      await until(`${board.name} runs again`, 30_000, async () =>
        (await active(board, ...units)) === 'active\n'.repeat(units.length) ? true : undefined,
      );
    }
    await served();
  });

  it('Too few boards are left: their votes are taken, and given to those that replace them', async () => {
    await dies(cpu2, 2);
    await dies(io1, 3);
    expect(await type(cpu1, 'softset quorum status', { exits: [1] })).to.contain('NO QUORUM');
    await type(cpu1, 'softset quorum force', { as: { force: 'force --confirm lab' } });
    await held('cpu-1');
    expect(await type(cpu1, 'softset alarm list'))
      .to.contain('QUORUM_FORCED')
      .and.contain('softset board return');
    cpu2 = await fromTheShelf('cpu-2', 2);
    io1 = await fromTheShelf('io-1', 3);
    // The key that is used since the rotation, and the file that was rolled out, come from the control node.
    await joinsByToken(cpu2, 'swa2');
    await joinsByToken(io1, 'swa3');
    expect(readFileSync(join(cpu2.root, 'etc/softset/cluster.yaml'), 'utf8')).to.contain('200000');
    await type(cpu1, 'softset board return cpu-2');
    await cpu1.run('softset', 'board', 'return', 'io-1');
    // A board that was replaced counts once the others have told it what it may have forgotten.
    await until('all votes count', 60_000, async () =>
      (await type(cpu1, 'softset quorum status')).includes('3 of 3') ? true : undefined,
    );
    await type(cpu1, 'softset alarm clear QUORUM_FORCED');
    expect(await type(cpu1, 'softset alarm list')).to.not.contain('QUORUM_FORCED');
    await type(cpu1, 'softset service move web cpu-2');
    await held('cpu-2');
  });

  it('Remove', async () => {
    await type(io1, 'apt remove softset', { stdin: 'y\\n' });
    expect(await io1.run('sh', '-c', 'ls /etc/softset')).to.contain('cluster.key');
    expect(await active(io1, 'netrackd')).to.equal('inactive\n');
    await type(io1, 'apt purge softset', { stdin: 'y\\n' });
    const left =
      'ls -d /etc/softset /var/lib/softset /var/log/softset /run/softset 2>/dev/null; getent passwd softset; true';
    expect(await io1.run('sh', '-c', left)).to.equal('');
    expect(await io1.run('nft', 'list', 'tables')).to.equal('');
    expect(
      await io1.run('sh', '-c', "systemctl list-unit-files --no-legend | grep -E 'softset|netrack|psrm' || true"),
    ).to.equal('');
  });

  it('nothing that the handbook says was left out, but for what is named', () => {
    const played = (command: string): boolean =>
      [...typed].some((one) => one === command || one.startsWith(`${command} `));
    expect(commands.filter((command) => !played(command) && !(command in notHere))).to.deep.equal([]);
    expect(Object.keys(notHere).filter((command) => !commands.includes(command))).to.deep.equal([]);
  });
});
