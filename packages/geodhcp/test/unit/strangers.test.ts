import { strangers } from '@softset/geodhcp/core/strangers.js';
import { expect } from 'chai';
import { lost, MAC, message, onPort, World } from '../world.js';

const { one, two, stranger } = MAC;

describe('who is where nobody expects it', () => {
  const told = (world: World): string[] =>
    strangers(world.state, world.config.places).map(({ mac, place, name }) => `${mac} ${place} ${name ?? '-'}`);

  it('a device on a port without address, and a second one on a port; not who has what is his, nor who is nowhere', () => {
    const world = new World();
    world.ports.set(one, onPort('p1'));
    world.ports.set(two, onPort('p1'));
    world.ports.set(stranger, onPort('p77'));
    world.ports.set('02:00:00:00:00:05', lost('unlearned'));
    world.dora(one);
    world.answers.set('10.1.1.11', one);
    for (const chaddr of [two, stranger, '02:00:00:00:00:05']) world.ask(message('discover', { chaddr }));
    expect(told(world)).to.deep.equal([`${two} switch-a/p1 io-1`, `${stranger} switch-a/p77 -`]);
  });

  it('a device that was moved is a stranger where it is now, until it has the address there', () => {
    const world = new World();
    world.ports.set(one, onPort('p1'));
    world.dora(one);
    world.nowMs += 20_000;
    world.ports.set(one, onPort('p2'));
    world.ask(message('request', { ciaddr: '10.1.1.11' }));
    expect(told(world)).to.deep.equal([`${one} switch-a/p2 slot-2`]);
    world.dora(one);
    expect(told(world)).to.deep.equal([]);
  });
});
