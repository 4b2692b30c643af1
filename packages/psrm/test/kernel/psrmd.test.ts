import { mkdirSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import { Place, until } from './psrmd.js';

/** Tells its pid and waits. */
const waiter = 'command: [/bin/sh, -c, "echo begun $$; exec sleep 1000"]';
/** Answers UDP on a port that the kernel chose would be unknown to the probe, so each test takes its own. */
const echo = (port: number): string =>
  `command: [${process.execPath}, -e, "const s = require('dgram').createSocket('udp4'); s.on('message', (m, r) => s.send(m, r.port, r.address)); s.bind(${port}, '127.0.0.1')"]`;

describe('psrmd, with real programs', function () {
  this.timeout(60_000);
  let place: Place;
  const names = ['one', 'two', 'gone'];

  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.clean(...names));

  it('starts what its board runs, and starts it again when it dies (002 ¶0029, failure 1)', async () => {
    place.configure({ one: waiter });
    place.start();
    const first = await place.running('one');
    process.kill(first, 'SIGKILL');
    const second = await place.running('one', first);
    const status = await place.status('one', 'is up', ({ state }) => state === 'up');
    expect(status).to.include({ pid: second, restarts: 1, lastEnd: 'signal KILL', wanted: true });
    expect(place.marked('one')).to.deep.equal([second]);
    expect(place.output('one')).to.equal(`begun ${first}\nbegun ${second}\n`);
  });

  it('gives up after the configured deaths, and an order starts it afresh (002 ¶0030)', async () => {
    place.configure({ one: 'command: [/bin/sh, -c, "echo begun; exit 3"], giveUp: { deaths: 3, withinMs: 60000 }' });
    place.start();
    const status = await place.status('one', 'failed', ({ state }) => state === 'failed');
    expect(status).to.include({ restarts: 2, lastEnd: 'exit 3', wanted: true });
    expect(place.output('one')).to.equal('begun\n'.repeat(3));
    expect(await place.order('start', 'one')).to.deep.equal({ ok: true, value: {} });
    await until('three more lives', () => (place.output('one') === 'begun\n'.repeat(6) ? true : undefined));
  });

  it('is told of ready by the first answer; a hung program is ended and started again (failure 2)', async () => {
    const probe = 'probe: { udp: { port: 47113 }, intervalMs: 20, timeoutMs: 50, fall: 2, graceMs: 0 }';
    place.configure({
      one: `${echo(47113)}, ${probe.replace('graceMs: 0', 'graceMs: 3000')}, stop: { timeoutMs: 200 }`,
    });
    place.start();
    const ready = await place.status('one', 'is ready', ({ state }) => state === 'ready');
    await new Promise((resolve) => setTimeout(resolve, 3000)); // The grace: silence in it would be no fault.
    process.kill(ready.pid ?? 0, 'SIGSTOP');
    const hung = await place.status('one', 'was restarted', ({ restarts }) => restarts === 1);
    expect(hung.lastEnd).to.be.oneOf(['signal TERM', 'signal KILL']);
    const again = await place.status('one', 'is ready again', ({ state }) => state === 'ready');
    expect(again.pid).to.not.equal(ready.pid);
    expect(place.marked('one')).to.deep.equal([again.pid]);
  });

  it('a program that heeds no TERM is killed when its time is over', async () => {
    place.configure({
      one: 'command: [/bin/sh, -c, "trap \'\' TERM; echo begun; while :; do sleep 1; done"], stop: { timeoutMs: 300 }',
    });
    place.start();
    await until('its trap stands', () => (place.output('one') === 'begun\n' ? true : undefined));
    expect(await place.order('stop', 'one')).to.include({ ok: true });
    const status = await place.status('one', 'stopped', ({ state }) => state === 'stopped');
    expect(status).to.include({ lastEnd: 'signal KILL', wanted: false });
    expect(place.marked('one')).to.deep.equal([]);
  });

  it('a stop leaves nothing, not even what made a session of its own', async () => {
    place.configure({ one: 'command: [/bin/sh, -c, "setsid sleep 1000 & sleep 1000 & echo begun; wait"]' });
    place.start();
    await until('the whole family runs', () => (place.marked('one').length >= 3 ? true : undefined));
    expect(await place.order('stop', 'one')).to.include({ ok: true });
    expect(place.marked('one')).to.deep.equal([]);
  });

  it('a restart sweeps away what the dead life left in other sessions', async () => {
    place.configure({ one: 'command: [/bin/sh, -c, "setsid sleep 1000 & echo begun; wait"]' });
    place.start();
    const first = await place.running('one');
    await until('its child runs', () => (place.marked('one').length === 2 ? true : undefined));
    const orphan = place.marked('one').find((pid) => pid !== first) ?? 0;
    process.kill(first, 'SIGKILL');
    await place.running('one', first);
    await until('the orphan is gone', () => (place.marked('one').includes(orphan) ? undefined : true));
  });

  it('without cgroups, neither a stop nor a restart leaves anything', async () => {
    place.configure({ one: 'command: [/bin/sh, -c, "setsid sleep 1000 & sleep 1000 & echo begun; wait"]' });
    place.startWithoutCgroups();
    const first = await place.running('one');
    expect(place.cgroups).to.equal('none');
    await until('the whole family runs', () => (place.marked('one').length === 3 ? true : undefined));
    const family = place.marked('one');
    process.kill(first, 'SIGKILL');
    await place.running('one', first);
    await until('the old family is gone', () =>
      place.marked('one').some((pid) => family.includes(pid)) ? undefined : true,
    );
    expect(await place.order('stop', 'one')).to.include({ ok: true });
    expect(place.marked('one')).to.deep.equal([]);
  });

  it('killed and started again, it adopts what runs, counts included, and starts no second copy', async () => {
    place.configure({ one: waiter, two: waiter });
    const { child, ended } = place.start();
    const first = await place.running('one');
    process.kill(first, 'SIGKILL');
    const pid = await place.running('one', first);
    const other = await place.running('two');
    child.kill('SIGKILL');
    await ended;
    place.start();
    const status = await place.status('one', 'is up', ({ state }) => state === 'up');
    expect(status).to.include({ pid, restarts: 1 });
    expect(place.marked('one'), 'no second copy').to.deep.equal([pid]);
    expect(place.marked('two')).to.deep.equal([other]);
    process.kill(other, 'SIGKILL');
    const successor = await place.running('two', other);
    // Its environment is there a moment after its pid is known (execve(2)).
    await until('an adopted program is watched', () => (place.marked('two').includes(successor) ? true : undefined));
    expect(place.marked('two')).to.deep.equal([successor]);
  });

  it('restarts what died while it was away', async () => {
    place.configure({ one: waiter });
    const { child, ended } = place.start();
    const first = await place.running('one');
    child.kill('SIGKILL');
    await ended;
    process.kill(first, 'SIGKILL');
    await until('it is dead', () => (place.marked('one').length === 0 ? true : undefined));
    place.start();
    const status = await place.status('one', 'is up', ({ state }) => state === 'up');
    expect(status).to.include({ restarts: 1, lastEnd: 'ended unseen' });
  });

  it('finds a child that was started and not written down', async () => {
    place.configure({ one: waiter });
    const { child, ended } = place.start();
    const pid = await place.running('one');
    child.kill('SIGKILL');
    await ended;
    rmSync(`${place.runDir}/programs`, { recursive: true });
    place.start();
    const status = await place.status('one', 'is up', ({ state }) => state === 'up');
    expect(status.pid).to.equal(pid);
    expect(place.marked('one')).to.deep.equal([pid]);
  });

  it('a stop that was ordered outlives psrmd', async () => {
    place.configure({ one: waiter });
    const { child, ended } = place.start();
    await place.running('one');
    expect(await place.order('stop', 'one')).to.include({ ok: true });
    child.kill('SIGKILL');
    await ended;
    place.start();
    const status = await place.status('one', 'is told', () => true);
    expect(status).to.include({ state: 'stopped', wanted: false });
    expect(place.marked('one')).to.deep.equal([]);
  });

  it('SIGTERM leaves programs running; with --stop-programs it stops them', async () => {
    place.configure({ one: waiter });
    const first = place.start();
    const pid = await place.running('one');
    first.child.kill('SIGTERM');
    expect((await first.ended).code).to.equal(0);
    expect(place.marked('one')).to.deep.equal([pid]);
    const second = place.start('--stop-programs');
    expect(await place.running('one')).to.equal(pid);
    second.child.kill('SIGTERM');
    expect((await second.ended).code).to.equal(0);
    expect(place.marked('one')).to.deep.equal([]);
  });

  it('ends what runs here and is configured no more', async () => {
    place.configure({ one: waiter, gone: waiter });
    const { child, ended } = place.start();
    await place.running('gone');
    child.kill('SIGTERM');
    await ended;
    place.configure({ one: waiter });
    place.start();
    await place.running('one');
    await until('it is gone', () => (place.marked('gone').length === 0 ? true : undefined));
  });

  it('streams changes to subscribers', async () => {
    place.configure({ one: waiter });
    place.start();
    const pid = await place.running('one');
    const states: string[] = [];
    place.client.subscribe(
      'programs',
      () => {},
      ({ programs }) => states.push(programs[0]?.state ?? ''),
    );
    await place.client.call('status', {});
    process.kill(pid, 'SIGKILL');
    await until('the restart is told', () => (states.includes('up') ? true : undefined));
  });

  it('refuses an unknown program by name', async () => {
    place.configure({ one: waiter });
    place.start();
    await place.running('one');
    const refused = await place.order('start', 'nine');
    expect(refused).to.include({ ok: false, code: 'UNKNOWN_PROGRAM' });
  });

  it('refuses a bad cluster file with its line', async () => {
    place.configure({ one: 'command: [sleep, "1"]' });
    const { code, stderr } = await place.start('--check-config').ended;
    expect(code).to.equal(1);
    expect(stderr).to.include(`${place.file}:9: programs.one.command[0]: "sleep" is not an absolute path`);
    const started = await place.start().ended;
    expect(started.code).to.equal(1);
    expect(started.stderr).to.include('cluster.yaml:9:');
  });

  it('refuses a cluster file that cannot be read by errno’s name, and what runs goes on', async () => {
    place.configure({ one: waiter });
    const { child, ended } = place.start();
    const pid = await place.running('one');
    child.kill('SIGKILL');
    await ended;
    rmSync(place.file);
    mkdirSync(place.file);
    const refused = await place.start().ended;
    expect(refused.code).to.equal(111);
    expect(refused.stderr).to.include('EISDIR').and.to.include(place.file);
    expect(place.marked('one')).to.deep.equal([pid]);
  });

  it('refuses to be the second on one run directory', async () => {
    place.configure({ one: waiter });
    place.start();
    const pid = await place.running('one');
    const { code, stderr } = await place.start().ended;
    expect(code).to.equal(1);
    expect(stderr).to.include('LOCKED').and.to.include('two psrmd were started');
    expect(place.marked('one')).to.deep.equal([pid]);
  });

  it('leaves with 100 on wrong usage', async () => {
    place.configure({});
    expect((await place.start('--frob').ended).code).to.equal(100);
  });
});
