import { accessSync, constants, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupParents, removeCgroupTree } from '@softset/linux/cgroup.js';
import { expect } from 'chai';
import { entry, isRoot, NEEDS_ROOT, perl, skipFor } from './programs.js';
import { Place, until } from './psrmd.js';

function canLimitMemory(): boolean {
  return cgroupParents('memory').some(({ path }) => {
    try {
      accessSync(path, constants.W_OK);
      return process.getuid?.() === 0 && existsSync(path);
    } catch {
      return false;
    }
  });
}

describe('psrmd: how a program ends decides what follows (002 ¶0030)', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.clean('one', 'two'));

  it('an exit code on the list of final ends is not restarted; any other is', async () => {
    place.configure({
      one: entry({ command: ['/bin/sh', '-c', 'echo begun; exit 42'], exits: { final: [42] } }),
      two: entry({ command: ['/bin/sh', '-c', 'echo begun; exit 43'], exits: { final: [42] }, giveUp: { deaths: 2 } }),
    });
    place.start();
    const one = await place.status('one', 'failed', ({ state }) => state === 'failed');
    expect(one).to.include({ restarts: 0, lastEnd: 'exit 42' });
    await place.status('two', 'failed', ({ state }) => state === 'failed');
    expect(place.output('one')).to.equal('begun\n');
    expect(place.output('two')).to.equal('begun\nbegun\n');
  });

  it('a signal on the list of ends that are restarted brings back even a temporary program', async () => {
    place.configure({
      one: entry({ command: ['/bin/sleep', '1000'], restart: 'temporary', exits: { again: ['USR1'] } }),
    });
    place.start();
    const first = await place.running('one');
    process.kill(first, 'SIGUSR1');
    const second = await place.running('one', first);
    process.kill(second, 'SIGUSR2');
    const status = await place.status('one', 'failed', ({ state }) => state === 'failed');
    expect(status).to.include({ lastEnd: 'signal USR2', restarts: 1 });
  });

  it('a leak that runs into its memory limit is told from another KILL, by name', async function () {
    if (!canLimitMemory()) skipFor(this, 'needs root, and a cgroup that limits memory');
    place.configure({
      one: entry({
        command: perl('my @held; while (1) { push @held, "x" x 1_000_000 }'),
        limits: { memoryBytes: 40_000_000 },
        exits: { final: ['OOM'] },
      }),
      two: entry({ command: ['/bin/sleep', '1000'], limits: { memoryBytes: 40_000_000 }, exits: { final: ['OOM'] } }),
    });
    place.start();
    const one = await place.status('one', 'failed', ({ state }) => state === 'failed');
    expect(one).to.include({ lastEnd: 'signal KILL, out of memory', restarts: 0 });
    const first = await place.running('two');
    process.kill(first, 'SIGKILL');
    const two = await place.status('two', 'restarted', ({ restarts }) => restarts === 1);
    expect(two.lastEnd).to.equal('signal KILL');
  });

  it('a core dump is noted, and forbidden by its limit', async () => {
    const fault = ['/bin/sh', '-c', 'kill -SEGV $$'];
    const common = { command: fault, restart: 'temporary', directory: place.folder };
    place.configure({
      one: entry({ ...common, limits: { coreBytes: 100_000_000 } }),
      two: entry({ ...common, limits: { coreBytes: 0 } }),
    });
    place.start();
    const one = await place.status('one', 'failed', ({ state }) => state === 'failed');
    const two = await place.status('two', 'failed', ({ state }) => state === 'failed');
    expect([one.lastEnd, two.lastEnd]).to.deep.equal(['signal SEGV, core dumped', 'signal SEGV']);
  });

  it('one that fails at once for ever is slowed, given up, and told of once', async () => {
    place.configure({
      one: entry({
        command: ['/bin/sh', '-c', 'echo begun; exit 1'],
        giveUp: { deaths: 6, withinMs: 60_000 },
        pause: { minMs: 100, maxMs: 200 },
      }),
    });
    const { child, ended } = place.start();
    await place.status('one', 'failed', ({ state }) => state === 'failed');
    await new Promise((resolve) => setTimeout(resolve, 500)); // Nothing more may happen.
    expect(place.output('one')).to.equal('begun\n'.repeat(6));
    child.kill('SIGTERM');
    const told = (await ended).stderr.split('\n').filter((line) => line.includes('"state":"failed"'));
    expect(told).to.have.length(1);
  });

  it('one that fails at once for ever and is never given up is started ever more seldom, and its state says why', async () => {
    place.configure({
      one: entry({
        command: ['/bin/sh', '-c', 'echo begun; exit 1'],
        giveUp: { deaths: 1000 },
        pause: { minMs: 50, maxMs: 1000 },
      }),
    });
    place.start();
    await until('its first end', () => (place.output('one') === '' ? undefined : true));
    await new Promise((resolve) => setTimeout(resolve, 3000));
    // At once twice, then after 50, 100, 200, 400, 800, 1000 and 1000 ms: a slow machine makes it fewer.
    expect(place.output('one').split('\n').length - 1).to.be.within(4, 10);
    const status = await place.status('one', 'waits', ({ state }) => state === 'starting');
    expect(status).to.include({ lastEnd: 'exit 1', wanted: true });
    expect(await place.order('stop', 'one')).to.include({ ok: true });
  });
});

