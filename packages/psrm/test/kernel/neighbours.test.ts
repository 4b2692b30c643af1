import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ok, unwrap } from '@softset/base';
import type { NetrackMethods, ProgramFact, PulseRequest } from '@softset/protocol';
import { FrameDecoder } from '@softset/protocol/frames.js';
import { type MethodDefinition, ownersMayChange } from '@softset/runtime/control-methods.js';
import { serveControl } from '@softset/runtime/control-server.js';
import { expect } from 'chai';
import { Place, until } from './psrmd.js';

type Told = Pick<NetrackMethods, 'programs'>;

describe('psrmd and its neighbours', function () {
  this.timeout(60_000);
  let place: Place;
  const closes: (() => Promise<void> | void)[] = [];

  beforeEach(() => {
    place = new Place();
    mkdirSync(place.runDir);
    place.configure({ one: 'command: [/bin/sleep, "1000"]' });
  });
  afterEach(async () => {
    for (const close of closes.splice(0)) await close();
    await place.clean('one');
  });

  it('tells netrackd each change, and the whole list each second (002 ¶0029)', async () => {
    const told: (readonly ProgramFact[])[] = [];
    const programs: MethodDefinition<Told['programs']['params'], Record<string, never>> = {
      decode: (params) => ok(params as Told['programs']['params']),
      handle: ({ programs: facts }) => {
        told.push(facts);
        return {};
      },
    };
    const server = await serveControl<Told>({
      path: join(place.runDir, 'netrackd.sock'),
      methods: { programs },
      authorize: ownersMayChange(),
    });
    closes.push(() => unwrap(server).close());
    place.start();
    const pid = await place.running('one');
    await until('the start is told', () => told.find(([fact]) => fact?.state === 'up'));
    process.kill(pid, 'SIGKILL');
    const fact = await until('the restart is told', () =>
      told.map(([one]) => one).find((one) => one?.restarts === 1 && one.state === 'up'),
    );
    expect(fact).to.have.all.keys('program', 'state', 'sinceMs', 'restarts');
    const before = told.length;
    await until('it is told again without a change', () => (told.length >= before + 2 ? true : undefined));
  });

  it('says who it is to the pulse, and goes on checking in', async () => {
    const heard: PulseRequest[] = [];
    const server = createServer((socket) => {
      const decoder = new FrameDecoder();
      socket.on('data', (chunk) => {
        for (const frame of unwrap(decoder.push(chunk))) heard.push(JSON.parse(new TextDecoder().decode(frame)));
      });
      socket.on('error', () => {});
      closes.push(() => void socket.destroy());
    }).listen(join(place.runDir, 'pulse.sock'));
    closes.push(() => void server.close());
    const { child } = place.start();
    await until('three check-ins', () => (heard.filter(({ kind }) => kind === 'alive').length >= 3 ? true : undefined));
    expect(heard[0]).to.deep.equal({ kind: 'hello', daemon: 'psrmd' });
    child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 300)); // What is on its way arrives.
    const before = heard.length;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(heard.length, 'a hung psrmd checks in no more').to.equal(before);
    child.kill('SIGCONT');
    await until('it is back', () => (heard.length > before ? true : undefined));
  });
});
