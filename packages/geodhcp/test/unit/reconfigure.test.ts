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
  toServer,
  World,
} from '../world.js';

const { one, two, stranger } = MAC;
const again = (world: World, text: string) => {
  world.config = configFor(text);
  return world.run({ kind: 'configured', wallMs: 0 });
};
const bound = (): World => {
  const world = new World();
  world.ports.set(one, onPort('p1'));
  world.ports.set(two, onPort('p2'));
  expect(outcome(world.dora(one))).to.equal('ack 10.1.1.11');
  expect(outcome(world.dora(two))).to.equal('ack 10.1.2.2');
  return world;
};

describe('the cluster file is read again', () => {
  it('what stays where it was keeps its lease, under the name that the place has now', () => {
    const world = bound();
    const effects = again(world, FILE.replace("name: 'slot-{}'", "name: 'shelf-{}'"));
    expect(notes(effects)).to.deep.equal([]);
    expect([...world.state.leases.values()].map(({ lease }) => `${lease.ip} ${lease.name}`)).to.deep.equal([
      '10.1.1.11 io-1',
      '10.1.2.2 shelf-2',
    ]);
    expect(effects.map(({ kind }) => kind)).to.include('keep');
  });

  it('an address that is at another place now is nobody’s, and its device is refused at its renewal', () => {
    const world = bound();
    const effects = again(world, FILE.replace("'10.1.2.{}'", "'10.1.4.{}'"));
    expect(notes(effects)).to.deep.equal(['unmapped']);
    world.nowMs += 20_000;
    expect(outcome(world.ask(message('request', { chaddr: two, ciaddr: '10.1.2.2' })))).to.equal('nak');
    expect(outcome(world.dora(two))).to.equal('ack 10.1.4.2');
    expect(outcome(world.ask(message('request', { ciaddr: '10.1.1.11' }))), 'untouched').to.equal('ack 10.1.1.11');
  });

  it('a port that is new in the file is served at once, though the switch was asked just before', () => {
    const world = new World();
    world.ports.set(one, onPort('p9'));
    expect(outcome(world.ask(message('discover')))).to.equal('silence');
    again(world, `${FILE}    - { switch: switch-a, port: p9, addresses: [10.1.9.9] }\n`);
    expect(outcome(world.ask(message('discover')))).to.equal('offer 10.1.9.9');
  });

  it('who waits for the switches waits for the new ones, and one who waits for the wire goes on waiting', () => {
    const world = new World();
    const discover = { kind: 'message', network: 'A', message: message('discover'), wallMs: 0 } as const;
    const request = message('request', { chaddr: two, options: new Map([named('10.1.2.2'), toServer('10.1.1.20')]) });
    expect(world.raw(discover).map(({ kind }) => kind)).to.include('locate');
    world.raw({ kind: 'message', network: 'A', message: request, wallMs: 0 });
    world.raw({ kind: 'located', mac: two, located: onPort('p2'), wallMs: 0 });
    const asked = world.raw({ kind: 'configured', wallMs: 0 }).map(({ kind }) => kind);
    expect(asked.filter((kind) => kind === 'locate')).to.have.length(2);
    expect(asked, 'the wire was asked before, and its answer is on its way').to.not.include('probe');
    world.ports.set(one, onPort('p1'));
    expect(outcome(world.run({ kind: 'located', mac: one, located: onPort('p1'), wallMs: 0 }))).to.equal(
      'offer 10.1.1.11',
    );
  });

  it('marks, shared ports and silent switches that are gone are cleared; those that stay, stay', () => {
    const world = new World();
    world.answers.set('10.1.1.11', stranger);
    world.answers.set('10.1.2.2', stranger);
    world.ports.set(one, onPort('p1'));
    world.ask(message('discover'));
    world.ports.set(two, onPort('p2'));
    world.ask(message('discover', { chaddr: two }));
    expect([...world.state.marks.keys()]).to.deep.equal(['10.1.1.11', '10.1.2.2']);
    world.ports.set('02:00:00:00:00:07', lost('unreachable'));
    world.ask(message('discover', { chaddr: '02:00:00:00:00:07' }));
    const effects = again(
      world,
      FILE.replace("'10.1.2.{}'", "'10.1.4.{}'").replaceAll('switch-a', 'switch-c').replace('p1, board', 'p9, board'),
    );
    expect(alarms(effects)).to.have.members([
      'switch/switch-a SWITCH_SILENT cleared',
      'address/10.1.2.2 ADDRESS_IN_USE cleared',
    ]);
    expect([...world.state.marks.keys()]).to.deep.equal(['10.1.1.11']);
  });
});
