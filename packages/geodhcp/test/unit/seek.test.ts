import type { Effect } from '@softset/geodhcp/core/events.js';
import { expect } from 'chai';
import { configFor, FILE, lost, MAC, message, named, notes, onPort, outcome, World } from '../world.js';

const { one, two, stranger } = MAC;
const begins = { kind: 'duty', answering: true } as const;
const asked = (effects: readonly Effect[], what: 'probe' | 'locate'): string[] =>
  effects.flatMap((effect) => (effect.kind === what ? [effect.kind === 'probe' ? effect.ip : effect.mac] : [])).sort();
const leases = ({ state }: World): string[] =>
  [...state.leases.values()].map(({ lease }) => `${lease.ip} ${lease.mac} ${lease.place}`);

describe('geoDHCP without its memory', () => {
  it('when the duty begins each address without a lease or a mark is asked for', () => {
    const world = new World();
    world.ports.set(one, onPort('p1'));
    world.dora();
    const all = ['10.1.1.11', '20.1.1.11', '10.1.2.2', '10.1.2.3', '10.1.3.1', '10.1.3.2'];
    expect(asked(world.raw(begins), 'probe')).to.have.members(all.filter((ip) => ip !== '10.1.1.11'));
  });

  it('whoever answers, and is on the port of that address, has its lease again; its evidence is noted', () => {
    const world = new World();
    world.answers.set('10.1.1.11', one);
    world.ports.set(one, onPort('p1'));
    const effects = world.run(begins);
    expect(asked(effects, 'locate')).to.deep.equal([one]);
    expect(leases(world)).to.deep.equal([`10.1.1.11 ${one} switch-a/p1`]);
    expect(notes(effects)).to.deep.equal(['found-again']);
    expect(effects.find(({ kind }) => kind === 'keep')).to.not.equal(undefined);
    // It renews as if nothing had been, and it is no newcomer that others have to wait for.
    world.ports.set(two, onPort('p1'));
    world.answers.delete('10.1.1.11');
    expect(outcome(world.dora(two))).to.equal('ack 10.1.1.11');
  });

  for (const [case_, port] of [
    ['on another port', onPort('p2')],
    ['on a port of none', onPort('p9')],
    ['nowhere', undefined],
  ] as const) {
    it(`who answers from a place that is ${case_} gets no lease`, () => {
      const world = new World();
      world.answers.set('10.1.1.11', stranger);
      if (port !== undefined) world.ports.set(stranger, port);
      expect(notes(world.run(begins))).to.deep.equal([]);
      expect(leases(world)).to.deep.equal([]);
      expect(world.state.sought.size).to.equal(0);
    });
  }

  it('a device that asks by DHCP meanwhile is answered by the same look-up, and has one lease', () => {
    const world = new World();
    world.ports.set(one, onPort('p1'));
    world.answers.set('10.1.1.11', one);
    world.raw(begins);
    world.raw({ kind: 'probed', ip: '10.1.1.11', by: one, wallMs: 5 });
    const request = message('request', { ciaddr: '10.1.1.11' });
    expect(asked(world.raw({ kind: 'message', network: 'A', message: request, wallMs: 5 }), 'locate')).to.deep.equal(
      [],
    );
    const effects = world.run({ kind: 'located', mac: one, located: onPort('p1'), wallMs: 6 });
    expect(outcome(effects)).to.equal('ack 10.1.1.11');
    expect(leases(world)).to.deep.equal([`10.1.1.11 ${one} switch-a/p1`]);
    expect(notes(effects), 'given by DHCP, not found').to.deep.equal(['given']);
  });

  it('while no switch can be asked it is tried again, five times and no more', () => {
    const world = new World();
    world.answers.set('10.1.1.11', one);
    world.ports.set(one, lost('unreachable'));
    expect(asked(world.run(begins), 'locate')).to.have.length(5);
    expect(world.state.sought.size).to.equal(0);
    world.raw({ kind: 'duty', answering: false });
    world.raw(begins);
    world.raw({ kind: 'probed', ip: '10.1.1.11', by: one, wallMs: 5 });
    world.raw({ kind: 'located', mac: one, located: lost('unreachable'), wallMs: 6 });
    world.run({ kind: 'located', mac: one, located: onPort('p1'), wallMs: 7 });
    expect(leases(world)).to.deep.equal([`10.1.1.11 ${one} switch-a/p1`]);
  });

  it('one device that answers for two addresses of its port gets one of them', () => {
    const world = new World();
    for (const ip of ['10.1.3.1', '10.1.3.2']) world.answers.set(ip, one);
    world.ports.set(one, onPort('hub'));
    world.run(begins);
    expect(leases(world)).to.have.length(1);
  });

  it('silence that nobody waited for is no evidence for who asks afterwards', () => {
    const world = new World();
    world.run(begins);
    const request = message('request', { options: new Map([named('10.1.1.11')]) });
    expect(asked(world.raw({ kind: 'message', network: 'A', message: request, wallMs: 0 }), 'probe')).to.deep.equal([
      '10.1.1.11',
    ]);
  });

  it('nothing is asked where ARP checks are off, and all is forgotten when the duty ends', () => {
    const off = new World(configFor(FILE.replace('geodhcp:', 'geodhcp:\n  probeMs: 0')));
    expect(asked(off.raw(begins), 'probe')).to.deep.equal([]);
    const world = new World();
    world.raw(begins);
    world.raw({ kind: 'duty', answering: false });
    world.ports.set(one, onPort('p1'));
    world.run({ kind: 'probed', ip: '10.1.1.11', by: one, wallMs: 5 });
    expect(leases(world)).to.deep.equal([]);
  });
});
