import { execSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { childrenOf, entry, nginx, perl, skipFor } from './programs.js';
import { Place, until } from './psrmd.js';

const quick = { intervalMs: 20, timeoutMs: 150, fall: 2, graceMs: 3000 };

/** One GET; the answer whole. */
function get(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.end('GET / HTTP/1.0\r\n\r\n'));
    socket
      .on('data', (bytes) => {
        text += bytes;
      })
      .on('error', () => resolve(undefined))
      .on('close', () => resolve(text));
  });
}

describe('psrmd: an unmodified nginx', function () {
  this.timeout(60_000);
  let place: Place;
  let folder: string | undefined;
  before(function () {
    if (!existsSync('/usr/sbin/nginx')) skipFor(this, 'needs nginx');
  });
  beforeEach(() => {
    place = new Place();
  });
  afterEach(async () => {
    await place.clean('web');
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it('is ready by HTTP, reloads by HUP in place, and is ended and started again when it hangs', async () => {
    const web = nginx(47131, false);
    folder = web.folder;
    place.configure({
      web: entry({
        command: web.command,
        probe: { http: { port: 47131 }, ...quick },
        stop: { signal: 'QUIT', timeoutMs: 300 },
      }),
    });
    place.start();
    const ready = await place.status('web', 'is ready', ({ state }) => state === 'ready');
    const pid = ready.pid ?? 0;
    const [worker] = childrenOf(pid);
    process.kill(pid, 'SIGHUP');
    await until('a new worker serves', () => {
      const workers = childrenOf(pid);
      return workers.length === 1 && workers[0] !== worker ? true : undefined;
    });
    expect(await place.status('web', 'is ready', ({ state }) => state === 'ready')).to.include({ pid, restarts: 0 });
    expect(await get(47131)).to.include('well');
    await new Promise((resolve) => setTimeout(resolve, 3000)); // The grace.
    process.kill(-pid, 'SIGSTOP');
    const hung = await place.status('web', 'was restarted', ({ restarts }) => restarts === 1);
    expect(hung.lastEnd).to.be.oneOf(['signal KILL', 'exit 0', 'signal QUIT']);
    const again = await place.status('web', 'is ready again', ({ state }) => state === 'ready');
    expect(again.pid).to.not.equal(pid);
    expect(await get(47131)).to.include('well');
    // Its workers write over their environment: only their cgroup and group tell whose they are.
    expect(await place.order('stop', 'web')).to.include({ ok: true });
    expect(await get(47131)).to.equal(undefined);
  });

  it('in the background, by its PID file: watched, restarted, stopped with its workers', async () => {
    const web = nginx(47132, true);
    folder = web.folder;
    place.configure({
      web: entry({ command: web.command, pidFile: web.pidFile, probe: { http: { port: 47132 }, ...quick } }),
    });
    const { child, ended } = place.start();
    const fromFile = (): number => Number(readFileSync(web.pidFile, 'utf8'));
    const first = await place.status('web', 'is followed', ({ pid, state }) => {
      return state === 'ready' && existsSync(web.pidFile) && pid === fromFile();
    });
    expect(first.restarts).to.equal(0);
    process.kill(first.pid ?? 0, 'SIGKILL');
    const second = await place.status('web', 'is followed again', ({ pid, restarts, state }) => {
      return restarts === 1 && state === 'ready' && existsSync(web.pidFile) && pid === fromFile();
    });
    expect(second.lastEnd, 'its end was told, as a child of ours').to.equal('signal KILL');
    child.kill('SIGKILL');
    await ended;
    place.start();
    const adopted = await place.status('web', 'is adopted', ({ state }) => state === 'ready');
    expect(adopted).to.include({ pid: second.pid, restarts: 1 });
    expect(await place.order('stop', 'web')).to.include({ ok: true });
    expect(place.marked('web')).to.deep.equal([]);
    expect(await get(47132)).to.equal(undefined);
  });
});

describe('psrmd: probes and what is called ready', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.clean('one'));

  it('a probe that is a program asks by its exit code; a hang is dumped before it is ended', async () => {
    const dump = ['/bin/sh', '-c', 'grep ^State /proc/$SOFTSET_PID/status'];
    place.configure({
      one: entry({
        command: ['/bin/sh', '-c', 'echo begun; exec sleep 1000'],
        environment: { WELL: join(place.folder, 'well') },
        probe: { exec: { command: ['/bin/sh', '-c', 'test -e $WELL'] }, ...quick, graceMs: 0, fall: 2 },
        stop: { dump: { command: dump, timeoutMs: 5000 } },
        giveUp: { deaths: 1 },
      }),
    });
    writeFileSync(join(place.folder, 'well'), '');
    place.start();
    await place.status('one', 'is ready', ({ state }) => state === 'ready');
    rmSync(join(place.folder, 'well'));
    const failed = await place.status('one', 'is given up', ({ state }) => state === 'failed');
    expect(failed.lastEnd).to.equal('signal TERM');
    expect(place.output('one')).to.match(/^begun\nState:\tS \(sleeping\)\n/);
  });

  it('a probe that is a program and hangs is killed with what it started', async () => {
    place.configure({
      one: entry({
        command: ['/bin/sleep', '1000'],
        probe: { exec: { command: ['/bin/sh', '-c', 'echo asked; sleep 77123 & wait'] }, ...quick, graceMs: 60_000 },
      }),
    });
    place.start();
    await until('it was asked thrice', () => (place.output('one').split('asked').length > 3 ? true : undefined));
    expect(await place.order('stop', 'one')).to.include({ ok: true });
    await until('no probe runs', () => (execSync('ps -eo args').toString().includes('sleep 77123') ? undefined : true));
  });

  it('SNMP: ready by the first value, and no value is no answer (net-snmp)', async function () {
    if (!existsSync('/usr/sbin/snmpd')) skipFor(this, 'needs snmpd');
    const port = 47161;
    const conf = join(place.folder, 'snmpd.conf');
    const state = join(place.folder, 'snmp');
    writeFileSync(conf, `rocommunity inner 127.0.0.1\n`);
    const command = ['/usr/sbin/snmpd', '-f', '-Lo', '-C', '-c', conf, `udp:127.0.0.1:${port}`];
    const environment = { SNMP_PERSISTENT_DIR: state, MIBS: '' };
    const snmp = { port, community: 'inner' };
    place.configure({
      one: entry({ command, environment, probe: { snmp, ...quick, graceMs: 10_000 } }),
      // Of the same agent, what it does not have: it never answers, and is no more than up.
      two: entry({
        command: ['/bin/sleep', '1000'],
        probe: { snmp: { ...snmp, oid: '1.3.6.1.4.1.99999.1.0' }, ...quick, graceMs: 0, fall: 100 },
      }),
    });
    place.start();
    const { pid = 0 } = await place.status('one', 'is ready', ({ state }) => state === 'ready');
    expect((await place.status('two', 'misses', ({ state }) => state === 'in-trouble')).restarts).to.equal(0);
    process.kill(pid, 'SIGSTOP');
    await place.status('one', 'begins anew after a hang', (now) => now.restarts === 1 && now.state === 'ready');
  });

  it('ready by port: when it accepts, and not before', async () => {
    const listen = `setTimeout(() => { console.log(Date.now()); require('net').createServer().listen(47133, '127.0.0.1') }, 300)`;
    place.configure({
      one: entry({ command: [process.execPath, '-e', listen], ready: { by: 'port', port: { port: 47133 } } }),
    });
    place.start();
    await place.status('one', 'is ready', ({ state }) => state === 'ready');
    const [up, ready] = await place.became('one', 'up', 'ready');
    const listensMs = Number(place.output('one'));
    expect([up, ready], 'up before it listens, ready after it').to.satisfy(() => up < listensMs && listensMs <= ready);
  });

  it('ready by delay', async () => {
    place.configure({ one: entry({ command: ['/bin/sleep', '1000'], ready: { by: 'delay', delayMs: 300 } }) });
    const beganMs = Date.now();
    place.start();
    await place.status('one', 'is ready', ({ state }) => state === 'ready');
    const [up, ready] = await place.became('one', 'up', 'ready');
    expect(up).to.be.lessThan(ready);
    expect(ready - beganMs).to.be.at.least(300);
  });

  it('not ready in time is a hang', async () => {
    place.configure({
      one: entry({
        command: ['/bin/sleep', '1000'],
        notify: {},
        ready: { by: 'notify', timeoutMs: 200 },
        giveUp: { deaths: 2, withinMs: 60_000 },
      }),
    });
    place.start();
    const failed = await place.status('one', 'is given up', ({ state }) => state === 'failed');
    expect(failed).to.include({ lastEnd: 'signal TERM', restarts: 1 });
  });
});

