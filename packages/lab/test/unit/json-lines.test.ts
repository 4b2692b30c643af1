import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, ok } from '@softset/base';
import { requestLine, serveLines } from '@softset/lab/json-lines.js';
import { expect } from 'chai';

describe('requests by lines', () => {
  const dir = mkdtempSync(join(tmpdir(), 'softset-lab-lines-'));
  const path = join(dir, 's');
  after(() => rmSync(dir, { recursive: true }));

  it('carry results, failures and what a handler throws', async () => {
    const server = await serveLines(path, (method, params) => {
      if (method === 'echo') return ok(params);
      if (method === 'throw') throw new Error('broken');
      return fail('LAB_UNKNOWN_COMMAND', method);
    });
    try {
      expect(await requestLine(path, 'echo', { a: 1 })).to.deep.equal({ ok: true, value: { a: 1 } });
      expect(await requestLine(path, 'nonsense', {})).to.include({ ok: false, code: 'LAB_UNKNOWN_COMMAND' });
      expect(await requestLine(path, 'throw', {})).to.include({ code: 'LAB_FAILED', message: 'broken' });
      const garbage = await new Promise<string>((resolve) => {
        const socket = connect(path, () => socket.write('{"id": 7,\n'));
        socket.once('data', (bytes) => {
          socket.destroy();
          resolve(bytes.toString());
        });
      });
      expect(JSON.parse(garbage)).to.include({ code: 'LAB_FAILED' });
    } finally {
      server.close();
    }
  });

  it('say when nobody is there, and when nobody answers', async () => {
    expect(await requestLine(join(dir, 'none'), 'x', {})).to.include({ code: 'LAB_UNREACHABLE' });
    const server = await serveLines(path, () => new Promise(() => undefined));
    try {
      expect(await requestLine(path, 'x', {}, 50)).to.include({ code: 'LAB_TIMEOUT' });
    } finally {
      server.close();
    }
  });
});
