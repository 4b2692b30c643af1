import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tcpAccepts } from '@softset/linux/tcp-accepts.js';
import { expect } from 'chai';

/** Listens, and takes what comes, unless it is stopped. */
async function listener(address: string): Promise<{ child: ChildProcess; port: number }> {
  const program = `const s = require('node:net').createServer().listen({ host: '${address}', port: 0, backlog: 1 },
    () => console.log(s.address().port));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, port: Number(port) };
}

describe('tcpAccepts: does a port accept?', function () {
  this.timeout(20_000);

  for (const address of ['127.0.0.1', '::1']) {
    it(`${address}: told at once, and so is a refusal`, async () => {
      const { child, port } = await listener(address);
      expect(tcpAccepts(address, port)).to.equal('accepts');
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      expect(tcpAccepts(address, port)).to.include({ ok: false, code: 'ECONNREFUSED' });
    });
  }

  it('one that hangs accepts until its queue is full; then it is not known yet', async () => {
    const { child, port } = await listener('127.0.0.1');
    child.kill('SIGSTOP');
    try {
      const told = Array.from({ length: 10 }, () => tcpAccepts('127.0.0.1', port));
      expect(told[0]).to.equal('accepts');
      expect(told.at(-1)).to.equal('later');
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('no address is a failure, not a throw', () => {
    expect(tcpAccepts('localhost', 80)).to.include({ ok: false });
  });
});