describe('psrmd: sd_notify(3)', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.clean('one'));
  const byNotify = { notify: {}, ready: { by: 'notify' } };

  it('READY and STATUS, RELOADING and READY again', async () => {
    const script = `$SIG{USR1} = sub { tell_it("RELOADING=1\\nSTATUS=reads") }; $SIG{USR2} = sub { tell_it("READY=1\\nSTATUS=serves") };
      tell_it("STATUS=warms up"); sleep 1 while 1`;
    place.configure({ one: entry({ command: perl(script), ...byNotify }) });
    place.start();
    const warm = await place.status('one', 'warms up', ({ state, says }) => state === 'up' && says === 'warms up');
    process.kill(warm.pid ?? 0, 'SIGUSR2');
    const ready = await place.status('one', 'is ready', ({ state, says }) => state === 'ready' && says === 'serves');
    process.kill(ready.pid ?? 0, 'SIGUSR1');
    await place.status('one', 'reloads', ({ state, says }) => state === 'up' && says === 'reads');
    process.kill(ready.pid ?? 0, 'SIGUSR2');
    await place.status('one', 'is ready again', ({ state, says }) => state === 'ready' && says === 'serves');
  });

  it('a Debian daemon that speaks it: dbus-daemon', async function () {
    if (!existsSync('/usr/bin/dbus-daemon')) skipFor(this, 'needs dbus-daemon');
    const address = `unix:path=${join(place.folder, 'bus')}`;
    const command = ['/usr/bin/dbus-daemon', '--session', '--nofork', '--nopidfile', `--address=${address}`];
    place.configure({ one: entry({ command, ...byNotify }) });
    place.start();
    await place.status('one', 'is ready', ({ state }) => state === 'ready');
  });

  it('a watchdog that falls silent is a hang; WATCHDOG=trigger is one at once', async () => {
    const script = `tell_it("READY=1"); my $n = $ENV{WATCHDOG_USEC}; print "every $n\\n";
      $SIG{USR1} = sub { tell_it("WATCHDOG=trigger") }; my $quiet = 0; $SIG{USR2} = sub { $quiet = 1 };
      while (1) { select(undef, undef, undef, 0.05); tell_it("WATCHDOG=1") unless $quiet }`;
    place.configure({
      one: entry({
        command: perl(script),
        notify: { watchdogMs: 400 },
        ready: { by: 'notify' },
        giveUp: { deaths: 9 },
      }),
    });
    place.start();
    const first = await place.status('one', 'is ready', ({ state }) => state === 'ready');
    expect(place.output('one')).to.equal('every 400000\n');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await place.status('one', 'is told', () => true), 'it speaks').to.include({ pid: first.pid, restarts: 0 });
    process.kill(first.pid ?? 0, 'SIGUSR2');
    const second = await place.status(
      'one',
      'was restarted',
      ({ restarts, state }) => restarts === 1 && state === 'ready',
    );
    process.kill(second.pid ?? 0, 'SIGUSR1');
    await place.status('one', 'was restarted again', ({ restarts }) => restarts === 2);
    expect(place.said).to.include('said no WATCHDOG=1 for 400 ms').and.to.include('asked for it by WATCHDOG=trigger');
  });

  it('another process is not believed, be it a child of the program; with from: all, its children are', async () => {
    const script = `my $pid = fork(); if ($pid == 0) { tell_it("READY=1\\nSTATUS=forged"); sleep 1 while 1 } sleep 1 while 1`;
    place.configure({ one: entry({ command: perl(script), ...byNotify }) });
    const { child } = place.start('--log-level', 'debug');
    await until('it was refused', () => (place.said.includes('notify-refused') ? true : undefined));
    const status = await place.status('one', 'is told', () => true);
    expect(status.state).to.equal('up');
    expect(status.says).to.equal(undefined);
    place.configure({ one: entry({ command: perl(script), notify: { from: 'all' }, ready: { by: 'notify' } }) });
    child.kill('SIGHUP');
    await place.status('one', 'is believed', ({ state, says }) => state === 'ready' && says === 'forged');
  });

  it('MAINPID makes a child the program, and a stranger never', async () => {
    const script = `my $pid = fork(); if ($pid == 0) { setpgrp(0, 0); sleep 1 while 1 }
      tell_it("MAINPID=1"); tell_it("MAINPID=$pid\\nREADY=1"); print "$pid\\n"; sleep 1 while 1`;
    place.configure({ one: entry({ command: perl(script), ...byNotify }) });
    place.start();
    const status = await place.status('one', 'is ready', ({ state }) => state === 'ready');
    await until('it says who', () => (place.output('one') === '' ? undefined : true));
    const main = Number(place.output('one'));
    await place.status('one', 'is the child', ({ pid }) => pid === main);
    process.kill(main, 'SIGKILL');
    const again = await place.status(
      'one',
      'was restarted',
      ({ restarts, state }) => restarts === 1 && state === 'ready',
    );
    expect(again.pid).to.not.equal(status.pid);
    await until('the old family is gone', () => (place.marked('one').length === 2 ? true : undefined));
    expect(place.said).to.not.include('"pid":1,');
  });

  it('a stop that needs longer says so by EXTEND_TIMEOUT_USEC', async () => {
    const script = `$SIG{TERM} = sub { for (1..8) { tell_it("EXTEND_TIMEOUT_USEC=500000"); select(undef, undef, undef, 0.1) } print "saved\\n"; exit 0 };
      tell_it("READY=1"); sleep 1 while 1`;
    place.configure({ one: entry({ command: perl(script), ...byNotify, stop: { timeoutMs: 300 } }) });
    place.start();
    await place.status('one', 'is ready', ({ state }) => state === 'ready');
    expect(await place.order('stop', 'one')).to.include({ ok: true });
    expect((await place.status('one', 'is told', () => true)).lastEnd).to.equal('exit 0');
    expect(place.output('one')).to.equal('saved\n');
  });

  it('what it said to an earlier psrmd is known to the next, and what it says is heard', async () => {
    const script = `tell_it("READY=1"); $SIG{USR1} = sub { tell_it("STATUS=still here") }; sleep 1 while 1`;
    place.configure({ one: entry({ command: perl(script), notify: {}, ready: { by: 'notify', timeoutMs: 500 } }) });
    const { child, ended } = place.start();
    const ready = await place.status('one', 'is ready', ({ state }) => state === 'ready');
    child.kill('SIGKILL');
    await ended;
    place.start();
    await place.status('one', 'is ready', ({ state, pid }) => state === 'ready' && pid === ready.pid);
    process.kill(ready.pid ?? 0, 'SIGUSR1');
    await place.status('one', 'is heard', ({ says }) => says === 'still here');
  });
});
