import { statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fail, ok, unwrap } from '@softset/base';
import type { Method, NoParams, TopicOf } from '@softset/protocol/control.js';
import { type ControlRecord, noParams, ownersMayChange } from '@softset/runtime/control-methods.js';
import { type ControlServer, type ControlServerOptions, serveControl } from '@softset/runtime/control-server.js';
import { Topic } from '@softset/runtime/topic.js';
import { expect } from 'chai';
import { RawClient } from '../support/raw-client.js';
import { tempFolder, until } from '../support/temp-folder.js';

interface TestMethods {
  echo: Method<{ text: string }, string>;
  whoami: Method<NoParams, unknown>;
  refuse: Method<NoParams, never>;
  throws: Method<NoParams, never>;
  rejects: Method<NoParams, never>;
  never: Method<NoParams, never>;
  circle: Method<NoParams, unknown>;
  change: Method<NoParams, string>;
}
interface TestTopics {
  count: TopicOf<number, string>;
}
type Options = Partial<ControlServerOptions<TestMethods, TestTopics>>;

describe('the control server', () => {
  const folder = tempFolder();
  const path = () => join(folder(), 's');
  const records: ControlRecord[] = [];
  const errors: string[] = [];
  let open: { server: ControlServer; clients: RawClient[] };
  let topic: Topic<number, string>;

  beforeEach(() => {
    records.length = 0;
    errors.length = 0;
    topic = new Topic<number, string>({ snapshot: () => topic.sequence, history: 4 });
  });

  function options(more: Options = {}): ControlServerOptions<TestMethods, TestTopics> {
    const throwing = (): never => {
      throw new Error('a bug');
    };
    return {
      path: path(),
      authorize: ownersMayChange(),
      journal: (record) => records.push(record),
      onError: (error, method) => errors.push(`${method}: ${(error as Error).message}`),
      methods: {
        echo: {
          decode: (params) => {
            const text = (params as { text?: unknown } | undefined)?.text;
            return typeof text === 'string' ? ok({ text }) : fail('TEXT_MISSING', 'text: a string is needed');
          },
          handle: ({ text }) => text,
        },
        whoami: { decode: noParams, handle: (_, caller) => caller },
        refuse: { decode: noParams, handle: async () => fail('SERVICE_UNKNOWN', 'no such service') as never },
        throws: { decode: noParams, handle: throwing },
        rejects: { decode: noParams, handle: async () => throwing() },
        never: { decode: noParams, handle: () => new Promise<never>(() => {}) },
        circle: { decode: noParams, handle: () => ({ big: 1n }) },
        change: { decode: noParams, handle: () => 'changed', mutation: true },
      },
      topics: { count: topic },
      ...more,
    };
  }
  async function serve(more: Options = {}): Promise<RawClient> {
    open = { server: unwrap(await serveControl(options(more))), clients: [] };
    return another();
  }
  async function another(headers = {}): Promise<RawClient> {
    const client = await RawClient.open(path(), headers);
    open.clients.push(client);
    return client;
  }
  afterEach(async () => {
    for (const client of open.clients) client.ws.terminate();
    await open.server.close();
  });

  it('answers every request exactly once, each under its own id', async () => {
    const client = await serve();
    const asked: [method: string, code: string | undefined][] = [
      ['echo', 'RPC_INVALID_PARAMS'],
      ['refuse', 'SERVICE_UNKNOWN'],
      ['throws', 'RPC_INTERNAL_ERROR'],
      ['rejects', 'RPC_INTERNAL_ERROR'],
      ['circle', 'RPC_INTERNAL_ERROR'],
      ['change', undefined],
      ['nowhere', 'RPC_METHOD_NOT_FOUND'],
      ['constructor', 'RPC_METHOD_NOT_FOUND'],
      ['__proto__', 'RPC_METHOD_NOT_FOUND'],
    ];
    for (const [method] of asked) client.request(method, method);
    client.request(0, 'echo', { text: 'last' });
    await until(() => client.received.length >= asked.length + 1, 'all answers');
    await new Promise((resolve) => setTimeout(resolve, 30));
    for (const [method, code] of asked) {
      expect(client.answers(method), method).to.have.length(1);
      expect(client.errorCode(method), method).to.equal(code);
    }
    expect(client.answers(0)).to.deep.equal([{ jsonrpc: '2.0', id: 0, result: 'last' }]);
    expect(errors.filter((line) => line.includes('a bug'))).to.have.length(2);
  });

  it('refuses malformed messages and goes on', async () => {
    const client = await serve();
    client.send('{"jsonrpc"');
    client.send([{ jsonrpc: '2.0', id: 1, method: 'echo' }]);
    client.ws.send(Buffer.from('{}'), { binary: true });
    client.send({ jsonrpc: '2.0', method: 'change' });
    client.send(`{"jsonrpc":"2.0","id":5,"method":"echo","params":${'['.repeat(100_000)}}`);
    client.request(9, 'echo', { text: 'still here' });
    await until(() => client.answers(9).length === 1, 'the good answer');
    expect(client.received.map((m) => (m.error as { code: number } | undefined)?.code)).to.deep.equal([
      -32700,
      -32600,
      -32700,
      -32700,
      undefined,
    ]);
    expect(records, 'a notification does nothing').to.deep.equal([]);
  });

  it('ends a connection that sends more than 1 MiB or text that is not UTF-8, and no other', async () => {
    const client = await serve();
    const large = await another();
    const foreign = await another();
    large.send('x'.repeat((1 << 20) + 1));
    foreign.ws.send(Buffer.from([0xff, 0xfe]), { binary: false });
    await until(() => large.closeCode !== undefined && foreign.closeCode !== undefined, 'both closed');
    expect([large.closeCode, foreign.closeCode]).to.deep.equal([1009, 1007]);
    client.request(1, 'echo', { text: 'x'.repeat((1 << 20) - 100) });
    await until(() => client.answers(1).length === 1, 'the other client');
  });

  it('knows its caller from the kernel, and by a name that is only a name', async () => {
    await serve();
    const named = await another({ 'x-softset-name': 'redirectd' });
    const forged = await another({ 'x-softset-name': 'root {"uid":0}' });
    named.request(1, 'whoami');
    forged.request(1, 'whoami');
    await until(() => named.received.length + forged.received.length === 2, 'both answers');
    const self = { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() };
    expect(named.received[0]?.result).to.deep.equal({ ...self, name: 'redirectd' });
    expect(forged.received[0]?.result).to.deep.equal(self);
  });

  it('journals who asked for a change, before and after, and nothing else', async () => {
    const client = await serve();
    client.request(1, 'echo', { text: 'x' });
    client.request(2, 'change');
    await until(() => client.answers(2).length === 1, 'the answer');
    expect(records.map(({ phase, method, request }) => [phase, method, request])).to.deep.equal([
      ['asked', 'change', 2],
      ['answered', 'change', 2],
    ]);
    expect(records[1]).to.include({ code: 'OK' });
    expect(records[0]?.caller.pid).to.equal(process.pid);
  });

  it('refuses changes by other users, journals the refusal, and lets them look', async () => {
    const stranger = { pid: 1, uid: 4_294_000, gid: 4_294_000 };
    const client = await serve({ kernel: { peerCredentials: () => ok(stranger) } });
    client.request(1, 'change');
    client.request(2, 'echo', { text: 'x' });
    await until(() => client.received.length === 2, 'both answers');
    expect(client.errorCode(1)).to.equal('FORBIDDEN');
    expect(client.answers(2)[0]).to.include({ result: 'x' });
    expect(records.map((record) => [record.phase, record.phase === 'answered' && record.code])).to.deep.equal([
      ['answered', 'FORBIDDEN'],
    ]);
  });

  it('turns away whom it may not serve: by rule, without credentials, and beyond its number', async () => {
    const turnedAway = async (more: Options, status: number): Promise<void> => {
      const error = await serve(more).then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(error?.message).to.contain(String(status));
      await open.server.close();
    };
    await turnedAway({ authorize: () => fail('FORBIDDEN', 'no') }, 403);
    await turnedAway({ kernel: { peerCredentials: () => fail('ENOTSOCK', 'no') } }, 403);
    await turnedAway({ connectionsMax: 0 }, 503);
    await serve({ connectionsMax: 2 });
    await another();
    expect(open.server.connections).to.equal(2);
  });

  it('answers plain HTTP politely', async () => {
    await serve();
    const status = await new Promise((resolve) => {
      request({ socketPath: path(), path: '/' }, (response) => resolve(response.statusCode)).end();
    });
    expect(status).to.equal(426);
  });

  it('bounds the requests under way', async () => {
    const client = await serve({ limits: { requestsMax: 3 } });
    for (let id = 1; id <= 4; id++) client.request(id, 'never');
    await until(() => client.received.length === 1, 'the refusal');
    expect(client.errorCode(4)).to.equal('TOO_MANY_REQUESTS');
  });

  it('sends a snapshot and then each change; resumes within its history, else begins with a snapshot', async () => {
    const client = await serve();
    topic.publish('a');
    client.request(1, 'subscribe', { topic: 'count' });
    await until(() => client.envelopes().length === 1, 'the snapshot');
    topic.publish('b');
    topic.publish('c');
    await until(() => client.envelopes().length === 3, 'the changes');
    expect(client.envelopes().map(({ kind, sequence, data }) => [kind, sequence, data])).to.deep.equal([
      ['snapshot', 1, 1],
      ['change', 2, 'b'],
      ['change', 3, 'c'],
    ]);
    const subscribed = client.answers(1)[0] as { result: { origin: string } };
    const { origin } = subscribed.result;
    const resumed = await another();
    resumed.request(1, 'subscribe', { topic: 'count', after: { origin, sequence: 1 } });
    const stranger = await another();
    stranger.request(1, 'subscribe', { topic: 'count', after: { origin: 'other', sequence: 1 } });
    await until(() => resumed.envelopes().length === 2 && stranger.envelopes().length === 1, 'both');
    expect(resumed.envelopes().map(({ data }) => data)).to.deep.equal(['b', 'c']);
    expect(stranger.envelopes()[0]).to.include({ kind: 'snapshot', data: 3 });
  });

  it('refuses unknown topics and filters, and stops when asked to', async () => {
    const client = await serve({ limits: { subscriptionsMax: 1 } });
    client.request(1, 'subscribe', { topic: 'nowhere' });
    client.request(2, 'subscribe', { topic: 'count', filter: {} });
    client.request(3, 'subscribe', { topic: 'count' });
    client.request(4, 'subscribe', { topic: 'count' });
    client.request(5, 'unsubscribe', { subscription: 1 });
    client.request(6, 'unsubscribe', { subscription: 1 });
    await until(() => client.answers(6).length === 1, 'all answers');
    const codes = [1, 2, 3, 4, 5, 6].map((id) => client.errorCode(id));
    const expected = [
      'TOPIC_UNKNOWN',
      'FILTER_UNSUPPORTED',
      undefined,
      'TOO_MANY_SUBSCRIPTIONS',
      undefined,
      'SUBSCRIPTION_UNKNOWN',
    ];
    expect(codes).to.deep.equal(expected);
    const before = client.envelopes().length;
    topic.publish('unheard');
    client.request(7, 'echo', { text: '' });
    await until(() => client.answers(7).length === 1, 'a later answer');
    expect(client.envelopes().length).to.equal(before);
  });

  it('tells a slow subscriber once that it lags, and gives it a snapshot when it has read', async () => {
    const client = await serve({ limits: { outboundBytesMax: 100_000 } });
    client.request(1, 'subscribe', { topic: 'count' });
    await until(() => client.envelopes().length === 1, 'the first snapshot');
    client.socket?.pause();
    for (let i = 0; i < 100; i++) topic.publish('x'.repeat(10_000));
    await new Promise((resolve) => setTimeout(resolve, 20));
    topic.publish('while lagging');
    client.socket?.resume();
    await until(() => client.envelopes().filter(({ kind }) => kind === 'snapshot').length === 2, 'the new snapshot');
    topic.publish('after');
    await until(() => client.envelopes().at(-1)?.data === 'after', 'the change after it');
    const kinds = client.envelopes().map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'lagged')).to.have.length(1);
    expect(kinds.length).to.be.below(100);
    expect(kinds.slice(-3)).to.deep.equal(['lagged', 'snapshot', 'change']);
    expect(client.envelopes().at(-2)).to.include({ sequence: 101, data: 101 });
  });

  it('cuts off a client that never reads', async () => {
    const client = await serve({ limits: { outboundBytesMax: 1_000 } });
    client.request(1, 'subscribe', { topic: 'count' });
    await until(() => client.envelopes().length === 1, 'the snapshot');
    client.socket?.pause();
    for (let id = 10; id < 15; id++) client.request(id, 'echo', { text: 'y'.repeat(500_000) });
    await until(() => open.server.connections === 0, 'it is gone');
  });

  it('refuses a path that a living process serves, and leaves that one alone', async () => {
    const client = await serve();
    expect(await serveControl(options())).to.include({ ok: false, code: 'SOCKET_IN_USE' });
    client.request(1, 'echo', { text: 'alive' });
    await until(() => client.answers(1).length === 1, 'the first server');
  });

  it('replaces the socket of a dead process, and nothing else that bears its name', async () => {
    const stale = createServer().listen(path());
    await until(() => stale.listening, 'the first listener');
    // Closing removes the file; a killed process leaves it, so its name is kept through a link.
    const { linkSync, renameSync } = await import('node:fs');
    linkSync(path(), join(folder(), 'kept'));
    await new Promise((resolve) => stale.close(resolve));
    renameSync(join(folder(), 'kept'), path());
    const client = await serve();
    client.request(1, 'echo', { text: 'alive' });
    await until(() => client.answers(1).length === 1, 'the new server');
    writeFileSync(join(folder(), 'file'), 'precious');
    const onFile = await serveControl({ ...options(), path: join(folder(), 'file') });
    expect(onFile).to.include({ ok: false, code: 'NOT_A_SOCKET' });
    const long = await serveControl({ ...options(), path: join(folder(), 'x'.repeat(108)) });
    expect(long).to.include({ ok: false, code: 'SOCKET_PATH_TOO_LONG' });
  });

  it('gives its file the wanted rights, and removes it when it closes', async () => {
    const client = await serve({ mode: 0o600 });
    expect(statSync(path()).mode & 0o777).to.equal(0o600);
    await open.server.close();
    await until(() => client.closeCode !== undefined, 'the client is told');
    expect(client.closeCode).to.equal(1001);
    expect(() => statSync(path())).to.throw(/ENOENT/);
  });
});
