import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect } from 'chai';
import { entry, isRoot, NEEDS_ROOT, perl, skipFor, statusOf } from './programs.js';
import { Place, until } from './psrmd.js';

describe('psrmd: as whom and within what a program runs', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.clean('one', 'two'));

  it('limits, mask, niceness and processors hold from the first instruction', async () => {
    const script = 'ulimit -n; ulimit -c; umask; nice; echo $HELLO; pwd; echo done; exec sleep 1000';
    place.configure({
      one: entry({
        command: ['/bin/sh', '-c', script],
        directory: '/usr',
        environment: { HELLO: 'it is me' },
        limits: { files: 77, coreBytes: 0 },
        run: { umask: '027', nice: 5, cpus: '0' },
      }),
    });
    place.start();
    await until('it told', () => (place.output('one').includes('done') ? true : undefined));
    const nice = String(Math.min(19, getPriority() + 5));
    expect(place.output('one').split('\n')).to.deep.equal(['77', '0', '0027', nice, 'it is me', '/usr', 'done', '']);
    const pid = await place.running('one');
    expect(statusOf(pid).get('Cpus_allowed_list')).to.equal('0');
    // psrmd's own mask is as before: its files in the run directory are made as always.
    process.kill(pid, 'SIGKILL');
    await place.running('one', pid);
    expect(statusOf(await place.running('one', pid)).get('Umask')).to.equal('0027');
  });

  it('another user, with its groups, and only the capabilities that are named', async function () {
    if (!isRoot) skipFor(this, NEEDS_ROOT);
    place.configure({
      one: entry({
        command: ['/bin/sleep', '1000'],
        run: { user: 'nobody', groups: ['mail', 'games'], capabilities: ['net_bind_service'] },
      }),
      two: entry({ command: ['/bin/sleep', '1000'], run: { user: '4321', group: '8765' } }),
    });
    place.start();
    const one = statusOf(await place.running('one'));
    expect(one.get('Uid')?.split('\t')[0]).to.equal('65534');
    expect(one.get('Groups')?.trim().split(' ').map(Number)).to.have.members([8, 60]);
    for (const set of ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb'])
      expect(Number.parseInt(one.get(set) ?? '', 16), set).to.equal(1 << 10);
    const two = statusOf(await place.running('two'));
    expect([two.get('Uid')?.split('\t')[0], two.get('Gid')?.split('\t')[0]]).to.deep.equal(['4321', '8765']);
    expect(two.get('Groups')).to.equal('');
    expect(Number.parseInt(two.get('CapEff') ?? '', 16)).to.equal(0);
  });

  it('real-time priority, where it is permitted', async function () {
    if (!isRoot) skipFor(this, NEEDS_ROOT);
    place.configure({ one: entry({ command: ['/bin/sleep', '1000'], run: { realTime: 7 } }) });
    place.start();
    const pid = await place.running('one');
    // proc(5): field 40 is the priority, field 41 the policy; 2 is SCHED_RR.
    const fields = await until('chrt has handed over', () => {
      const found = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
      return found[37] === '7' ? found : undefined;
    });
    expect(fields[38]).to.equal('2');
  });

  it('what a limit is counted by goes with its life, and all of it when psrmd stops its programs', async function () {
    if (!isRoot) skipFor(this, NEEDS_ROOT);
    place.configure({
      one: entry({ command: ['/bin/sleep', '1000'], limits: { cpuPercent: 20, memoryBytes: 50_000_000 } }),
    });
    const { child, ended } = place.start('--stop-programs');
    const pid = await place.running('one');
    // It enters them itself, before its first instruction, but after it was told of.
    await until('it is in a cgroup for each', () => {
      const own = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
      const named = own.filter((line) => line.includes('softset-cpu-1-') && line.endsWith('/one.1'));
      return named.length > 1 ? true : undefined;
    });
    process.kill(pid, 'SIGKILL');
    await place.running('one', pid);
    child.kill('SIGTERM');
    await ended;
    const path = place.cgroups?.split('/').at(-1) ?? '';
    for (const controller of readdirSync('/sys/fs/cgroup'))
      expect(existsSync(`/sys/fs/cgroup/${controller}/${path}`), controller).to.equal(false);
  });

  for (const [whose, lingers] of [
    ['', '0'],
    [', though its parent ends only later', '0.3'],
  ] as const)
    it(`one that forks twice and leaves its session is followed by its PID file, and ended${whose}`, async () => {
      const file = `${place.folder}/two.pid`;
      const script = `use POSIX 'setsid'; exit 0 if fork(); setsid(); if (fork()) { select(undef, undef, undef, ${lingers}); exit 0 }
      open(my $f, '>', '${file}'); print $f "$$\\n"; close $f; sleep 1 while 1`;
      place.configure({ one: entry({ command: perl(script), pidFile: file }) });
      place.start();
      const first = await place.status('one', 'is followed', ({ pid, state }) => {
        return state === 'up' && place.marked('one').length === 1 && place.marked('one')[0] === pid;
      });
      process.kill(first.pid ?? 0, 'SIGTERM');
      const second = await place.status('one', 'is followed again', ({ pid, restarts }) => {
        return restarts === 1 && place.marked('one').length === 1 && place.marked('one')[0] === pid;
      });
      expect(second.lastEnd).to.equal('signal TERM');
      expect(await place.order('stop', 'one')).to.include({ ok: true });
      expect(place.marked('one')).to.deep.equal([]);
    });
});

