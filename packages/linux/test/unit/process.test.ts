import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unwrap } from '@softset/base';
import { bootId } from '@softset/linux/boot-id.js';
import { closeFd, pollFds } from '@softset/linux/fd.js';
import { lockFile } from '@softset/linux/file-lock.js';
import { parseStartTicks, processStart, signalProcess } from '@softset/linux/signal.js';
import { notify, openNotifyServer, readControl } from '@softset/linux/unix-dgram.js';
import { connectUnix, listenUnix, readFd, writeFd } from '@softset/linux/unix-stream.js';
import { expect } from 'chai';
import fc from 'fast-check';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'softset-linux-'));
});
after(() => rmSync(folder, { recursive: true }));

const here = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1, pid: process.pid };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const inChild = (script: string, ...args: string[]) =>
  spawnSync(process.execPath, ['--input-type=module', '-e', script, ...args], {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    timeout: 20_000,
  });

describe('UNIX stream sockets', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  it('tell who connected, and carry bytes both ways', () => {
    const path = join(folder, 'stream.sock');
    const server = unwrap(listenUnix(path, 4, 0o600));
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(server.accept(), 'nobody yet').to.equal(undefined);
    const client = unwrap(connectUnix(path));
    const accepted = server.accept();
    expect(accepted).to.include(here);
    const peer = accepted?.fd ?? -1;
    const buffer = new Uint8Array(16);
    expect(readFd(peer, buffer), 'nothing yet').to.include({ ok: false, code: 'EAGAIN' });
    expect(unwrap(writeFd(client, bytes('hello')))).to.equal(5);
    expect(unwrap(readFd(peer, buffer))).to.equal(5);
    expect(Buffer.from(buffer.subarray(0, 5)).toString()).to.equal('hello');
    const block = new Uint8Array(1 << 16);
    let result = writeFd(peer, block);
    for (let i = 0; i < 1000 && result.ok; i++) result = writeFd(peer, block);
    expect(result, 'a peer that does not read').to.include({ code: 'EAGAIN' });
    closeFd(client);
    expect(writeFd(peer, block), 'gone, and no SIGPIPE').to.include({ code: 'EPIPE' });
    closeFd(peer);
    server.close();
    expect(() => statSync(path)).to.throw('ENOENT');
  });

  it('serve clients of node:net, and end is 0 bytes', async () => {
    const path = join(folder, 'net.sock');
    const server = unwrap(listenUnix(path, 4, 0o600));
    const client = connect(path);
    await once(client, 'connect');
    const peer = server.accept();
    expect(peer?.pid).to.equal(process.pid);
    client.end('bye');
    await once(client, 'finish');
    pollFds([{ fd: peer?.fd ?? -1, events: 1 }], 1000);
    const buffer = new Uint8Array(8);
    expect(unwrap(readFd(peer?.fd ?? -1, buffer))).to.equal(3);
    pollFds([{ fd: peer?.fd ?? -1, events: 1 }], 1000);
    expect(unwrap(readFd(peer?.fd ?? -1, buffer))).to.equal(0);
    closeFd(peer?.fd ?? -1);
    client.destroy();
    server.close();
  });

  it('refuse a path that is served, and replace a file that nobody serves', () => {
    const path = join(folder, 'taken.sock');
    const server = unwrap(listenUnix(path, 1, 0o600));
    expect(listenUnix(path, 1, 0o600)).to.deep.include({
      code: 'EADDRINUSE',
      message: `${path} is served by a living process`,
    });
    server.accept();
    const stale = join(folder, 'stale.sock');
    // A process that is killed leaves its file.
    const child = inChild(
      `import { listenUnix } from '@softset/linux/unix-stream.js';
       const r = listenUnix(process.argv[1], 1, 0o600); process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, r.ok ? 1 : 2);`,
      stale,
    );
    expect(child.signal).to.equal('SIGKILL');
    expect(statSync(stale).isSocket()).to.equal(true);
    unwrap(listenUnix(stale, 1, 0o600)).close();
    server.close();
    writeFileSync(path, 'not a socket');
    expect(listenUnix(path, 1, 0o600), 'a file of another kind stays').to.include({ code: 'EADDRINUSE' });
    expect(readFileSync(path, 'utf8')).to.equal('not a socket');
    expect(listenUnix(join(folder, 'no/such/folder'), 1, 0o600)).to.include({ code: 'ENOENT' });
    expect(connectUnix(join(folder, 'nobody.sock'))).to.include({ code: 'ENOENT' });
  });
});

