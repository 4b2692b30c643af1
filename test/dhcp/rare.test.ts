import { join } from 'node:path';
import { expect } from 'chai';
import { type Chassis, ip, until } from './chassis.js';
import { client } from './clients.js';
import { scenario, suite } from './scenario.js';

const MAC = {
  one: '02:00:00:00:00:01',
  two: '02:00:00:00:00:02',
  relay: '02:00:00:00:00:08',
  far: '02:00:00:00:00:05',
};

const section = `  leaseSeconds: 600
  relays: [172.16.0.1]
  ports:
    - { switch: switch-a, port: 'p{1-4}', name: 'slot-{}', addresses: ['10.1.2.{}'] }
    - { switch: switch-a, port: p5, name: shelf, addresses: [10.1.2.5], circuitId: eth1 }
`;

const leases = async (chassis: Chassis): Promise<string[]> => {
  const said = await chassis.ask('leases', {});
  return said.ok ? said.value.leases.map(({ ip: address, mac, by }) => `${address} ${mac} ${by}`).sort() : [];
};

suite('what clients do more seldom, with real ones', () => {
  scenario(import.meta.url, 'RELEASE by dhclient and by udhcpc: the lease ends at once', async (chassis) => {
    await chassis.agent('a');
    await chassis.server(section);
    chassis.board('b1', MAC.one);
    chassis.board('b2', MAC.two);
    chassis.plug('b1', 'a', 'p1');
    chassis.plug('b2', 'a', 'p2');
    client(chassis, 'b1', 'dhclient');
    const udhcpc = client(chassis, 'b2', 'udhcpc');
    await chassis.has('b1', '10.1.2.1');
    await chassis.has('b2', '10.1.2.2');
    expect(await leases(chassis)).to.deep.equal([`10.1.2.1 ${MAC.one} dhcp`, `10.1.2.2 ${MAC.two} dhcp`]);
    const file = join(chassis.folder, 'b1.leases');
    chassis.exec('b1', ['dhclient', '-r', '-sf', '/bin/true', '-lf', file, '-pf', `${file}.pid`, 'eth0']);
    await until('dhclient released', async () => (await leases(chassis)).length === 1 || undefined);
    // Its signal for it.
    udhcpc.kill('SIGUSR2');
    await until('udhcpc released', async () => (await leases(chassis)).length === 0 || undefined);
    expect(chassis.journal('released').map(({ fields }) => fields.mac)).to.deep.equal([MAC.one, MAC.two]);
  });

  scenario(import.meta.url, 'BOOTP, as bootpc speaks it: an address without end', async (chassis) => {
    await chassis.agent('a');
    await chassis.server(section);
    chassis.board('b1', MAC.one);
    chassis.plug('b1', 'a', 'p1');
    const asked = ['bootpc', '--dev', 'eth0', '--timeoutwait', '20', '--serverbcast', '--returniffail'];
    // As its manual asks for.
    ip('-n b1 route add default dev eth0');
    chassis.start('b1', asked, {}, 'b1-bootpc');
    await until('an answer', () => chassis.log('b1-bootpc.log').includes('10.1.2.1') || undefined);
    expect(await leases(chassis)).to.deep.equal([`10.1.2.1 ${MAC.one} bootp`]);
    const said = await chassis.ask('leases', {});
    expect(said.ok && said.value.leases[0]?.untilMs).to.equal(undefined);
  });

  scenario(
    import.meta.url,
    'behind a relay: its circuit id says the place, where the switches know nothing',
    async (chassis) => {
      await chassis.agent('a');
      await chassis.server(section);
      chassis.board('relay', MAC.relay);
      chassis.plug('relay', 'a', 'p9');
      ip('-n relay addr add 10.1.9.1/16 dev eth0');
      chassis.board('far', MAC.far);
      // Its wire leads to the relay's second leg, not to a switch.
      ip('-n relay link add eth1 type veth peer name r-far netns patch');
      ip('-n patch link set r-far master k-far up');
      ip('-n relay addr add 172.16.0.1/24 dev eth1');
      ip('-n relay link set eth1 up');
      ip('-n ccn route add 172.16.0.0/24 via 10.1.9.1 dev a0');
      const legs = ['-id', 'eth1', '-iu', 'eth0'];
      const relay = ['dhcrelay', '-4', '-d', '-a', ...legs, '-pf', join(chassis.folder, 'relay.pid'), '10.1.1.20'];
      chassis.start('relay', relay);
      client(chassis, 'far', 'udhcpc');
      await chassis.has('far', '10.1.2.5');
      expect(await leases(chassis)).to.deep.equal([`10.1.2.5 ${MAC.far} dhcp`]);
      const given = chassis.journal('given').map(({ fields }) => `${fields.place} ${fields.mac}`);
      expect(given).to.deep.equal([`switch-a/p5 ${MAC.far}`]);
    },
  );
});
