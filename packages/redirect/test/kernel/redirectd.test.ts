import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectControl } from '@softset/client/control-client.js';
import type { RedirectMethods } from '@softset/protocol';
import { expect } from 'chai';

const bin = join(fileURLToPath(import.meta.resolve('@softset/redirect/main.js')), '../../bin/redirectd.js');

const good = `version: 1
cluster: { name: chassis, number: 4711, keyFile: chassis.key }
networks:
  A: { subnet: 10.1.0.0/16, device: redirect-none-a }
  B: { subnet: 20.1.0.0/16, device: redirect-none-b }
boards:
  cpu-1: { id: 1, A: 10.1.1.1, B: 20.1.1.1, vote: true }
  cpu-2: { id: 2, A: 10.1.1.2, B: 20.1.1.2 }
services:
  media: { addresses: [192.168.1.1/32], pool: [cpu-1, cpu-2] }
`;

describe('redirectd, the process', function () {
  this.timeout(20_000);
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'redirect-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  function start(
    text: string,
    ...more: string[]
  ): { child: ChildProcess; ended: Promise<{ code: number | null; said: string }> } {
    const file = join(folder, 'cluster.yaml');
    writeFileSync(file, text);
    const args = [bin, '--cluster', file, '--board', 'cpu-1', '--run-dir', join(folder, 'run'), ...more];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    return { child, ended: new Promise((done) => child.once('close', (code) => done({ code, said }))) };
  }

  const client = () =>
    connectControl<Pick<RedirectMethods, 'status' | 'move' | 'plan' | 'change' | 'explain'>>(
      join(folder, 'run', 'redirectd.sock'),
      { name: 'test' },
    );

  it('serves without netrackd, pulse and devices, and stops in order', async () => {
    const { child, ended } = start(good);
    const control = client();
    expect(await control.ready(10_000)).to.include({ ok: true });
    expect(await control.call('status', {})).to.deep.equal({
      ok: true,
      value: { deciding: false, moves: [], resting: [], held: [] },
    });
    for (const [params, code] of [
      [{ service: 'nothing' }, 'UNKNOWN_SERVICE'],
      [{ service: 'media', board: 'nobody' }, 'UNKNOWN_BOARD'],
      [{ service: 'media' }, 'NOT_CONNECTED'],
      [{ service: 'media', board: 'cpu-2' }, 'NOT_CONNECTED'],
    ] as const) {
      expect(await control.call('move', params)).to.include({ ok: false, code });
    }
    const bad = <T>(params: unknown): T => params as T;
    expect(await control.call('explain', { service: 'nothing' })).to.include({ ok: false, code: 'UNKNOWN_SERVICE' });
    expect(await control.call('explain', { service: 'media' })).to.include({ ok: false, code: 'NOT_CONNECTED' });
    for (const method of ['plan', 'change'] as const) {
      for (const [params, code] of [
        [{ kind: 'drain', board: 'nobody' }, 'UNKNOWN_BOARD'],
        [{ kind: 'pin', service: 'nothing', board: 'cpu-1' }, 'UNKNOWN_SERVICE'],
        [{ kind: 'pin', service: 'media' }, 'RPC_INVALID_PARAMS'],
        [{ kind: 'unpin', service: 'media', board: 'cpu-1' }, 'RPC_INVALID_PARAMS'],
        [{ kind: 'dance', board: 'cpu-1' }, 'RPC_INVALID_PARAMS'],
        [{ kind: 'toString' }, 'RPC_INVALID_PARAMS'],
        [{ kind: 'drain', board: 'cpu-1' }, 'NOT_CONNECTED'],
      ] as const) {
        const what = `${method} ${JSON.stringify(params)}`;
        expect(await control.call(method, bad(params)), what).to.include({ ok: false, code });
      }
    }
    control.close();
    child.kill('SIGTERM');
    expect(await ended).to.include({ code: 0 });
  });

  it('refuses a second redirectd for the same board', async () => {
    start(good);
    const control = client();
    expect(await control.ready(10_000)).to.include({ ok: true });
    control.close();
    const { code, said } = await start(good).ended;
    expect(code).to.equal(1);
    expect(said).to.contain('two redirectd were started for board cpu-1');
  });

  it('refuses a bad cluster file and names file, line and field', async () => {
    const { code, said } = await start(good.replace('pool: [cpu-1, cpu-2]', 'pool: [cpu-1, cpu-9]'), '--check-config')
      .ended;
    expect(code).to.equal(1);
    expect(said).to.match(/cluster\.yaml:10: services\.media\.pool\[1\]: .*cpu-9/);
  });

  it('accepts a good one', async () => {
    expect(await start(good, '--check-config').ended).to.deep.equal({ code: 0, said: '' });
  });

  it('refuses a board that the file does not know', async () => {
    const { code, said } = await start(good.replaceAll('cpu-1', 'cpu-7'), '--check-config').ended;
    expect(code).to.equal(1);
    expect(said).to.contain('no board "cpu-1"');
  });

  it('leaves with 111 when the cluster file cannot be read', async () => {
    const run = start(good, '--cluster', join(folder, 'absent.yaml'));
    expect(await run.ended).to.include({ code: 111 });
  });
});
