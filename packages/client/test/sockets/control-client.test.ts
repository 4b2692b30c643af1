import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, ok, unwrap } from '@softset/base';
import { type ControlClient, connectControl, netrackClient, psrmClient, redirectClient } from '@softset/client';
import type { Method, NoParams, TopicOf } from '@softset/protocol/control.js';
import { noParams, ownersMayChange } from '@softset/runtime/control-methods.js';
import { type ControlServer, serveControl } from '@softset/runtime/control-server.js';
import { Topic } from '@softset/runtime/topic.js';
import { expect } from 'chai';
import { type WebSocket, WebSocketServer } from 'ws';

interface TestMethods {
  double: Method<{ value: number }, number>;
  refuse: Method<NoParams, string>;
  never: Method<NoParams, string>;
  whoami: Method<NoParams, { pid: number; name?: string }>;
}
interface TestTopics {
  numbers: TopicOf<readonly number[], number>;
  messages: { text: string };
}

async function until(condition: () => boolean, what: string, deadlineMs = 5_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('the control client', () => {
  let folder: string;
  let whole: number[];
  let numbers: Topic<readonly number[], number>;
  let server: ControlServer;
  let client: ControlClient<TestMethods, TestTopics>;
  let life: string[];
  const path = () => join(folder, 'a:b'); // A colon in the path is an ordinary character.

  function freshTopic(): void {
    numbers = new Topic<readonly number[], number>({
      snapshot: () => [...whole],
      history: 8,
      view: () =>
        ok({ snapshot: (all) => all.filter((n) => n % 2 === 0), change: (n) => (n % 2 === 0 ? n : undefined) }),
    });
  }
  function publish(number: number): void {
    whole.push(number);
    numbers.publish(number);
  }
  async function serve(): Promise<void> {
    server = unwrap(
      await serveControl<TestMethods, TestTopics>({
        path: path(),
        authorize: ownersMayChange(),
        methods: {
          double: {
            decode: (params) => ok({ value: (params as { value: number }).value }),
            handle: async ({ value }) => value * 2,
          },
          refuse: { decode: noParams, handle: () => fail('SERVICE_UNKNOWN', 'no such service') },
          never: { decode: noParams, handle: () => new Promise<string>(() => {}) },
          whoami: { decode: noParams, handle: (_, caller) => caller },
        },
        topics: { numbers, messages: new Topic<{ text: string } | null, { text: string }>({ snapshot: () => null }) },
      }),
    );
  }
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'softset-client-'));
    whole = [];
    life = [];
    freshTopic();
    await serve();
    client = connectControl<TestMethods, TestTopics>(path(), {
      name: 'test',
      retry: { minMs: 2, maxMs: 20 },
      onUp: () => life.push('up'),
      onDown: () => life.push('down'),
    });
    unwrap(await client.ready());
  });
  afterEach(async () => {
    client.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Follows the numbers as an application would, and keeps what it was told. */
  function follow(filter?: unknown) {
    const seen = { numbers: [] as number[], snapshots: 0, lagged: 0, refused: [] as string[] };
    const subscription = client.subscribe(
      'numbers',
      (snapshot) => {
        seen.numbers = [...snapshot];
        seen.snapshots++;
      },
      (change) => seen.numbers.push(change),
      {
        ...(filter === undefined ? {} : { filter }),
        onLagged: () => seen.lagged++,
        onRefused: ({ code }) => seen.refused.push(code),
      },
    );
    return { seen, subscription };
  }

  it('calls methods, many at once, and keeps the codes of failures', async () => {
    const calls = Array.from({ length: 100 }, (_, value) => client.call('double', { value }));
    expect((await Promise.all(calls)).map(unwrap)).to.deep.equal(calls.map((_, i) => i * 2));
    expect(await client.call('refuse', {})).to.deep.equal(fail('SERVICE_UNKNOWN', 'no such service'));
    expect(await client.call('whoami', {})).to.deep.include({ ok: true });
    expect(unwrap(await client.call('whoami', {}))).to.include({ pid: process.pid, name: 'test' });
  });

  it('gives up a call after its time, and says whether it was ever sent', async () => {
    expect(await client.call('never', {}, { timeoutMs: 10 })).to.include({ ok: false, code: 'TIMEOUT' });
    const lost = client.call('never', {});
    await server.close();
    expect(await lost).to.include({ ok: false, code: 'CONNECTION_LOST' });
    await until(() => !client.connected, 'down');
    expect(await client.call('never', {})).to.include({ ok: false, code: 'NOT_CONNECTED' });
    await serve();
    unwrap(await client.ready());
    expect(life).to.deep.equal(['up', 'down', 'up']);
  });

  it('follows a topic from its snapshot through every change', async () => {
    publish(1);
    const { seen, subscription } = follow();
    publish(2);
    await until(() => seen.snapshots === 1, 'the snapshot');
    for (let number = 3; number <= 50; number++) publish(number);
    await until(() => seen.numbers.length === 50, 'all changes');
    expect(seen.numbers).to.deep.equal(whole);
    expect(seen.snapshots).to.equal(1);
    subscription.close();
    publish(51);
    await client.call('double', { value: 1 });
    expect(seen.numbers).to.have.length(50);
  });

  it('resumes where it was when the same topic is served again: only what was missed is sent', async () => {
    publish(1);
    const { seen } = follow();
    await until(() => seen.snapshots === 1, 'the snapshot');
    await server.close();
    await until(() => !client.connected, 'down');
    publish(2);
    publish(3);
    await serve();
    await until(() => seen.numbers.length === 3, 'what was missed');
    expect(seen).to.deep.include({ numbers: [1, 2, 3], snapshots: 1 });
  });

  it('begins with a snapshot when too much was missed, or the daemon is another', async () => {
    publish(1);
    const { seen } = follow();
    await until(() => seen.snapshots === 1, 'the snapshot');
    await server.close();
    await until(() => !client.connected, 'down');
    for (let number = 2; number < 20; number++) publish(number);
    await serve();
    await until(() => seen.snapshots === 2, 'the second snapshot');
    expect(seen.numbers).to.deep.equal(whole);
    await server.close();
    await until(() => !client.connected, 'down');
    whole = [7];
    freshTopic();
    await serve();
    await until(() => seen.snapshots === 3, 'the third snapshot');
    publish(8);
    await until(() => seen.numbers.length === 2, 'the change after it');
    expect(seen.numbers).to.deep.equal([7, 8]);
  });

  it('follows a filtered topic, whose numbers have gaps', async () => {
    const { seen } = follow({ even: true });
    await until(() => seen.snapshots === 1, 'the snapshot');
    for (let number = 1; number <= 10; number++) publish(number);
    await until(() => seen.numbers.length === 5, 'the even ones');
    expect(seen).to.deep.include({ numbers: [2, 4, 6, 8, 10], snapshots: 1 });
  });

  it('hears that a subscription is refused', async () => {
    const refused: string[] = [];
    client.subscribe(
      'messages',
      () => {},
      () => {},
      { filter: 1, onRefused: ({ code }) => refused.push(code) },
    );
    await until(() => refused.length === 1, 'the refusal');
    expect(refused).to.deep.equal(['FILTER_UNSUPPORTED']);
  });

  it('leaves no timer behind when it is closed, which would keep a program from ending', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    await client.call('double', { value: 1 }); // The test's own timer runs from its first turn on.
    const before = timers();
    const refusals: number[] = [];
    const refuse = { filter: 1, onRefused: () => refusals.push(1) };
    client.subscribe(
      'messages',
      () => {},
      () => {},
      refuse,
    );
    await until(() => refusals.length === 1, 'the refusal');
    expect(timers()).to.be.above(before);
    client.close();
    const end = Date.now() + 1_000;
    while (timers() > before && Date.now() < end) await new Promise((resolve) => setImmediate(resolve));
    expect(timers()).to.equal(before);
  });

  it('says so when no daemon answers', async () => {
    const nobody = connectControl(join(folder, 'nobody'), { name: 'test', retry: 'none' });
    expect(await nobody.ready()).to.include({ ok: false, code: 'NOT_CONNECTED' });
    const patient = connectControl(join(folder, 'nobody'), { name: 'test' });
    expect(await patient.ready(20)).to.include({ ok: false, code: 'TIMEOUT' });
    patient.close();
    expect(await patient.ready()).to.include({ ok: false, code: 'NOT_CONNECTED' });
  });

  it('finds each daemon by its name under the run directory', async () => {
    for (const [name, make] of [
      ['netrackd', netrackClient],
      ['psrmd', psrmClient],
      ['redirectd', redirectClient],
    ] as const) {
      const own = unwrap(
        await serveControl({ path: join(folder, `${name}.sock`), authorize: ownersMayChange(), methods: {} }),
      );
      const found = make(folder, { name: 'test' });
      expect(await found.ready()).to.include({ ok: true });
      found.close();
      await own.close();
    }
  });

  describe('before a daemon that errs', () => {
    let sockets: WebSocketServer;
    let asked: { method: string; params: { after?: { sequence: number } } }[];

    async function pretend(onRequest: (ws: WebSocket, id: number, method: string) => void): Promise<void> {
      await server.close();
      await until(() => !client.connected, 'down');
      asked = [];
      const http = createServer();
      sockets = new WebSocketServer({ server: http });
      sockets.on('connection', (ws) =>
        ws.on('message', (data) => {
          const request = JSON.parse(data.toString());
          asked.push(request);
          onRequest(ws, request.id, request.method);
        }),
      );
      http.listen(path());
      server = {
        connections: 0,
        close: async () => {
          for (const ws of sockets.clients) ws.terminate();
          await new Promise((resolve) => http.close(resolve));
        },
      };
      unwrap(await client.ready());
    }
    const say = (ws: WebSocket, message: object): void => ws.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
    const tell = (ws: WebSocket, params: object): void => say(ws, { method: 'subscription', params });

    it('never passes over a gap: it asks again from the last change in order', async () => {
      let made = 0;
      await pretend((ws, id, method) => {
        if (method !== 'subscribe') return;
        const subscription = ++made;
        say(ws, { id, result: { subscription, origin: 'o' } });
        if (made === 1) {
          tell(ws, { subscription, sequence: 5, kind: 'snapshot', data: [1] });
          tell(ws, { subscription, sequence: 6, kind: 'change', data: 2 });
          tell(ws, { subscription, sequence: 8, kind: 'change', data: 4 });
        } else {
          tell(ws, { subscription, sequence: 7, kind: 'change', data: 3 });
          tell(ws, { subscription: 1, sequence: 7, kind: 'change', data: 99 });
          tell(ws, { subscription, sequence: 8, kind: 'change', data: 4 });
        }
      });
      const { seen } = follow();
      await until(() => seen.numbers.length === 4, 'all four');
      expect(seen.numbers).to.deep.equal([1, 2, 3, 4]);
      await until(() => asked.length === 3, 'the old subscription is ended');
      expect(asked.map(({ method }) => method)).to.deep.equal(['subscribe', 'subscribe', 'unsubscribe']);
      expect(asked[1]?.params.after).to.deep.equal({ origin: 'o', sequence: 6 });
    });

    it('begins afresh when it hears nonsense, and ignores answers to nothing', async () => {
      let first = true;
      await pretend((ws, id) => {
        if (first) ws.send('nonsense');
        else {
          say(ws, { id: 999, result: 'to nobody' });
          tell(ws, { subscription: 'x' });
          say(ws, { id, result: 4 });
        }
        first = false;
      });
      expect(await client.call('double', { value: 2 })).to.include({ ok: false, code: 'CONNECTION_LOST' });
      await until(() => client.connected, 'up again');
      expect(unwrap(await client.call('double', { value: 2 }))).to.equal(4);
    });
  });
});
