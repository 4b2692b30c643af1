import { mkdtempSync, statSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@softset/runtime/log.js';
import { Metrics } from '@softset/runtime/metrics.js';
import { parseMetricsAddress } from '@softset/runtime/metrics-address.js';
import { MetricsServer } from '@softset/runtime/metrics-server.js';
import { expect } from 'chai';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function ask(socketPath: string, path: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, method, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('GET /metrics', () => {
  const runDir = mkdtempSync(join(tmpdir(), 'metrics-'));
  const metrics = new Metrics();
  metrics.counter('softset_test_total', 'Tests').add(3);
  const log = createLogger({ component: 'test', board: 'b', level: 'error' });
  const path = join(runDir, 'testd.metrics.sock');
  let server: MetricsServer;

  async function serve(): Promise<void> {
    server = new MetricsServer({ address: { kind: 'unix' }, runDir, name: 'testd', text: () => metrics.text(), log });
    for (let tries = 0; tries < 200; tries++) {
      const there = await ask(path, '/metrics').catch(() => undefined);
      if (there !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('nobody answers');
  }
  before(serve);
  after(() => server.close());

  it('is Prometheus text, on a socket for the owner and its group', async () => {
    const { status, type, body } = await ask(path, '/metrics');
    expect({ status, type }).to.deep.equal({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
    expect(body).to.equal('# HELP softset_test_total Tests\n# TYPE softset_test_total counter\nsoftset_test_total 3\n');
    expect(statSync(path).mode & 0o777).to.equal(0o660);
  });

  it('is all there is: other paths and other methods are refused', async () => {
    expect((await ask(path, '/')).status).to.equal(404);
    expect((await ask(path, '/metrics/../etc/passwd')).status).to.equal(404);
    expect((await ask(path, '/metrics', 'POST')).status).to.equal(405);
    expect((await ask(path, '/metrics', 'HEAD')).body).to.equal('');
  });

  it('what is no HTTP is hung up on, and others are answered', async () => {
    const closed = await new Promise<boolean>((resolve) => {
      const socket = connect(path, () => socket.write('\0\xff no such thing\r\n\r\n'));
      socket.on('error', () => {}).on('close', () => resolve(true));
      socket.resume();
    });
    expect(closed).to.equal(true);
    expect((await ask(path, '/metrics')).status).to.equal(200);
  });

  it('a crowd that connects and says nothing does not keep a scraper out once it is gone', async () => {
    const idle = Array.from({ length: 30 }, () => connect(path).on('error', () => {}));
    await Promise.all(idle.map((one) => new Promise((resolve) => one.once('connect', resolve).once('close', resolve))));
    for (const one of idle) one.destroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await ask(path, '/metrics')).status).to.equal(200);
  });

  it('what a killed daemon left there makes way, and an orderly one leaves nothing', async () => {
    server.close();
    expect(() => statSync(path)).to.throw('ENOENT');
    await serve();
    expect((await ask(path, '/metrics')).status).to.equal(200);
  });

  it('a port that another has does no harm', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const quiet = { ...log, warn: () => {} };
    const second = new MetricsServer({
      address: { kind: 'tcp', host: '127.0.0.1', port },
      runDir,
      name: 'other',
      text: () => '',
      log: quiet,
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    second.close();
    other.close();
  });

  for (const [text, wanted] of [
    ['unix', { kind: 'unix' }],
    ['unix:/run/x.sock', { kind: 'unix', path: '/run/x.sock' }],
    ['9101', { kind: 'tcp', host: '127.0.0.1', port: 9101 }],
    ['10.1.1.1:9101', { kind: 'tcp', host: '10.1.1.1', port: 9101 }],
    ['[::1]:9101', { kind: 'tcp', host: '::1', port: 9101 }],
  ] as const) {
    it(`--metrics ${text}`, () => {
      const read = parseMetricsAddress(text);
      expect(read.ok && read.value).to.deep.equal(wanted);
    });
  }

  for (const text of ['', '0', '65536', 'localhost:9101', '999.1.1.1:80', '::1:80', 'unix:relative', '9101 ']) {
    it(`--metrics "${text}" is refused, with what is allowed`, () => {
      const read = parseMetricsAddress(text);
      expect(!read.ok && read.message).to.include('PORT (on 127.0.0.1)');
    });
  }
});
