import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { patience, until } from '../e2e/bench.js';
import { SmallLab } from './small-lab.js';
import { answers, tcpPort, tcpServer } from './tcp-client.js';

/** The three that carry work, and the two that stand by for them. */
const members = ['io-1', 'io-2', 'io-3'] as const;
const spares = ['io-4', 'io-5'] as const;
const outward = '[{ to: default, via: 10.1.1.1, metric: 200 }, { to: default, via: 20.1.1.1, metric: 300 }]';
const place = (name: string, host: number): string =>
  `  ${name}: { A: 10.1.1.${host}/16, B: 20.1.1.${host}/16, routes: ${outward} }`;
const topology = `
trunk: true
cluster: chassis.yaml
outside: { client: 203.0.113.10/24, gateway: 203.0.113.1, routes: [192.168.1.0/24] }
boards:
  ctl:
    A: 10.1.1.1/16
    B: 20.1.1.1/16
    outside: 203.0.113.1/24
    forward: true
    routes: [{ to: 192.168.1.0/24, device: a0, metric: 200 }, { to: 192.168.1.0/24, device: b0, metric: 300 }]
${[...members, ...spares].map((name, i) => place(name, 11 + i)).join('\n')}
`;

/** How long after the lab was made `nightly` may come home: what is shown before takes about so long. */
const NIGHT_MIN = 3;
const clockIn = (minutes: number): string => {
  const at = new Date(Date.now() + minutes * 60_000);
  return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
};

/** Votes are with those who stay: three boards may go at once. `echo` is given up where it dies once. */
const cluster = (night: string): string => `
version: 1
cluster: { name: spares, number: 4718, keyFile: chassis.key }
timing: { intervalMs: 100, leaseMs: 2500, proofMs: 500 }
networks:
  A: { subnet: 10.1.0.0/16, device: a0, multicast: 224.0.0.254 }
  B: { subnet: 20.1.0.0/16, device: b0, multicast: 224.0.0.254 }
boards:
  ctl: { id: 1, role: router, A: 10.1.1.1, B: 20.1.1.1, vote: true }
  io-1: { id: 2, role: io, A: 10.1.1.11, B: 20.1.1.11 }
  io-2: { id: 3, role: io, A: 10.1.1.12, B: 20.1.1.12 }
  io-3: { id: 4, role: io, A: 10.1.1.13, B: 20.1.1.13 }
  io-4: { id: 5, role: io, A: 10.1.1.14, B: 20.1.1.14, vote: true }
  io-5: { id: 6, role: io, A: 10.1.1.15, B: 20.1.1.15, vote: true }
gateway: ctl
outside: [203.0.113.0/24]
services:
  media:
    redundancy: n+m
    pool: [io-1, io-2, io-3, io-4, io-5]
    addresses: [192.168.1.1/32, 192.168.1.2/32, 192.168.1.3/32]
    instances: 3
    programs: [tcp]
  voice: { redundancy: n+1, pool: [io-1, io-2, io-3, io-4], addresses: [192.168.1.11/32, 192.168.1.12/32, 192.168.1.13/32] }
  nightly: { addresses: [192.168.1.21/32], pool: [io-5, io-4], failback: daily, failbackAt: "${night}", failbackStableMs: 1000 }
  weak: { addresses: [192.168.1.31/32], pool: [io-1, io-2, io-3, io-4], programs: [frail] }
programs:
  tcp:
    command: ${JSON.stringify([process.execPath, '-e', tcpServer])}
    exclusive: address
    probe: { tcp: { port: ${tcpPort} }, intervalMs: 500, timeoutMs: 1000, fall: 3, graceMs: 20000 }
  frail: { command: [/bin/sleep, infinity], exclusive: address, exits: { final: [KILL] }, ready: { by: delay, delayMs: 100 } }
`;