describe('the notify socket (sd_notify(3))', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  const saved = process.env.NOTIFY_SOCKET;
  afterEach(() => {
    if (saved === undefined) delete process.env.NOTIFY_SOCKET;
    else process.env.NOTIFY_SOCKET = saved;
  });

  for (const form of ['path', 'abstract'] as const) {
    it(`carries states with who sent them, by ${form === 'path' ? 'a path' : 'an abstract name'}`, () => {
      const path = form === 'path' ? join(folder, 'notify.sock') : `@softset-linux-test-${process.pid}`;
      const server = unwrap(openNotifyServer(path));
      process.env.NOTIFY_SOCKET = path;
      expect(server.receive()).to.equal(undefined);
      unwrap(notify('READY=1\nSTATUS=grün'));
      expect(server.receive()).to.deep.equal({ text: 'READY=1\nSTATUS=grün', ...here });
      expect(server.receive()).to.equal(undefined);
      unwrap(notify('x'.repeat(5000)));
      unwrap(notify('STOPPING=1'));
      expect(server.receive()?.text, 'one that is too long is left out').to.equal('STOPPING=1');
      expect(server.dropped).to.equal(1);
      const child = inChild(
        `import { notify } from '@softset/linux/unix-dgram.js'; console.log(process.pid); notify('WATCHDOG=1');`,
      );
      expect(server.receive()).to.include({ text: 'WATCHDOG=1', pid: Number(child.stdout) });
      server.close();
      expect(notify('READY=1')).to.include({ ok: false });
    });
  }

  it('does nothing where nobody asked', () => {
    delete process.env.NOTIFY_SOCKET;
    expect(notify('READY=1')).to.include({ ok: true });
  });

  it('closes descriptors that came along, and never throws at odd control messages (cmsg(3))', () => {
    const closed: number[] = [];
    const control = new Uint8Array(new Int32Array([24, 0, 1, 1, 70, 71, 28, 0, 1, 2, 7, 8, 9, 0]).buffer);
    expect(readControl(control, (fd) => closed.push(fd))).to.deep.equal({ pid: 7, uid: 8, gid: 9 });
    expect(closed).to.deep.equal([70, 71]);
    expect(readControl(new Uint8Array(32)), 'a length of zero ends the reading').to.equal(undefined);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (any) => {
        readControl(any, () => undefined);
      }),
    );
  });
});

describe('a file lock (flock(2))', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  it('is held by one, who is named, and is free when that one ends', async () => {
    const path = join(folder, 'daemon.lock');
    const script = `import { lockFile } from '@softset/linux/file-lock.js';
      const lock = lockFile(process.argv[1]); console.log(JSON.stringify(lock)); if (lock.ok) setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    expect(lockFile(path)).to.deep.include({ code: 'LOCKED', message: `${path} is locked by process ${holder.pid}` });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    writeFileSync(path, 'something that was longer than a pid\n');
    const lock = unwrap(lockFile(path));
    expect(readFileSync(path, 'utf8')).to.equal(`${process.pid}\n`);
    expect(lockFile(path), 'not even by ourselves').to.include({ code: 'LOCKED' });
    lock.release();
    lock.release();
    unwrap(lockFile(path)).release();
    expect(lockFile(join(folder, 'no/such/folder'))).to.include({ code: 'ENOENT' });
  });
});

describe('the boot id', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  it('is the kernel’s, or a file’s', () => {
    expect(unwrap(bootId())).to.equal(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
    const file = join(folder, 'boot-id');
    writeFileSync(file, '6FA459EA-EE8A-3CA4-894E-DB77E160355E\n');
    expect(unwrap(bootId(file))).to.equal('6fa459ea-ee8a-3ca4-894e-db77e160355e');
    writeFileSync(file, 'none');
    expect(bootId(file)).to.include({ code: 'BOOT_ID_INVALID' });
    expect(bootId(join(folder, 'missing'))).to.include({ code: 'ENOENT' });
  });
});

describe('signals by pid and start time', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  it('reach the process that is meant', async () => {
    const child = spawn('sleep', ['60']);
    const pid = child.pid ?? -1;
    const startTicks = unwrap(processStart(pid));
    expect(signalProcess({ pid, startTicks: startTicks - 1 }, 'SIGKILL'), 'another process of that pid').to.include({
      code: 'ESRCH',
    });
    expect(child.exitCode).to.equal(null);
    unwrap(signalProcess({ pid, startTicks }, 'SIGTERM'));
    const [, signal] = await once(child, 'exit');
    expect(signal).to.equal('SIGTERM');
    expect(signalProcess({ pid, startTicks }, 'SIGTERM')).to.include({ code: 'ESRCH' });
    expect(processStart(pid)).to.include({ code: 'ESRCH' });
  });

  it('read the start time behind any name (proc(5))', () => {
    const tail = `S 1 ${Array.from({ length: 17 }, (_, i) => i).join(' ')} 4711 99 100`;
    expect(parseStartTicks(`7 (sleep) ${tail}`)).to.equal(4711);
    expect(parseStartTicks(`7 (a) b) (c ) ${tail}`)).to.equal(4711);
    expect(parseStartTicks('')).to.equal(undefined);
    fc.assert(fc.property(fc.string(), (any) => ['undefined', 'number'].includes(typeof parseStartTicks(any))));
  });
});
