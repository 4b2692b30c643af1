import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unwrap } from '@softset/base';
import { openNotifyServer } from '@softset/linux/unix-dgram.js';
import { expect } from 'chai';
import { tempFolder, until } from '../support/temp-folder.js';

const program = new URL('./daemon-child.js', import.meta.url).pathname;
const startMs = 15_000;

class Child {
  readonly process: ChildProcess;
  stdout = '';
  stderr = '';
  ended: { code: number | null; signal: string | null } | undefined;

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    this.process = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env } });
    this.process.stdout?.on('data', (chunk) => {
      this.stdout += chunk;
    });
    this.process.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.process.on('close', (code, signal) => {
      this.ended = { code, signal };
    });
  }

  get log(): Record<string, unknown>[] {
    const lines = this.stderr.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }

  event(name: string): Record<string, unknown> | undefined {
    return this.stderr.includes(`"event":"${name}"`) ? this.log.find((line) => line.event === name) : undefined;
  }

  ready(): Promise<void> {
    return until(() => this.event('ready') !== undefined || this.ended !== undefined, 'ready', startMs);
  }

  async exit(): Promise<number | null> {
    await until(() => this.ended !== undefined, 'the end', startMs);
    return this.ended?.code ?? null;
  }
}

describe('a daemon', function () {
  this.timeout(60_000);
  const folder = tempFolder();
  const children: Child[] = [];
  const runDir = () => join(folder(), 'run');

  function start(board = 'cp1', more: readonly string[] = [], env: Record<string, string> = {}): Child {
    const child = new Child(['--cluster', '/c.yaml', '--board', board, '--run-dir', runDir(), ...more], env);
    children.push(child);
    return child;
  }
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.ended === undefined) child.process.kill('SIGKILL');
      await child.exit();
    }
  });

  it('leaves with 0, 1, 100 and 111 as it was done, refused, misused or the system failed', async () => {
    const cases: [child: Child, code: number, says: string][] = [
      [new Child(['--version']), 0, 'testd 1.2.3'],
      [new Child(['--help']), 0, 'usage: testd'],
      [new Child(['--colour']), 100, '--colour'],
      [start('cp1', ['--check-config']), 0, ''],
      [start('bad', ['--check-config']), 1, 'c.yaml:3: boards'],
      [start('bad', ['--check-config', '--json']), 1, '{"ok":false,"code":"CONFIG_INVALID"'],
      [start('cp1', ['--boot-id-file', '/nowhere']), 111, 'ENOENT'],
    ];
    for (const [child, code, says] of cases) {
      expect(await child.exit(), child.stderr).to.equal(code);
      expect(child.stdout + child.stderr).to.contain(says);
    }
    expect(await start('refused').exit()).to.equal(1);
    expect(await start('system').exit()).to.equal(111);
  });

  it('is refused beside another of the same board, whose pid it names', async () => {
    const first = start();
    await first.ready();
    const second = start();
    expect(await second.exit()).to.equal(1);
    const refused = second.event('start-refused');
    expect(refused).to.include({ code: 'LOCKED' });
    expect(refused?.message).to.contain('two testd were started for board cp1').and.contain(String(first.process.pid));
    expect(first.ended).to.equal(undefined);
  });

  it('stops in order when asked, and leaves with 111 when that takes too long', async () => {
    const good = start();
    await good.ready();
    good.process.kill('SIGTERM');
    expect(await good.exit()).to.equal(0);
    expect(good.log.map(({ event }) => event)).to.deep.equal(['started', 'ready', 'stopping', 'stopped']);
    const hung = start('hangs');
    await hung.ready();
    hung.process.kill('SIGINT');
    expect(await hung.exit()).to.equal(111);
    expect(hung.event('stop-overdue')).to.include({ stopMs: 300 });
  });

  it('reads its configuration again on SIGHUP, and goes on when that is refused', async () => {
    const child = start();
    await child.ready();
    child.process.kill('SIGHUP');
    await until(() => child.event('reloaded') !== undefined, 'reloaded');
    writeFileSync(join(runDir(), 'broken'), '');
    child.process.kill('SIGHUP');
    await until(() => child.event('reload-refused') !== undefined, 'refused');
    expect(child.event('reload-refused')).to.include({ code: 'CONFIG_INVALID', message: 'c.yaml:9' });
    child.process.kill('SIGTERM');
    expect(await child.exit()).to.equal(0);
  });

  it('dumps its last events when an invariant breaks; the second time within a minute it returns passive', async () => {
    const crash = async (board: string): Promise<Child> => {
      const child = start(board);
      await child.ready();
      writeFileSync(join(runDir(), 'poison'), '');
      expect(await child.exit(), child.stderr).to.equal(70);
      return child;
    };
    const dump = () => JSON.parse(readFileSync(join(runDir(), 'testd.crash.json'), 'utf8'));
    const first = await crash('cp1');
    expect(first.event('started')).to.include({ passive: false });
    expect(dump()).to.include({ name: 'testd', version: '1.2.3', passive: false, passiveNext: false });
    expect(dump().error).to.include({ name: 'InvariantError', message: 'poison was swallowed' });
    expect(dump().events.at(-1)).to.deep.include({ kind: 'poison', detail: { kind: 'poison' } });
    expect(dump().events.length).to.be.within(2, 200);
    const second = await crash('rejects');
    expect(second.event('started')).to.include({ passive: false });
    expect(dump().error).to.include({ name: 'TypeError', message: 'nobody caught this' });
    const third = start();
    await third.ready();
    expect(third.event('started')).to.include({ passive: true });
    third.process.kill('SIGTERM');
    expect(await third.exit()).to.equal(0);
    const fourth = start();
    await fourth.ready();
    expect(fourth.event('started'), 'an orderly stop forgives').to.include({ passive: false });
  });

  it('tells its supervisor what it is doing (sd_notify)', async () => {
    const address = join(folder(), 'notify');
    const server = unwrap(openNotifyServer(address));
    const told: string[] = [];
    const drain = setInterval(() => {
      for (let next = server.receive(); next !== undefined && !('ok' in next); next = server.receive()) {
        told.push(...next.text.split('\n'));
      }
    }, 5);
    try {
      const child = start('cp1', [], { NOTIFY_SOCKET: address });
      await child.ready();
      child.process.kill('SIGHUP');
      await until(() => told.filter((line) => line === 'READY=1').length === 2, 'ready again');
      child.process.kill('SIGTERM');
      expect(await child.exit()).to.equal(0);
      await until(() => told.includes('STOPPING=1'), 'stopping');
      const order = told.map((line) => line.replace(/^MONOTONIC_USEC=\d+$/, 'MONOTONIC_USEC'));
      expect(order).to.deep.equal([
        'STATUS=living',
        'READY=1',
        'RELOADING=1',
        'MONOTONIC_USEC',
        'READY=1',
        'STOPPING=1',
      ]);
    } finally {
      clearInterval(drain);
      server.close();
    }
  });

  it('answers its supervisor’s watchdog while its loop turns, and only then', async () => {
    const address = join(folder(), 'watchdog');
    const server = unwrap(openNotifyServer(address));
    let answers = 0;
    const drain = setInterval(() => {
      for (let next = server.receive(); next !== undefined && !('ok' in next); next = server.receive())
        if (next.text === 'WATCHDOG=1') answers++;
    }, 5);
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    try {
      const child = start('cp1', [], { NOTIFY_SOCKET: address, WATCHDOG_USEC: '150000' });
      await child.ready();
      await until(() => answers >= 3, 'three answers');
      child.process.kill('SIGSTOP');
      await pause(200);
      const stopped = answers;
      await pause(400);
      expect(answers, 'while it stands still').to.equal(stopped);
      child.process.kill('SIGCONT');
      await until(() => answers > stopped + 1, 'answers again');
      child.process.kill('SIGTERM');
      expect(await child.exit()).to.equal(0);
    } finally {
      clearInterval(drain);
      server.close();
    }
  });

  it('lives on, and leaves in time, although nobody reads its log', async () => {
    const child = start('floods');
    child.process.stderr?.pause();
    await until(() => existsSync(join(runDir(), 'went-on')), 'its loop goes on', startMs);
    child.process.kill('SIGTERM');
    const left = () => child.process.exitCode !== null || child.process.signalCode !== null;
    await until(left, 'the exit', startMs);
    child.process.stderr?.resume();
  });
});
