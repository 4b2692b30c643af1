import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { patience, until } from '../e2e/bench.js';
import { directorInTheLab, roam } from './director-in-the-lab.js';
import { macsInTheLab, wander } from './macs-in-the-lab.js';
import { networksInTheLab, uplinkRules } from './networks-in-the-lab.js';
import { programRules, programsInTheLab } from './programs-in-the-lab.js';
import { SmallLab } from './small-lab.js';
import { answers, connects, tcpPort, tcpServer } from './tcp-client.js';

/** ctl is the way to the outside as well, so that four boards are enough: fewer daemons, calmer beats. */
const topology = `
trunk: true
cluster: chassis.yaml
outside: { client: 203.0.113.10/24, gateway: 203.0.113.1, routes: [192.168.1.0/24] }
boards:
  ctl:
    A: [10.1.1.1/16, "2001:db8::c/64"]
    B: 20.1.1.1/16
    outside: 203.0.113.1/24
    forward: true
    routes: [{ to: 192.168.1.0/24, device: a0, metric: 200 }, { to: 192.168.1.0/24, device: b0, metric: 300 }]
  io-1:
    A: 10.1.1.11/16
    B: 20.1.1.11/16
    routes: &outward
      - { to: default, via: 10.1.1.1, metric: 200 }
      - { to: default, via: 20.1.1.1, metric: 300 }
      - { to: "2001:db8::/64", device: a0, metric: 200 }
      - { to: "2001:db8::/64", device: b0, metric: 300 }
    # Of two ways, the one whose wire is dead is none.
    sysctls: &live { net.ipv6.conf.all.ignore_routes_with_linkdown: 1, net.ipv6.conf.default.ignore_routes_with_linkdown: 1 }
  io-2: { A: 10.1.1.12/16, B: 20.1.1.12/16, routes: *outward, sysctls: *live }
  io-3: { A: 10.1.1.13/16, B: 20.1.1.13/16, routes: *outward, sysctls: *live }
`;

/**
 * N+M: media, an instance each on io-1 and io-2, spares io-3 and ctl. N+1: voice, the same with one spare. `home` comes
 * home by itself, the others do not.
 */
const cluster = `
version: 1
cluster: { name: services, number: 4714, keyFile: chassis.key }
timing: { intervalMs: 50, leaseMs: 1250, proofMs: 250 }
networks:
  A: { subnet: 10.1.0.0/16, device: a0, multicast: 224.0.0.254 }
  B: { subnet: 20.1.0.0/16, device: b0, multicast: 224.0.0.254 }
boards:
  ctl: { id: 1, role: router, A: 10.1.1.1, B: 20.1.1.1, vote: true }
  io-1: { id: 2, role: io, A: 10.1.1.11, B: 20.1.1.11, vote: true }
  io-2: { id: 3, role: io, A: 10.1.1.12, B: 20.1.1.12 }
  io-3: { id: 4, role: io, A: 10.1.1.13, B: 20.1.1.13, vote: true }
gateway: ctl
outside: [203.0.113.0/24]
services:
  media:
    redundancy: n+m
    pool: [io-1, io-2, io-3, ctl]
    addresses: [192.168.1.1/32, 192.168.1.2/32, "2001:db8::1/128", "2001:db8::2/128"]
    instances: 2
    programs: [tcp]
  voice: { redundancy: n+1, pool: [io-1, io-2, io-3], addresses: [192.168.1.11/32, 192.168.1.12/32] }
  home: { addresses: [192.168.1.3/32], pool: [io-2, io-3], failback: auto, failbackStableMs: 2000 }
  ${roam.service}: { addresses: [${roam.address}/32], pool: [${roam.boards.join(', ')}], takeover: strict }
  ${wander.service}: { addresses: [${wander.address}/32], pool: [${wander.boards.join(', ')}], mac: "${wander.mac}", announce: [arp] }
programs:
  tcp:
    command: ${JSON.stringify([process.execPath, '-e', tcpServer])}
    exclusive: address
    probe: { tcp: { port: ${tcpPort} }, intervalMs: 200, timeoutMs: 500, fall: 3, graceMs: 10000 }
`;

