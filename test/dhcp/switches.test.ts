import { expect } from 'chai';
import { ip, pause, until } from './chassis.js';
import { client } from './clients.js';
import { scenario, suite } from './scenario.js';

const MAC = { one: '02:00:00:00:00:01', two: '02:00:00:00:00:02', three: '02:00:00:00:00:03' };
const section = `  leaseSeconds: 10
  ports:
    - { switch: switch-a, port: 'p{1-9}', name: 'slot-{}', addresses: ['10.1.2.{}'] }
`;

suite('switches that are not what they were', () => {
  scenario(import.meta.url, 'rebooted: its base ports are numbered anew, and nobody is moved', async (chassis) => {
    await chassis.agent('a');
    await chassis.server(section);
    for (const [name, mac, port] of [
      ['b1', MAC.one, 'p1'],
      ['b2', MAC.two, 'p2'],
    ] as const) {
      chassis.board(name, mac);
      chassis.plug(name, 'a', port);
      client(chassis, name, 'dhclient');
    }
    await chassis.has('b1', '10.1.2.1');
    await chassis.has('b2', '10.1.2.2');
    const base = (port: string): string =>
      chassis.exec('switch-a', ['cat', `/sys/class/net/${port}/brport/port_no`]).trim();
    const before = { p1: base('p1'), p2: base('p2') };
    await pause(3000); // So that its uptime really goes back.
    await chassis.agentDown('a');
    for (const port of ['p1', 'p2']) ip(`-n switch-a link set ${port} nomaster`);
    for (const port of ['p2', 'p1']) ip(`-n switch-a link set ${port} master br0`);
    expect({ p1: base('p2'), p2: base('p1') }, 'numbers have changed places').to.deep.equal(before);
    await chassis.agent('a');
    const acks = (name: string): number => chassis.log(`${name}-dhclient.log`).split('DHCPACK').length;
    const sofar = { b1: acks('b1'), b2: acks('b2') };
    await until('both renew', () => (acks('b1') > sofar.b1 + 1 && acks('b2') > sofar.b2 + 1) || undefined);
    for (const name of ['b1', 'b2']) expect(chassis.log(`${name}-dhclient.log`)).to.not.contain('DHCPNAK');
    const found = await chassis.ask('locate', { mac: MAC.two });
    expect(found.ok && found.value).to.include({ outcome: 'port', port: 'p2' });
  });

  scenario(
    import.meta.url,
    'a table that is behind: the old port’s address, until it has caught up, then the right one',
    async (chassis) => {
      await chassis.agent('a');
      await chassis.server(section);
      chassis.board('b1', MAC.one);
      chassis.plug('b1', 'a', 'p4');
      chassis.overlay('a', { placed: { [MAC.one]: ['p1'] } });
      client(chassis, 'b1', 'dhclient');
      await chassis.has('b1', '10.1.2.1');
      chassis.overlay('a', {});
      await chassis.has('b1', '10.1.2.4', 40_000);
      expect(chassis.log('b1-dhclient.log')).to.contain('DHCPNAK');
      const leases = await chassis.ask('leases', {});
      expect(leases.ok && leases.value.leases.map(({ ip: address }) => address)).to.deep.equal(['10.1.2.4']);
    },
  );

  scenario(import.meta.url, 'slow, but within its time: waited for', async (chassis) => {
    await chassis.agent('a');
    await chassis.agent('b');
    await chassis.server(section);
    chassis.board('b1', MAC.one);
    chassis.plug('b1', 'a', 'p1');
    let said = '';
    await until('the switch is known', async () => {
      const found = await chassis.ask('locate', { mac: MAC.one });
      said = JSON.stringify(found);
      return (found.ok && found.value.outcome !== 'unreachable') || undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${said}`);
    });
    // Three variables, one after the other.
    chassis.overlay('a', { delayMs: 80 });
    client(chassis, 'b1', 'udhcpc');
    await chassis.has('b1', '10.1.2.1');
    expect(JSON.stringify(chassis.journal('given')[0]?.fields.evidence)).to.match(/"ms":(2[4-9]|[3-7]\d)\d/);
  });
});