describe('psrmd: a program in trouble (002 ¶0029, failure 3)', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.clean('one'));
  const often = { everyMs: 50, times: 2 };

  it('is told, and nothing is done, by default; and told when it is over', async () => {
    const script = `my @f; $SIG{USR1} = sub { for (1..50) { open(my $g, '<', '/dev/null'); push @f, $g } }; $SIG{USR2} = sub { @f = () }; sleep 1 while 1`;
    place.configure({ one: entry({ command: perl(script), trouble: { files: { warn: 40, act: 45 }, ...often } }) });
    place.start();
    const pid = await place.running('one');
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(pid, 'SIGUSR1');
    const ill = await place.status('one', 'is in trouble', ({ state }) => state === 'in-trouble');
    expect(ill.trouble).to.match(/^files \d+ ≥ 45$/);
    await new Promise((resolve) => setTimeout(resolve, 500));
    process.kill(pid, 'SIGUSR2');
    const well = await place.status('one', 'is well', ({ state }) => state === 'up');
    expect(well).to.include({ pid, restarts: 0 });
    expect(well.trouble).to.equal(undefined);
  });

  it('memory: warned of at the first threshold, restarted at the second, given up at the K-th time', async () => {
    const script = 'my @held; while (1) { push @held, "x" x 1_000_000; select(undef, undef, undef, 0.01) }';
    place.configure({
      one: entry({
        command: perl(script),
        giveUp: { deaths: 2, withinMs: 60_000 },
        trouble: { memoryBytes: { warn: 15_000_000, act: 40_000_000 }, action: 'restart', ...often },
      }),
    });
    place.start();
    const warned = await place.status('one', 'is in trouble', ({ state }) => state === 'in-trouble');
    expect(warned.trouble).to.match(/^memoryBytes \d+ ≥ 15000000$/);
    const failed = await place.status('one', 'is given up', ({ state }) => state === 'failed');
    expect(failed).to.include({ restarts: 1, lastEnd: 'signal TERM' });
  });

  it('its STATUS, a line of its log and its processor time count as well', async () => {
    const script = `tell_it("STATUS=queue full"); print "error: disk slow\\n"; 1 while 1`;
    const cases = [
      [{ status: { warn: '^queue full' } }, 'says "queue full"'],
      [{ log: { warn: 'error: .* slow' } }, 'wrote "error: disk slow"'],
      [{ cpuPercent: { warn: 5 } }, 'cpuPercent'],
    ] as const;
    place.configure({ one: entry({ command: perl(script), notify: {} }) });
    const { child } = place.start();
    await place.running('one');
    for (const [trouble, why] of cases) {
      place.configure({ one: entry({ command: perl(script), notify: {}, trouble: { ...trouble, ...often } }) });
      child.kill('SIGHUP');
      if ('log' in trouble) await place.order('restart', 'one');
      await place.status(
        'one',
        why,
        (status) => status.state === 'in-trouble' && status.trouble?.includes(why) === true,
      );
    }
  });

  it('action: move gives it up at once, so that REDIRECT starts its equivalent elsewhere', async () => {
    const script = `tell_it("STATUS=broken"); sleep 1 while 1`;
    place.configure({
      one: entry({
        command: perl(script),
        notify: {},
        trouble: { status: { act: 'broken' }, action: 'move', ...often },
      }),
    });
    place.start();
    const failed = await place.status('one', 'is given up', ({ state }) => state === 'failed');
    expect(failed).to.include({ restarts: 0 });
    expect(place.marked('one')).to.deep.equal([]);
  });
});
