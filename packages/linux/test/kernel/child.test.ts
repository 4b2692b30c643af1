import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findGroup, findUser } from '@softset/linux/accounts.js';
import { type ChildEnd, reapChild, spawnChild } from '@softset/linux/child.js';
import { expect } from 'chai';

async function ended(pid: number): Promise<ChildEnd> {
  for (let waitedMs = 0; waitedMs < 5000; waitedMs += 5) {
    const found = reapChild(pid);
    if (found) return found.end;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it does not end');
}

describe('a child by posix_spawn(3)', () => {
  let folder: string;
  let output: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'linux-child-'));
    output = openSync(join(folder, 'output'), 'a');
  });
  afterEach(() => {
    closeSync(output);
    rmSync(folder, { recursive: true });
  });
  const start = (script: string, more: object = {}) =>
    spawnChild({
      file: '/bin/sh',
      args: ['name', '-c', script],
      environment: ['A=b c'],
      directory: '/usr',
      output,
      ...more,
    });

  it('has its arguments, environment and directory, a session of its own, no input and no signal ignored', async () => {
    const script =
      'echo $0 "$A" $(pwd); cut -d" " -f1,5,6 /proc/$$/stat; grep -E "SigBlk|SigIgn" /proc/$$/status; cat; exit 7';
    const child = start(script);
    if (!child.ok) throw new Error(child.message);
    expect(await ended(child.value)).to.deep.equal({ kind: 'exit', code: 7 });
    const pid = child.value;
    const lines = readFileSync(join(folder, 'output'), 'utf8').trim().split('\n');
    expect(lines).to.deep.equal([
      'name b c /usr',
      `${pid} ${pid} ${pid}`,
      'SigBlk:\t0000000000000000',
      'SigIgn:\t0000000000000000',
    ]);
  });

  it('tells a signal, and is reaped once only', async () => {
    const child = start('kill -TERM $$');
    if (!child.ok) throw new Error(child.message);
    expect(await ended(child.value)).to.deep.equal({ kind: 'signal', signal: 'SIGTERM', core: false });
    expect(reapChild(child.value)).to.equal(undefined);
  });

  it('says what is wrong before anything runs', () => {
    expect(start('', { file: '/nonexistent' })).to.include({ ok: false, code: 'ENOENT' });
    expect(start('', { directory: '/nonexistent' })).to.include({ ok: false, code: 'ENOENT' });
    expect(start('', { file: '/etc/passwd' })).to.include({ ok: false, code: 'EACCES' });
    expect(start('a\0b')).to.include({ ok: false, code: 'EINVAL' });
  });
});

describe('accounts', () => {
  it('by name and by number, as id(1) has them', () => {
    const uid = Number(execFileSync('id', ['-u', 'nobody']));
    const gid = Number(execFileSync('id', ['-g', 'nobody']));
    expect(findUser('nobody')).to.deep.equal({ uid, gid });
    expect(findUser(String(uid))).to.deep.equal({ uid, gid });
    expect(findUser('nobody-at-all')).to.equal(undefined);
    expect(findUser('4000000001')).to.deep.equal({ uid: 4_000_000_001, gid: undefined });
    expect(findGroup('root')).to.equal(0);
    expect(findGroup('nobody-at-all')).to.equal(undefined);
  });
});