const NEEDS_SOME_ROOT = 'needs root, be it that of a user namespace';

describe('psrmd: what cannot be started is named, and the others go on', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.clean('one', 'two'));

  const cases: readonly [string, object, string][] = [
    ['a missing binary', { command: ['/nonexistent/program'] }, 'PROGRAM_MISSING: there is no /nonexistent/program'],
    ['a file that is no program', { command: ['/etc/passwd'] }, 'NOT_EXECUTABLE'],
    ['a missing directory', { command: ['/bin/true'], directory: '/nonexistent' }, 'DIRECTORY_MISSING'],
    ['an unknown user', { command: ['/bin/true'], run: { user: 'nobody-at-all' } }, 'UNKNOWN_USER'],
    ['an unknown group', { command: ['/bin/true'], run: { group: 'nobody-at-all' } }, 'UNKNOWN_GROUP'],
    ['a missing binary behind tools', { command: ['/nonexistent'], limits: { files: 99 } }, 'PROGRAM_MISSING'],
    ['an argument with a zero byte', { command: ['/bin/true', 'a\0b'] }, 'EINVAL'],
  ];
  for (const [what, fields, code] of cases) {
    it(`${what}: ${code}`, async function () {
      if ('run' in fields && process.getuid?.() !== 0) skipFor(this, NEEDS_SOME_ROOT);
      place.configure({ one: entry(fields), two: entry({ command: ['/bin/sleep', '1000'] }) });
      place.start();
      const status = await place.status('one', 'failed', ({ state }) => state === 'failed');
      expect(status.lastEnd).to.include(`not started: ${code}`);
      expect(place.marked('two')).to.have.length(1);
    });
  }

  it('a fork that is refused: FORK_FAILED, and the same start goes well when there is room again', async function () {
    // The limit of tasks is a cgroup's: root is held by no other.
    const parent = cgroupParents('track').find(
      ({ path }) => existsSync(join(path, 'pids.max')) || path.includes('/pids'),
    );
    const group = parent && join(parent.path, `psrm-test-${process.pid}-${performance.now().toFixed(0)}`);
    if (!isRoot) skipFor(this, NEEDS_ROOT);
    if (group === undefined) skipFor(this, 'needs a cgroup that bounds tasks');
    place.configure({
      one: entry({ command: ['/bin/sleep', '1000'], giveUp: { deaths: 1 } }),
      two: entry({ command: ['/bin/sleep', '1000'] }),
    });
    const { child } = place.start();
    await place.running('one');
    const two = await place.running('two');
    await place.order('stop', 'one');
    mkdirSync(group);
    try {
      writeFileSync(join(group, 'cgroup.procs'), String(child.pid));
      writeFileSync(join(group, 'pids.max'), '1');
      await place.order('start', 'one');
      const status = await place.status('one', 'failed', ({ state }) => state === 'failed');
      expect(status.lastEnd).to.include('not started: FORK_FAILED');
      writeFileSync(join(group, 'pids.max'), 'max');
      await place.order('start', 'one');
      await place.running('one');
      expect(place.marked('two')).to.deep.equal([two]);
      // By psrmd, which reaps it: the first process of a machine may take its time, and until then it is in the cgroup.
      await place.order('stop', 'one');
    } finally {
      for (const program of ['one', 'two']) for (const pid of place.marked(program)) process.kill(pid, 'SIGKILL');
      child.kill('SIGKILL');
      // As at the end of a place: what the machine's first process has not reaped stays in it, and that is said.
      const gone = (): true | undefined => (removeCgroupTree(group) ? true : undefined);
      await until('the cgroup is gone', gone).catch(() => process.stderr.write(`left behind: ${group}\n`));
    }
  });

  it('a log that cannot be opened costs the log, not the program', async () => {
    place.configure({ one: entry({ command: ['/bin/sleep', '1000'] }) });
    mkdirSync(`${place.runDir}/log/one.log`, { recursive: true });
    place.start();
    await place.running('one');
    expect(place.said).to.include('program-log-lost').and.to.include('EISDIR');
  });

  it('a full disk for logs stops nobody', async function () {
    if (process.getuid?.() !== 0) skipFor(this, NEEDS_SOME_ROOT);
    place.configure({
      one: entry({ command: ['/bin/sh', '-c', 'while :; do echo 0123456789012345678901234567890123456789; done'] }),
      two: entry({ command: ['/bin/sleep', '1000'] }),
    });
    place.startWithLogsOn('65536');
    const first = await place.running('two');
    await place.running('one');
    process.kill(first, 'SIGKILL');
    await place.running('two', first);
    expect((await place.status('one', 'is up', () => true)).state).to.equal('up');
    expect(await place.order('stop', 'one')).to.include({ ok: true });
  });

  it('psrmd out of descriptors does not take a program for hung that it cannot ask', async () => {
    const port = 47121;
    const answer = `const s = require('dgram').createSocket('udp4'); s.on('message', (m, r) => s.send(m, r.port, r.address)); s.bind(${port}, '127.0.0.1')`;
    place.configure({
      one: entry({
        command: [process.execPath, '-e', answer],
        probe: { udp: { port }, intervalMs: 20, timeoutMs: 200, fall: 2, graceMs: 2000 },
      }),
    });
    const { child } = place.start();
    const ready = await place.status('one', 'is ready', ({ state }) => state === 'ready');
    await new Promise((resolve) => setTimeout(resolve, 2000)); // The grace.
    await place.limitFiles(child.pid ?? 0, 5);
    await until('it says that it cannot ask', () => (place.said.includes('probe-not-put') ? true : undefined));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await place.limitFiles(child.pid ?? 0, 1024);
    const status = await place.status('one', 'answers', ({ state }) => state === 'ready');
    expect(status).to.include({ pid: ready.pid, restarts: 0 });
  });

  it('psrmd out of descriptors restarts what dies, and leaves nothing of it behind', async () => {
    const family = ['/bin/sh', '-c', 'setsid sleep 1000 & exec sleep 1000'];
    place.configure({ one: entry({ command: family }) });
    const { child } = place.start();
    const psrmd = child.pid ?? 0;
    const first = await place.running('one');
    await until('both run', () => (place.marked('one').length === 2 ? true : undefined));
    const before = place.marked('one');
    const used = new Set(readdirSync(`/proc/${psrmd}/fd`).map(Number));
    let free = 0;
    while (used.has(free)) free++;
    await place.limitFiles(psrmd, free);
    process.kill(first, 'SIGKILL');
    await place.running('one', first);
    await until('only the new family runs', () => {
      const now = place.marked('one');
      return now.length === 2 && !now.some((pid) => before.includes(pid)) ? true : undefined;
    });
    expect(await place.order('stop', 'one')).to.include({ ok: true });
    expect(place.marked('one')).to.deep.equal([]);
    expect(child.exitCode, 'it came through').to.equal(null);
  });

  it('psrmd out of descriptors at its own start says so, and nothing is lost or started twice', async () => {
    place.configure({
      one: entry({ command: ['/bin/sleep', '1000'] }),
      two: entry({ command: ['/bin/sleep', '1000'] }),
    });
    const { child, ended } = place.start();
    const one = await place.running('one');
    const two = await place.running('two');
    const needed = readdirSync(`/proc/${child.pid}/fd`).length;
    child.kill('SIGKILL');
    await ended;
    let refused = 0;
    for (let files = needed - 8; files <= needed + 4; files += 2) {
      const next = place.startWithFiles(files);
      const isReady = (): boolean => /"event":"ready"/.test(place.said.slice(said));
      const said = place.said.length;
      await until('it is ready or gone', () => (isReady() || next.child.exitCode !== null ? true : undefined));
      next.child.kill('SIGKILL');
      const { code, stderr } = await next.ended;
      if (code !== null) {
        refused++;
        expect(stderr, `${files} descriptors`).to.match(/EMFILE|too many open files/i);
      }
      expect([place.marked('one'), place.marked('two')], `${files} descriptors`).to.deep.equal([[one], [two]]);
    }
    expect(refused, 'it had too few at least once').to.be.greaterThan(0);
    place.start();
    expect((await place.status('one', 'is up', ({ state }) => state === 'up')).pid).to.equal(one);
  });
});
