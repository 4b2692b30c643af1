import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fail, ok, unwrap } from '@softset/base';
import type { Alarm, NetrackMethods, NetrackTopics, ProgramFact, ProgramWish, PulseRequest } from '@softset/protocol';
import { FrameDecoder } from '@softset/protocol/frames.js';
import { type MethodDefinition, ownersMayChange } from '@softset/runtime/control-methods.js';
import { serveControl } from '@softset/runtime/control-server.js';
import { Topic } from '@softset/runtime/topic.js';
import { expect } from 'chai';
import { Place, until } from './psrmd.js';

type Told = Pick<NetrackMethods, 'programs' | 'alarm'>;

const alarmInto = (alarms: Alarm[]): MethodDefinition<Told['alarm']['params'], Record<string, never>> => ({
  decode: (params) => ok(params as Told['alarm']['params']),
  handle: ({ alarm }) => {
    alarms.push(alarm);
    return {};
  },
});

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

  it('tells netrackd each change, again until it is heard, and then no more (002 ¶0029)', async () => {
    const told: (readonly ProgramFact[])[] = [];
    let deaf = false;
    const programs: MethodDefinition<Told['programs']['params'], Record<string, never>> = {
      decode: (params) => ok(params as Told['programs']['params']),
      handle: ({ programs: facts }) => {
        told.push(facts);
        return deaf ? fail('NOT_NOW', 'it does not listen') : {};
      },
    };
    const server = await serveControl<Told>({
      path: join(place.runDir, 'netrackd.sock'),
      methods: { programs, alarm: alarmInto([]) },
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
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const before = told.length;
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(told.length, 'nothing changed, and it was heard').to.equal(before);
    deaf = true;
    process.kill(await place.running('one'), 'SIGKILL');
    await until('it is told again, unheard', () => (told.length >= before + 4 ? true : undefined));
  });

  it('one that fails at once for ever is one alarm, which ends when it is started again', async () => {
    const alarms: Alarm[] = [];
    const server = await serveControl<Told>({
      path: join(place.runDir, 'netrackd.sock'),
      methods: { programs: { decode: (params) => ok(params as never), handle: () => ({}) }, alarm: alarmInto(alarms) },
      authorize: ownersMayChange(),
    });
    closes.push(() => unwrap(server).close());
    const flag = join(place.folder, 'well');
    const script = `[ -e ${flag} ] && exec sleep 1000; exit 7`;
    place.configure({
      one: `command: [/bin/sh, "-c", ${JSON.stringify(script)}], giveUp: { deaths: 5, withinMs: 60000 }`,
    });
    place.start();
    const raised = () => alarms.filter(({ cause, severity }) => cause === 'PROGRAM_GIVEN_UP' && severity !== 'cleared');
    await until('it is raised', () => raised()[0]);
    // netrackd is told of it again for a while, in the same words: object and cause are one alarm.
    await until('told again', () => raised()[2]);
    expect(new Set(raised().map(({ object, cause, text }) => `${object} ${cause} ${text}`))).to.deep.equal(
      new Set(['program/one@cpu-1 PROGRAM_GIVEN_UP one on cpu-1 was given up: exit 7']),
    );
    writeFileSync(flag, '');
    await place.order('start', 'one');
    await until('it is over', () =>
      alarms.at(-1)?.object === 'program/one@cpu-1' && alarms.at(-1)?.severity === 'cleared' ? true : undefined,
    );
  });

  it('does what was ordered on another board, and says what came of it', async () => {
    type Answered = NetrackMethods['wished']['params'];
    const answered: Answered[] = [];
    const orders = new Topic<ProgramWish | null, ProgramWish>({ snapshot: () => null, history: 1 });
    const server = await serveControl<Told & Pick<NetrackMethods, 'wished'>, Pick<NetrackTopics, 'programWishes'>>({
      path: join(place.runDir, 'netrackd.sock'),
      methods: {
        programs: { decode: (params) => ok(params as never), handle: () => ({}) },
        alarm: alarmInto([]),
        wished: {
          decode: (params) => ok(params as Answered),
          handle: (params) => {
            answered.push(params);
            return {};
          },
        },
      },
      topics: { programWishes: orders as never },
      authorize: ownersMayChange(),
    });
    closes.push(() => unwrap(server).close());
    place.start();
    const before = await place.running('one');
    await until('it listens', () => (orders.heeded ? true : undefined));
    const order = { program: 'one', order: 'restart', who: 'snmpagd on cpu-9' } as const;
    orders.publish({ id: 'a', ...order });
    await until('it is said', () => (answered.some(({ id, ok: done }) => id === 'a' && done) ? true : undefined));
    await until('another process', async () => ((await place.running('one')) === before ? undefined : true));
    orders.publish({ id: 'b', ...order, program: 'none' });
    const refused = await until('it is refused', () => answered.find(({ id }) => id === 'b'));
    expect(refused).to.include({ ok: false }).and.property('message').include('none');
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
