import type { Effect } from '@softset/geodhcp/core/events.js';
import { expect } from 'chai';
import { alarms, lost, MAC, message, named, notes, onPort, outcome, toServer, World } from '../world.js';

const { one, two, stranger } = MAC;
type Act = (world: World) => readonly Effect[];

const discover: Act = (world) => world.ask(message('discover'));
const bootp: Act = (world) => world.ask(message('bootp'));
const selecting =
  (ip: string): Act =>
  (world) =>
    world.ask(message('request', { options: new Map([named(ip), toServer('10.1.1.20')]) }));
const initReboot =
  (ip: string): Act =>
  (world) =>
    world.ask(message('request', { options: new Map([named(ip)]) }));
const renewing =
  (ip: string): Act =>
  (world) =>
    world.ask(message('request', { ciaddr: ip }));
const rarp: Act = (world) => world.run({ kind: 'rarp', network: 'A', mac: one, asker: one, wallMs: 0 });

interface Row {
  readonly arrow: string;
  readonly given: (world: World) => void;
  readonly act: Act;
  readonly gives: string;
  readonly alarm?: string;
}

const on = (port: string) => (world: World) => void world.ports.set(one, onPort(port));
const taken = (world: World): void => {
  on('p1')(world);
  world.answers.set('10.1.1.11', stranger);
};
const fig13 = (act: Act, gives: string): Row[] => [
  { arrow: '410 → 430, no port: ignored', given: () => {}, act, gives: 'silence' },
  { arrow: '410 → 430, a port without address: ignored', given: on('p9'), act, gives: 'silence' },
  { arrow: '410 → 440 → 450 → 470, not in use: given', given: on('p1'), act, gives },
  {
    arrow: '450 → 460, in use: unusable, ignored',
    given: taken,
    act,
    gives: 'silence',
    alarm: 'address/10.1.1.11 ADDRESS_IN_USE major',
  },
];
const fig14 = (act: (ip: string) => Act): Row[] => [
  { arrow: '510 → 530, no port: refused', given: () => {}, act: act('10.1.1.11'), gives: 'nak' },
  { arrow: '510 → 530, a port without address: refused', given: on('p9'), act: act('10.1.1.11'), gives: 'nak' },
  { arrow: '550 → 560, another address: refused', given: on('p1'), act: act('10.1.2.2'), gives: 'nak' },
  { arrow: '550 → 570 → 590, not in use: given', given: on('p1'), act: act('10.1.1.11'), gives: 'ack 10.1.1.11' },
  {
    arrow: '570 → 580, in use: unusable, refused',
    given: taken,
    act: act('10.1.1.11'),
    gives: 'nak',
    alarm: 'address/10.1.1.11 ADDRESS_IN_USE major',
  },
];
const charts: Record<string, readonly Row[]> = {
  'Fig. 13, DISCOVER': fig13(discover, 'offer 10.1.1.11'),
  'Fig. 13, BOOTP': fig13(bootp, 'bootp 10.1.1.11'),
  'Fig. 14, selecting': fig14(selecting),
  'Fig. 14, init-reboot': fig14(initReboot),
  'Fig. 14, renewing or rebinding': fig14(renewing),
  'Fig. 15, RARP': [
    { arrow: '610 → 630, no port: silence', given: () => {}, act: rarp, gives: 'silence' },
    { arrow: '610 → 630, a port without address: silence', given: on('p9'), act: rarp, gives: 'silence' },
    { arrow: '610 → 640, port found: answered', given: on('p1'), act: rarp, gives: 'rarp 10.1.1.11' },
    { arrow: '640, with no question whether it is in use', given: taken, act: rarp, gives: 'rarp 10.1.1.11' },
  ],
};

for (const [title, rows] of Object.entries(charts)) {
  describe(`the flowchart of ${title}`, () => {
    for (const { arrow, given, act, gives, alarm } of rows) {
      it(arrow, () => {
        const world = new World();
        given(world);
        const effects = act(world);
        expect(outcome(effects)).to.equal(gives);
        expect(alarms(effects).filter((text) => text.includes('ADDRESS'))).to.deep.equal(
          alarm === undefined ? [] : [alarm],
        );
      });
    }
  });
}