describe('N+1 and N+M when two and three boards fail at once, and what rests', function () {
  this.timeout(180_000 * patience);
  let chassis: SmallLab;
  let night = '';
  let nightMs = 0;

  before(async () => {
    night = clockIn(NIGHT_MIN);
    // The minute that is named begins then, at the latest a minute before that.
    nightMs = Math.floor(Date.now() / 60_000 + NIGHT_MIN) * 60_000;
    chassis = await SmallLab.ofTexts(`spares-${process.pid}`, topology, cluster(night));
    await chassis.untilWell();
  });
  after(() => chassis?.stop());

  const of = (service: string): string => chassis.holders(`${service}-1`, `${service}-2`, `${service}-3`);
  const split = (holders: string): string[] => holders.split(' ');
  const held = (service: string): string[] => split(of(service)).filter((board) => board !== '-');
  /** Exactly these boards hold its instances, in any order, and no others: each board one of them. */
  const areOn = (service: string, ...boards: string[]) =>
    until(`${service} is on ${boards.join(', ')}`, () =>
      held(service).sort().join() === [...boards].sort().join() ? true : undefined,
    ).catch((error: Error) => expect.fail(`${error.message}, but on ${of(service)}`));
  const crash = (...boards: string[]) => Promise.all(boards.map((board) => chassis.lab.fault('crash', board)));
  const alarmed = (cause: string, object: string) => until(`${cause} of ${object}`, () => chassis.alarm(cause, object));
  const over = (cause: string) =>
    until(`no ${cause} any more`, () => (chassis.alarm(cause) === undefined ? true : undefined));
  const addressOf = { media: (i: number) => `192.168.1.${i + 1}` };
  /** Those of media that are held answer to new callers, each from its own board. */
  const mediaAnswers = (): Promise<void> =>
    answers(
      chassis,
      Object.fromEntries(
        split(of('media')).flatMap((board, i) => (board === '-' ? [] : [[addressOf.media(i), board]])),
      ),
    );
  /** The service's own instance that nobody holds. */
  const without = (service: string): string[] =>
    split(of(service)).flatMap((board, i) => (board === '-' ? [`service/${service}-${i + 1}`] : []));
  async function allBack(): Promise<void> {
    await chassis.lab.heal();
    await chassis.untilWell();
    await over('NO_BOARD');
    await over('NO_SPARE');
  }
  const allHome = async (): Promise<void> => {
    const named = (service: string): string[] => members.map((_, i) => `${service}-${i + 1}`);
    await chassis.bringHome(named('media'), members, spares);
    await chassis.bringHome(named('voice'), members, ['io-4']);
  };

  it('each instance has a board of its own; what comes home at night is put elsewhere', async () => {
    // Boards that come up at once are not there in their order: the first that is takes what it can.
    await allHome();
    expect(chassis.softset('service', 'move', 'nightly', 'io-4').code).to.equal(0);
    await until('nightly is on io-4', () => (chassis.holders('nightly') === 'io-4' ? true : undefined));
    await mediaAnswers();
  });

  it('two boards at once: N+M serves all from two spares, N+1 all but one; what else there is goes on', async () => {
    await crash('io-1', 'io-2');
    await areOn('media', 'io-3', ...spares);
    await areOn('voice', 'io-3', 'io-4');
    await mediaAnswers();
    const [lost = ''] = without('voice');
    expect(without('voice')).to.have.length(1);
    const { severity, text } = await alarmed('NO_BOARD', lost);
    expect(severity).to.equal('critical');
    expect(text).to.include('held by nobody').and.include('io-1: refused, it is down');
    await alarmed('NO_SPARE', 'service/media-3');
    expect(split(of('media'))[2], 'nobody moved what was well').to.equal('io-3');
  });

  it('a board returns: it takes what nobody held, and nothing that is held moves; the others too, and no alarm is left', async () => {
    const media = of('media');
    await chassis.lab.heal('crash', 'io-2');
    await areOn('voice', 'io-2', 'io-3', 'io-4');
    await over('NO_BOARD');
    expect(of('media')).to.equal(media);
    const voice = of('voice');
    await allBack();
    expect([of('media'), of('voice')], 'manual: nothing moves back by itself').to.deep.equal([media, voice]);
    await allHome();
  });

  it('three boards at once: N+M serves two of three, N+1 one; each that is not says so, by name and with reasons', async () => {
    await crash(...members);
    await areOn('media', ...spares);
    await areOn('voice', 'io-4');
    await mediaAnswers();
    expect(without('media')).to.have.length(1);
    expect(without('voice')).to.have.length(2);
    for (const object of [...without('media'), ...without('voice')]) {
      const { severity, text } = await alarmed('NO_BOARD', object);
      expect(severity).to.equal('critical');
      for (const board of members) expect(text).to.include(`${board}: refused, it is down`);
    }
    const status = chassis.softset('status').out;
    for (const object of without('media'))
      expect(status).to.include(`${object.replace('service/', '')} is held by nobody`);
    // Not a loss but a rest: what was held goes on being held.
    const before = [of('media'), of('voice')];
    await sleep(2000);
    expect([of('media'), of('voice')]).to.deep.equal(before);
  });

  it('a board returns: all of media and two of voice are held; all return: everything is, and each answers', async () => {
    await chassis.lab.heal('crash', 'io-3');
    await areOn('media', 'io-3', ...spares);
    await areOn('voice', 'io-3', 'io-4');
    await mediaAnswers();
    await until('one NO_BOARD is left', () =>
      chassis.alarms.filter(({ cause }) => cause === 'NO_BOARD').length === 1 ? true : undefined,
    );
    await allBack();
    expect(held('voice')).to.have.length(3);
    await allHome();
    await mediaAnswers();
  });

  it('a service whose program dies wherever it goes moves three times, then it rests with an alarm, until an operator moves it', async () => {
    const holder = (): string => chassis.holders('weak');
    const order = ['io-1', 'io-2', 'io-3', 'io-4'];
    // It may have moved already when its board crashed: an operator's move begins the count anew.
    for (const board of ['io-2', 'io-1']) {
      if (holder() !== board) expect(chassis.softset('service', 'move', 'weak', board).code).to.equal(0);
      await until(`weak is on ${board}`, () => (holder() === board ? true : undefined));
    }
    for (let moves = 0; moves < 3; moves++) {
      const from = holder();
      await chassis.lab.fault('program-kill', `${from}:frail`);
      await until(`weak leaves ${from}`, () =>
        holder() !== from && order.includes(holder()) ? true : undefined,
      ).catch((error: Error) =>
        expect.fail(
          `${error.message}; ${chassis.softset('service', 'explain', 'weak').out}${chassis.softset('status').out}`,
        ),
      );
    }
    const last = holder();
    const { severity, text } = await alarmed('SERVICE_RESTS', 'service/weak');
    expect(severity).to.equal('major');
    expect(text).to.include('failed 3 times in 10 minutes and stays where it is');
    await chassis.lab.fault('program-kill', `${last}:frail`);
    await sleep(3000);
    expect(holder(), 'it stays where it is').to.equal(last);
    expect(chassis.softset('service', 'explain', 'weak').out).to.include('it rests: three failures in ten minutes');
    const [other = ''] = order.filter((board) => board !== last);
    for (const board of order)
      expect(chassis.softset('psrm', 'clear', '--board', board).code, `psrm clear on ${board}`).to.equal(0);
    for (const board of order) chassis.softset('psrm', 'start', 'frail', '--board', board);
    await until(`frail runs on ${other}`, () =>
      chassis.state?.boards
        .find(({ name }) => name === other)
        ?.programs.some(({ program, state }) => program === 'frail' && ['up', 'ready'].includes(state))
        ? true
        : undefined,
    );
    const moved = chassis.softset('service', 'move', 'weak', other);
    expect([moved.code, moved.err]).to.deep.equal([0, '']);
    await over('SERVICE_RESTS');
    expect(holder()).to.equal(other);
  });

  it('what comes home at a time of day is where it was put before it, and at home after it', async function () {
    const looked = Date.now() < nightMs;
    if (looked) expect(chassis.holders('nightly'), `before ${night}`).to.equal('io-4');
    const leftMs = nightMs - Date.now();
    this.timeout(leftMs + 180_000 * patience);
    await sleep(Math.max(0, leftMs));
    // The director looks at the clock twice a minute.
    for (const endMs = Date.now() + 120_000; chassis.holders('nightly') !== 'io-5' && Date.now() < endMs; )
      await sleep(200);
    expect(chassis.holders('nightly')).to.equal('io-5');
    expect(chassis.softset('why', 'nightly').out).to.include('failback: rank 1, not 2');
  });
});