describe('N+1 and N+M on a small chassis, with real daemons and programs', function () {
  this.timeout(120_000 * patience);
  let chassis: SmallLab;

  before(async () => {
    chassis = await SmallLab.ofTexts(`services-${process.pid}`, topology, cluster, `${uplinkRules}${programRules}`);
    await chassis.untilWell();
    // Boards come up in no order: the first that is there takes what it can, and nothing moves back by itself.
    for (const service of ['media', 'voice'])
      await chassis.bringHome([`${service}-1`, `${service}-2`], ['io-1', 'io-2'], ['io-3']);
    await chassis.bringHome(['home'], ['io-2'], []);
  });
  after(() => chassis?.stop());

  /** media-1, media-2, voice-1, voice-2, home. */
  const holders = (): string => chassis.holders('media-1', 'media-2', 'voice-1', 'voice-2', 'home');
  const become = (wanted: string) =>
    until(`media-1, media-2, voice-1, voice-2 and home are on ${wanted}`, () =>
      holders() === wanted ? true : undefined,
    ).catch((error: Error) => expect.fail(`${error.message}, but on ${holders()}`));
  /** Nothing has moved. Where something has, the director's own words say why: without them the failure is a riddle. */
  const stayed = (wanted: string): void => {
    const now = holders();
    if (now === wanted) return;
    const why = ['media-1', 'media-2', 'voice-1', 'voice-2', 'home'].map((name) => chassis.softset('why', name).out);
    expect(now, why.join('\n')).to.equal(wanted);
  };
  const alarmed = (cause: string, object: string) => until(`${cause} of ${object}`, () => chassis.alarm(cause, object));
  const over = (cause: string, object?: string) =>
    until(`no ${cause} any more`, () => (chassis.alarm(cause, object) === undefined ? true : undefined));

  it('each instance is on its own board, and answers there by IPv4 and IPv6', async () => {
    await become('io-1 io-2 io-1 io-2 io-2');
    await answers(chassis, {
      '192.168.1.1': 'io-1',
      '192.168.1.2': 'io-2',
      '2001:db8::1': 'io-1',
      '2001:db8::2': 'io-2',
    });
  });

  it('a dry run says what a drain would do, with the reason for each board, and does nothing', () => {
    const { code, out, err } = chassis.softset('board', 'drain', 'io-1', '--dry-run');
    expect([code, err]).to.deep.equal([0, '']);
    expect(out).to.include('media-1: io-1 to io-3 (io-1 cannot keep it: it is being drained)');
    expect(out).to.include('board io-2: refused, apart from media-2');
    expect(out).to.include('board io-3: chosen, rank 2');
    expect(holders()).to.equal('io-1 io-2 io-1 io-2 io-2');
  });

  it('a board is drained under traffic: no attempt to connect is lost, and its IPv6 address moves along', async () => {
    const traffic = [connects(chassis, '192.168.1.1', 3500), connects(chassis, '2001:db8::1', 3500)];
    await sleep(1000);
    const { code, out, err } = chassis.softset('board', 'drain', 'io-1');
    expect([code, err]).to.deep.equal([0, '']);
    expect(out).to.include('io-1 is drained').and.include('io-1 holds nothing any more');
    await become('io-3 io-2 io-3 io-2 io-2');
    for (const { attempts, connected, lost, boards } of await Promise.all(traffic)) {
      expect(lost).to.deep.equal([]);
      expect(connected).to.equal(attempts).and.be.greaterThan(50);
      expect(boards).to.deep.equal(['io-1', 'io-3']);
    }
    expect(chassis.softset('status').out).to.match(/io-1 +up drained/);
  });

  it('a pin is shown until it is taken back, and moves nothing', () => {
    expect(chassis.softset('service', 'pin', 'media-1', 'ctl').code).to.equal(0);
    expect(chassis.softset('status').out).to.include('pinned: media-1 to ctl');
    expect(chassis.softset('service', 'explain', 'media-1').out).to.include('pinned to ctl');
    expect(chassis.softset('service', 'unpin', 'media-1').code).to.equal(0);
    expect(chassis.softset('status').out).to.not.include('pinned');
    stayed('io-3 io-2 io-3 io-2 io-2');
  });

  it('given work again, a board is a spare: nothing moves back by itself, an operator moves it', async () => {
    expect(chassis.softset('board', 'activate', 'io-1').code).to.equal(0);
    await sleep(1500);
    stayed('io-3 io-2 io-3 io-2 io-2');
    for (const service of ['media-1', 'voice-1']) {
      const { code, err } = chassis.softset('service', 'move', service, 'io-1');
      expect([code, err]).to.deep.equal([0, '']);
    }
    await become('io-1 io-2 io-1 io-2 io-2');
  });

  describe('an address within its board', () => {
    networksInTheLab(
      () => chassis,
      (board) => answers(chassis, { '192.168.1.2': board, '2001:db8::2': board }),
    );
  });

  describe('an address with its MAC', () => {
    macsInTheLab(
      () => chassis,
      (board) => answers(chassis, { [wander.address]: board }),
    );
  });

  describe('a program of another board', () => programsInTheLab(() => chassis));

  it('two boards crash at once: N+M serves both from its two spares, N+1 one; that spares ran out is alarmed', async () => {
    await Promise.all([chassis.lab.fault('crash', 'io-1'), chassis.lab.fault('crash', 'io-2')]);
    await until('both of media are held', () => {
      const where = chassis.holders('media-1', 'media-2');
      return ['io-3 ctl', 'ctl io-3'].includes(where) ? true : undefined;
    });
    const [one = '', two = ''] = chassis.holders('media-1', 'media-2').split(' ');
    await answers(chassis, { '192.168.1.1': one, '192.168.1.2': two, '2001:db8::1': one, '2001:db8::2': two });
    const spare = await alarmed('NO_SPARE', 'service/media-1');
    expect(spare.severity).to.equal('minor');
    expect(spare.text).to.include('io-1: refused, it is down').and.include('apart from media-2');
    const { object, severity, text } = await until('NO_BOARD', () => chassis.alarm('NO_BOARD'));
    expect(object).to.match(/^service\/voice-[12]$/);
    expect(severity).to.equal('critical');
    expect(text).to.include('held by nobody').and.include('io-3: refused, apart from voice-');
    expect(chassis.holders('voice-1', 'voice-2')).to.be.oneOf(['io-3 -', '- io-3']);
    expect(chassis.softset('status').out).to.match(/voice-[12] is held by nobody/);
  });

  it('one board returns: it takes what nobody held; what fails back by itself comes home, the others stay', async () => {
    const media = chassis.holders('media-1', 'media-2');
    await chassis.lab.heal('crash', 'io-2');
    await until('voice is whole', () =>
      ['io-2 io-3', 'io-3 io-2'].includes(chassis.holders('voice-1', 'voice-2')) ? true : undefined,
    );
    await over('NO_BOARD');
    await until('home is at home', () => (chassis.holders('home') === 'io-2' ? true : undefined));
    expect(chassis.softset('why', 'home').out).to.include('failback: rank 1, not 2, and well for 2 s');
    expect(chassis.holders('media-1', 'media-2'), 'what is held does not move').to.equal(media);
  });

  it('all are back: no alarm is left, and nothing moved for it', async () => {
    const before = holders();
    await chassis.lab.heal();
    await chassis.untilWell();
    await over('NO_SPARE');
    stayed(before);
  });

  describe('the director dies in the midst', () => {
    directorInTheLab(
      () => chassis,
      (board) => answers(chassis, { [roam.address]: board }),
    );
  });
});