describe('beyond the flowcharts', () => {
  it('switches that owe an answer are no "no": a board that renews is not told to give up', () => {
    for (const kind of ['unreachable', 'ambiguous'] as const) {
      const world = new World();
      world.ports.set(one, lost(kind));
      for (const act of [discover, selecting('10.1.1.11'), renewing('10.1.1.11'), rarp])
        expect(outcome(act(world)), kind).to.equal('silence');
    }
  });

  it('a switch without its agent still switches: who renews what it has keeps it, and nobody else gets anything', () => {
    const world = new World();
    on('p1')(world);
    world.dora();
    world.nowMs += 20_000;
    world.ports.set(one, lost('unreachable'));
    world.ports.set(two, lost('unreachable'));
    expect(outcome(renewing('10.1.1.11')(world))).to.equal('ack 10.1.1.11');
    expect(outcome(initReboot('10.1.1.11')(world)), 'it may have been moved').to.equal('silence');
    expect(outcome(world.ask(message('request', { chaddr: two, ciaddr: '10.1.1.11' })))).to.equal('silence');
    world.ports.set(one, lost('unlearned'));
    expect(outcome(renewing('10.1.1.11')(world)), 'once the switches say so').to.equal('nak');
  });

  it('a board is replaced: the newcomer gets the address at once, when the old one is silent', () => {
    const world = new World();
    on('p1')(world);
    expect(outcome(world.dora(one))).to.equal('ack 10.1.1.11');
    world.nowMs += 20_000;
    world.ports.delete(one);
    world.ports.set(two, onPort('p1'));
    const effects = world.dora(two);
    expect(outcome(effects)).to.equal('ack 10.1.1.11');
    expect(notes(effects)).to.include('replaced');
    expect([...world.state.leases.values()].map(({ lease }) => lease.mac)).to.deep.equal([two]);
  });

  it('an old device that still answers keeps its address: the newcomer waits, and nothing is unusable', () => {
    const world = new World();
    on('p1')(world);
    world.dora(one);
    world.nowMs += 20_000;
    world.answers.set('10.1.1.11', one);
    world.ports.set(two, onPort('p1'));
    const effects = world.ask(message('discover', { chaddr: two }));
    expect(outcome(effects)).to.equal('silence');
    expect(alarms(effects)).to.deep.equal(['port/switch-a/p1 PORT_SHARED warning']);
    expect(world.state.marks.size).to.equal(0);
    world.answers.delete('10.1.1.11');
    expect(outcome(world.dora(two)), 'once it is silent').to.equal('ack 10.1.1.11');
  });

  it('the same where our memory is lost: the switches tell that it sits on the very port', () => {
    const world = new World();
    world.answers.set('10.1.1.11', one);
    on('p1')(world);
    world.ports.set(two, onPort('p1'));
    const effects = world.ask(message('discover', { chaddr: two }));
    expect(outcome(effects)).to.equal('silence');
    expect(world.state.marks.size, 'no stranger').to.equal(0);
  });

  it('a port with two addresses serves two devices, and refuses the third', () => {
    const world = new World();
    const three = '02:00:00:00:00:03';
    for (const mac of [one, two, three]) world.ports.set(mac, onPort('hub'));
    expect(outcome(world.dora(one))).to.equal('ack 10.1.3.1');
    expect(outcome(renewing('10.1.3.2')(world)), 'a second one beside its own').to.equal('nak');
    world.answers.set('10.1.3.1', one);
    expect(outcome(world.dora(two))).to.equal('ack 10.1.3.2');
    world.answers.set('10.1.3.2', two);
    expect(outcome(world.dora(three))).to.equal('silence');
    expect(outcome(world.dora(one)), 'its own again').to.equal('ack 10.1.3.1');
  });

  it('a board is moved: refused at renewal, its new place gives another address, the old lease ends', () => {
    const world = new World();
    on('p1')(world);
    world.dora(one);
    world.nowMs += 20_000;
    on('p2')(world);
    expect(outcome(renewing('10.1.1.11')(world))).to.equal('nak');
    const effects = world.dora(one);
    expect(outcome(effects)).to.equal('ack 10.1.2.2');
    expect(notes(effects)).to.include('moved');
    expect([...world.state.leases.keys()]).to.deep.equal(['10.1.2.2']);
  });

  it('who renews its own address is not asked whether it is in use, but where it is', () => {
    const world = new World();
    on('p1')(world);
    world.dora(one);
    world.nowMs += 20_000;
    world.answers.set('10.1.1.11', one);
    const effects = renewing('10.1.1.11')(world);
    expect(outcome(effects)).to.equal('ack 10.1.1.11');
    expect(effects.filter(({ kind }) => kind === 'probe' || kind === 'locate').map(({ kind }) => kind)).to.deep.equal([
      'locate',
    ]);
  });

  it('a server that lost its memory acknowledges what fits the port, the device itself answering', () => {
    const world = new World();
    on('p1')(world);
    world.answers.set('10.1.1.11', one);
    expect(outcome(renewing('10.1.1.11')(world))).to.equal('ack 10.1.1.11');
  });
});
