import { ipBytes, OPTION, textBytes } from '@softset/geodhcp/core/dhcp-options.js';
import { keptOf, PENDING_MAX, restored } from '@softset/geodhcp/core/state.js';
import { expect } from 'chai';
import {
  alarms,
  configFor,
  FILE,
  lost,
  MAC,
  message,
  named,
  notes,
  onPort,
  outcome,
  replyOf,
  toServer,
  World,
} from '../world.js';

const { one, two, stranger } = MAC;
const plugged = (mac = one, port = 'p1'): World => {
  const world = new World();
  world.ports.set(mac, onPort(port));
  return world;
};

describe('geoDHCP decides', () => {
  it('the address is written down before the client is told', () => {
    const effects = plugged().dora();
    const kinds = effects.map(({ kind }) => kind);
    expect(kinds).to.include('keep');
    expect(kinds.indexOf('keep')).to.be.lessThan(kinds.indexOf('reply'));
  });

  it('the wire is asked beside the switches where the address is known beforehand', () => {
    const world = plugged();
    const first = world.raw({
      kind: 'message',
      network: 'A',
      message: message('request', { options: new Map([named('10.1.1.11')]) }),
      wallMs: 0,
    });
    expect(first.map(({ kind }) => kind)).to.include.members(['locate', 'probe']);
  });

  it('of the wire is asked only what is in the map: nobody makes us probe the network', () => {
    const world = plugged();
    const first = world.raw({
      kind: 'message',
      network: 'A',
      message: message('request', { options: new Map([named('10.1.77.77')]) }),
      wallMs: 0,
    });
    expect(first.map(({ kind }) => kind)).to.not.include('probe');
  });

  it('one look-up for each MAC in flight, and a repetition is no second question', () => {
    const world = plugged();
    const asked = message('discover');
    const twice = [1, 2].flatMap(() => [...world.raw({ kind: 'message', network: 'A', message: asked, wallMs: 0 })]);
    const other = world.raw({ kind: 'message', network: 'B', message: message('discover'), wallMs: 0 });
    expect([...twice, ...other].filter(({ kind }) => kind === 'locate')).to.have.length(1);
    expect(twice.at(-1)).to.deep.equal({ kind: 'count', what: 'doubled' });
    world.run({ kind: 'located', mac: one, located: onPort('p1'), wallMs: 0 });
    expect(world.effects.filter(({ kind }) => kind === 'reply')).to.have.length(1);
  });

  it('two networks that are one segment: a question that comes by both is answered once, by its place’s server', () => {
    const world = new World();
    world.ports.set(one, onPort('p1', 'switch-b'));
    world.ask(message('discover'));
    const asked = message('request', { options: new Map([named('20.1.1.11'), toServer('20.1.1.20')]) });
    const [first, copy] = [world.ask(asked, 'A'), world.ask(asked, 'B')];
    expect([outcome(first), outcome(copy)]).to.deep.equal(['ack 20.1.1.11', 'silence']);
    expect(replyOf(first)?.options.get(OPTION.serverId)).to.deep.equal(ipBytes('20.1.1.20'));
    expect(outcome(world.ask(asked, 'A')), 'a repetition is answered again').to.equal('ack 20.1.1.11');
    world.nowMs += 300;
    expect(outcome(world.ask(asked, 'B')), 'by whichever network is left').to.equal('ack 20.1.1.11');
  });

  it('between offer and request the wire is not asked twice, and the switches once', () => {
    const world = plugged();
    const before = world.effects.length;
    world.dora();
    const asked = world.effects.slice(before).map(({ kind }) => kind);
    expect(asked.filter((kind) => kind === 'probe')).to.have.length(1);
    expect(asked.filter((kind) => kind === 'locate')).to.have.length(1);
  });

  it('an address offered to one device is not given to another of the same port', () => {
    const world = plugged();
    world.ports.set(two, onPort('p1'));
    expect(outcome(world.ask(message('discover')))).to.equal('offer 10.1.1.11');
    expect(outcome(world.dora(two))).to.equal('silence');
    world.nowMs += 11_000;
    expect(outcome(world.dora(two)), 'the offer ran out').to.equal('ack 10.1.1.11');
  });

  it('a client that took another server frees the offer, and is not answered', () => {
    const world = plugged();
    world.ask(message('discover'));
    expect(world.state.offers.size).to.equal(1);
    expect(
      outcome(world.ask(message('request', { options: new Map([named('10.9.9.9'), toServer('10.9.9.9')]) }))),
    ).to.equal('silence');
    expect(world.state.offers.size).to.equal(0);
  });

  it('an offer of the other control node is as good as ours: a takeover in mid-DORA loses nobody', () => {
    const world = plugged();
    const effects = world.ask(message('request', { options: new Map([named('10.1.1.11'), toServer('10.1.1.21')]) }));
    expect(outcome(effects)).to.equal('ack 10.1.1.11');
    expect(replyOf(effects)?.options.get(OPTION.serverId)).to.deep.equal(ipBytes('10.1.1.20'));
  });

  it('a client that names nothing when it takes an offer is believed to mean it; without one it is not answered', () => {
    const world = plugged();
    expect(outcome(world.ask(message('request')))).to.equal('silence');
    world.ask(message('discover'));
    expect(outcome(world.ask(message('request', { chaddr: two }))), "another's offer").to.equal('silence');
    expect(outcome(world.ask(message('request')))).to.equal('ack 10.1.1.11');
    expect(outcome(world.ask(message('request'))), 'the offer was taken').to.equal('silence');
  });

  it('who does not answer keeps silent, and forgets what waited', () => {
    const world = plugged();
    world.raw({ kind: 'message', network: 'A', message: message('discover'), wallMs: 0 });
    world.raw({ kind: 'duty', answering: false });
    expect(outcome(world.run({ kind: 'located', mac: one, located: onPort('p1'), wallMs: 0 }))).to.equal('silence');
    expect(outcome(world.ask(message('discover')))).to.equal('silence');
  });

  it('DECLINE makes the address unusable, from its own client only', () => {
    const world = plugged();
    world.dora();
    const decline = (chaddr: string) =>
      message('decline', { chaddr, options: new Map([named('10.1.1.11'), toServer('10.1.1.20')]) });
    expect(alarms(world.ask(decline(two))), 'forged').to.deep.equal([]);
    expect(alarms(world.ask(decline(one)))).to.deep.equal(['address/10.1.1.11 ADDRESS_IN_USE major']);
    expect(outcome(world.ask(message('discover')))).to.equal('silence');
    expect(world.state.leases.size).to.equal(0);
    world.run({ kind: 'probed', ip: '10.1.1.11', by: null, wallMs: 0 });
    expect(world.state.marks.size, 'a probe from before heard nobody').to.equal(1);
  });

  it('a mark is lifted after the quarantine when nobody answers, and made longer when somebody does', () => {
    const world = plugged();
    world.answers.set('10.1.1.11', stranger);
    world.ports.set(stranger, onPort('p3'));
    const first = world.ask(message('discover'));
    expect(notes(first)).to.include('address-in-use');
    expect(keptOf(world.state).conflicts[0]?.where).to.equal('switch-a/p3');
    world.nowMs += 60_001;
    expect(alarms(world.run({ kind: 'tick', wallMs: 0 }))).to.deep.equal([]);
    expect(world.state.marks.has('10.1.1.11')).to.equal(true);
    world.answers.clear();
    world.nowMs += 60_001;
    expect(alarms(world.run({ kind: 'tick', wallMs: 0 }))).to.deep.equal(['address/10.1.1.11 ADDRESS_IN_USE cleared']);
    expect(outcome(world.dora())).to.equal('ack 10.1.1.11');
  });

  it('RELEASE ends the lease, from its own client only', () => {
    const world = plugged();
    world.dora();
    world.ask(message('release', { chaddr: two, ciaddr: '10.1.1.11' }));
    expect(world.state.leases.size, 'forged').to.equal(1);
    world.ask(message('release', { ciaddr: '10.1.1.11' }));
    expect(world.state.leases.size).to.equal(0);
  });

  it('INFORM is told options, and no address', () => {
    const effects = plugged().ask(message('inform', { ciaddr: '10.1.1.11' }));
    expect(outcome(effects)).to.equal('ack 0.0.0.0');
    expect(replyOf(effects)?.options.has(OPTION.leaseTime)).to.equal(false);
  });

  it('answers go to the client alone, and to everybody where it or the map says so', () => {
    const target = (flags: number, text = FILE): string => {
      const world = new World(configFor(text));
      world.ports.set(one, onPort('p1'));
      const reply = world.ask(message('discover', { flags })).find(({ kind }) => kind === 'reply');
      return reply?.kind === 'reply' && reply.reply.target.kind === 'frame' ? reply.reply.target.mac : 'none';
    };
    const everybody = 'ff:ff:ff:ff:ff:ff';
    expect(target(0)).to.equal(one);
    expect(target(0x8000)).to.equal(everybody);
    expect(target(0, FILE.replace('board: io-1 }', 'board: io-1, options: { broadcast: true } }'))).to.equal(everybody);
  });

  it("a known relay's circuit id decides, is echoed, and the switches are not asked", () => {
    const circuit = Uint8Array.of(1, 6, ...textBytes('slot 3'));
    const relayed = (giaddr: string) =>
      new World().ask(message('discover', { giaddr, options: new Map([[OPTION.relayAgent, circuit]]) }));
    const effects = relayed('10.1.9.1');
    expect(outcome(effects)).to.equal('offer 10.1.2.3');
    expect(effects.map(({ kind }) => kind)).to.not.include('locate');
    expect(replyOf(effects)?.options.get(OPTION.relayAgent)).to.deep.equal(circuit);
    expect(outcome(relayed('10.1.9.9')), 'an unknown relay').to.equal('silence');
    expect(outcome(relayed('0.0.0.0')), 'a board that writes it itself').to.equal('silence');
  });

  it('a lease runs out by the monotonic clock, whatever the wall clock does', () => {
    const world = plugged();
    world.dora();
    world.nowMs += 599_000;
    world.run({ kind: 'tick', wallMs: 1e15 });
    expect(world.state.leases.size).to.equal(1);
    world.nowMs += 1_001;
    expect(notes(world.run({ kind: 'tick', wallMs: 0 }))).to.deep.equal(['expired']);
  });

  it('what was kept comes back: not longer than a lease, not where the map has changed', () => {
    const world = plugged();
    world.dora();
    const kept = keptOf(world.state);
    const { geo } = world.config;
    const back = restored(kept, geo, 5000, -1e12);
    expect(back.leases.get('10.1.1.11')?.endMs, 'the clock was set back').to.equal(5000 + geo.leaseMs);
    expect(restored(kept, geo, 5000, 1e15).leases.size, 'it ran out').to.equal(0);
    const moved = { ...geo, places: geo.places.filter(({ id }) => id !== 'switch-a/p1') };
    expect(restored(kept, moved, 5000, 0).leases.size).to.equal(0);
  });

  it('a question whose answer never comes is forgotten, and may be asked again', () => {
    const world = plugged();
    world.raw({ kind: 'message', network: 'A', message: message('discover'), wallMs: 0 });
    world.nowMs += 10_000;
    world.raw({ kind: 'tick', wallMs: 0 });
    expect(world.state.pending.size).to.equal(0);
    expect(outcome(world.ask(message('discover')))).to.equal('offer 10.1.1.11');
  });

  it('a flood of devices that nobody knows holds up no board that has a lease', function () {
    // Ten thousand turns: a quarter of a second, or many where the processor is everybody's.
    this.timeout(30_000);
    const world = plugged();
    world.dora();
    world.nowMs += 2000;
    for (let i = 0; i < 10_000; i++) {
      const chaddr = `06:00:00:00:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`;
      world.raw({ kind: 'message', network: 'A', message: message('discover', { chaddr }), wallMs: 0 });
    }
    expect(world.state.pending.size).to.equal(PENDING_MAX);
    expect(outcome(world.ask(message('request', { ciaddr: '10.1.1.11' })))).to.equal('ack 10.1.1.11');
  });

  it('a switch that does not answer is alarmed once, and cleared when it does', () => {
    const world = new World();
    world.ports.set(one, lost('unreachable'));
    expect(alarms(world.ask(message('discover')))).to.deep.equal(['switch/switch-a SWITCH_SILENT major']);
    expect(alarms(world.ask(message('discover')))).to.deep.equal([]);
    world.ports.set(one, onPort('p1'));
    expect(alarms(world.ask(message('discover')))).to.deep.equal(['switch/switch-a SWITCH_SILENT cleared']);
  });
});
