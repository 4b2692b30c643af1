import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fail, ok, type Result, unwrap } from '@softset/base';
import { encodeFrame, FrameDecoder } from '@softset/protocol/frames.js';
import { PulseLink } from '@softset/runtime/pulse-link.js';
import { expect } from 'chai';
import { tempFolder, until } from '../support/temp-folder.js';

describe('the link to the pulse', () => {
  const folder = tempFolder();
  const path = () => join(folder(), 'pulse.sock');
  let events: string[];
  let link: PulseLink<unknown, number>;
  let pulse: { server: Server; sockets: Socket[]; heard: unknown[] } | undefined;

  const decode = (value: unknown): Result<number> =>
    typeof value === 'number' ? ok(value) : fail('MESSAGE_UNKNOWN', 'not a number');

  beforeEach(() => {
    events = [];
    link = new PulseLink({
      path: path(),
      decode,
      onMessage: (message) => events.push(`message ${message}`),
      onUp: () => events.push('up'),
      onDown: () => events.push('down'),
      onBad: ({ code }) => events.push(code),
      retryMsMax: 20,
    });
  });
  afterEach(() => {
    link.close();
    stopPulse();
  });

  function startPulse(): void {
    const sockets: Socket[] = [];
    const heard: unknown[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      const decoder = new FrameDecoder();
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        for (const payload of unwrap(decoder.push(chunk))) heard.push(JSON.parse(Buffer.from(payload).toString()));
      });
    }).listen(path());
    pulse = { server, sockets, heard };
  }
  function stopPulse(): void {
    for (const socket of pulse?.sockets ?? []) socket.destroy();
    pulse?.server.close();
    pulse = undefined;
  }
  const tell = (value: unknown): void => {
    pulse?.sockets.at(-1)?.write(unwrap(encodeFrame(Buffer.from(JSON.stringify(value)))));
  };

  it('comes up when the pulse does, however late, and again after it died', async () => {
    expect(link.send({ a: 1 })).to.include({ ok: false, code: 'NOT_CONNECTED' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    for (const round of [1, 2]) {
      startPulse();
      await until(() => link.up, 'up');
      expect(link.send({ round: 'ü' }).ok).to.equal(true);
      await until(() => pulse?.heard.length === 1, 'the pulse heard');
      expect(pulse?.heard).to.deep.equal([{ round: 'ü' }]);
      tell(round);
      await until(() => events.at(-1) === `message ${round}`, 'the message');
      stopPulse();
      await until(() => !link.up, 'down');
    }
    expect(events).to.deep.equal(['up', 'message 1', 'down', 'up', 'message 2', 'down']);
  });

  it('passes over a message that it cannot read, and begins afresh after a broken frame', async () => {
    startPulse();
    await until(() => link.up, 'up');
    tell('text');
    pulse?.sockets[0]?.write(Buffer.from([0, 0, 0, 1, 0x7b]));
    tell(3);
    await until(() => events.includes('message 3'), 'the good message');
    pulse?.sockets[0]?.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    await until(() => events.filter((event) => event === 'up').length === 2, 'the second connection');
    expect(events).to.deep.equal(['up', 'MESSAGE_UNKNOWN', 'NOT_JSON', 'message 3', 'FRAME_TOO_LARGE', 'down', 'up']);
  });

  it('refuses to pile up messages for a pulse that does not read, and messages too large', async () => {
    startPulse();
    await until(() => link.up && pulse?.sockets.length === 1, 'up');
    pulse?.sockets[0]?.pause();
    expect(link.send('x'.repeat(70_000))).to.include({ ok: false, code: 'FRAME_TOO_LARGE' });
    const codes = Array.from({ length: 40 }, () => link.send('x'.repeat(60_000))).map((sent) =>
      sent.ok ? 'OK' : sent.code,
    );
    expect(codes[0]).to.equal('OK');
    expect(codes.at(-1)).to.equal('CONGESTED');
  });

  it('does nothing after it was closed', async () => {
    startPulse();
    await until(() => link.up, 'up');
    link.close();
    await until(() => !link.up, 'down');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(pulse?.sockets).to.have.length(1);
  });
});
