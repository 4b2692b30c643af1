import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, unwrap } from '@softset/base';
import type { NetrackTopics } from '@softset/protocol';
import { serveControl } from '@softset/runtime/control-server.js';
import { Topic } from '@softset/runtime/topic.js';
import { expect } from 'chai';
import { entry, isRoot, NEEDS_ROOT, perl, skipFor } from './programs.js';
import { Place, until } from './psrmd.js';

type State = NetrackTopics['state'];

describe('programs that know of PSRM', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = new Place();
    mkdirSync(place.runDir);
  });
  afterEach(() => place.clean('one', 'two'));

  it('say by the notify socket what ails them, and ask to be restarted', async () => {
    const script = `$SIG{USR1} = sub { tell_it("X_SOFTSET_HEALTH=queue full") }; $SIG{USR2} = sub { tell_it("X_SOFTSET_HEALTH=ok") };
      $SIG{HUP} = sub { tell_it("X_SOFTSET_ASK=restart") }; tell_it("READY=1"); sleep 1 while 1`;
    place.configure({ one: entry({ command: perl(script), notify: {} }) });
    place.start();
    const { pid = 0 } = await place.status('one', 'ready', ({ state }) => state === 'ready');
    process.kill(pid, 'SIGUSR1');
    expect((await place.status('one', 'ails', ({ state }) => state === 'in-trouble')).trouble).to.equal('queue full');
    process.kill(pid, 'SIGUSR2');
    await place.status('one', 'is well', ({ state }) => state === 'ready');
    process.kill(pid, 'SIGHUP');
    const again = await place.status('one', 'runs anew', (now) => now.state === 'ready' && now.pid !== pid);
    expect(again.restarts, 'it counts as a death').to.equal(1);
  });

  it('by the control socket as well: told, restarted, given up for REDIRECT to move', async () => {
    place.configure({ one: entry({ command: ['/bin/sleep', '1000'] }) });
    place.start();
    const pid = await place.running('one');
    const tell = (what: { ailment?: string; ask?: 'restart' | 'move' }) =>
      place.client.call('tell', { program: 'one', ...what });
    expect((await tell({ ailment: 'hot' })).ok).to.equal(true);
    expect((await place.status('one', 'ails', ({ state }) => state === 'in-trouble')).trouble).to.equal('hot');
    expect(await tell({})).to.include({ ok: false, code: 'RPC_INVALID_PARAMS' });
    expect((await tell({ ask: 'restart' })).ok).to.equal(true);
    await place.running('one', pid);
    expect((await tell({ ask: 'move', ailment: 'disk dying' })).ok).to.equal(true);
    const failed = await place.status('one', 'given up', ({ state }) => state === 'failed');
    expect([failed.trouble, failed.wanted]).to.deep.equal(['disk dying', true]);
    expect(await tell({ ask: 'restart' })).to.include({ ok: false, code: 'NOT_RUNNING' });
  });

  it('another user’s program speaks for itself, and for nobody else', async function () {
    if (!isRoot) skipFor(this, NEEDS_ROOT);
    // The client library, as the user of the program: its own process asks.
    const main = join(place.folder, 'main.mjs');
    const client = new URL('../../../client/dist/index.js', import.meta.url).href;
    writeFileSync(
      main,
      `import { ownProgram } from '${client}';
const own = ownProgram();
if (!own.ok) throw new Error(own.message);
const told = await own.value.ails('from within');
const other = await own.value.client.call('tell', { program: 'two', ask: 'move' });
const order = await own.value.client.call('stop', { program: 'one' });
console.log('told', told.ok, other.code, order.code);
setInterval(() => {}, 1000);`,
    );
    place.configure({
      one: entry({ command: [process.execPath, main], run: { user: 'nobody' } }),
      two: entry({ command: ['/bin/sleep', '1000'] }),
    });
    for (const path of [place.folder, place.runDir]) chmodSync(path, 0o755);
    place.start();
    await place.running('one');
    await until('its socket', () => (existsSync(join(place.runDir, 'psrmd.sock')) ? true : undefined));
    chmodSync(join(place.runDir, 'psrmd.sock'), 0o666);
    const line = await until('it spoke', () => /told .*/.exec(place.output('one'))?.[0]);
    expect(line).to.equal('told true NOT_YOURS FORBIDDEN');
    expect((await place.status('one', 'ails', ({ state }) => state === 'in-trouble')).trouble).to.equal('from within');
  });

  it('learn their role: at their start, and by the hook when netrackd’s word changes', async () => {
    const log = join(place.folder, 'roles');
    place.more = 'services: { media: { addresses: [192.0.2.1/32], pool: [cpu-1], programs: [one] } }\n';
    place.configure({
      one: entry({
        command: ['/bin/sh', '-c', 'echo born $SOFTSET_ROLE; exec sleep 1000'],
        exclusive: 'address',
        role: { hook: ['/bin/sh', '-c', `echo $SOFTSET_SERVICE $SOFTSET_ROLE $SOFTSET_PID >>${log}`] },
      }),
    });
    const state = (holder?: number): State => {
      const service = { service: 'media', cause: '', ...(holder === undefined ? {} : { holder: { board: holder } }) };
      return {
        board: 1,
        services: [{ ...service, phase: holder === undefined ? 'free' : 'held' }],
      } as unknown as State;
    };
    let now = state();
    const topic = new Topic<State | null, State>({ snapshot: () => now });
    const netrackd = unwrap(
      await serveControl<Record<never, never>, { state: State }>({
        path: join(place.runDir, 'netrackd.sock'),
        methods: {},
        topics: { state: topic },
        authorize: () => ok(undefined),
      }),
    );
    try {
      const first = place.start();
      const pid = await place.running('one');
      await until('born', () => (place.output('one').includes('born standby') ? true : undefined));
      const hold = async (holder: number | undefined, role: string): Promise<void> => {
        now = state(holder);
        topic.publish(now);
        await place.status('one', `is ${role}`, (status) => status.role === role);
      };
      await hold(1, 'active');
      await until('the hook', () => (existsSync(log) ? true : undefined));
      await hold(2, 'standby');
      const want = `media active ${pid}\nmedia standby ${pid}\n`;
      await until('the hook again', () => (readFileSync(log, 'utf8') === want ? true : undefined));
      await hold(1, 'active');
      process.kill(pid, 'SIGKILL');
      await place.running('one', pid);
      await until('born active', () => (place.output('one').includes('born active') ? true : undefined));

      // psrmd is away while it changes: the program is told all the same.
      const again = await place.running('one');
      first.child.kill('SIGKILL');
      await first.ended;
      now = state(2);
      place.start();
      const told = `media standby ${again}\n`;
      await until('the hook after the return', () => (readFileSync(log, 'utf8').endsWith(told) ? true : undefined));
    } finally {
      await netrackd.close();
    }
  });
});
