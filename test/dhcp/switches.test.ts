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

  scenario(
    import.meta.url,
    'an uplink that only LLDP tells of is followed; without its word it is a port like any other, which has no address',
    async (chassis) => {
      const lldp = '.1.0.8802.1.1.2.1';
      /** Port 7 of LLDP is `trunk`, and leads to what calls itself so. */
      const neighbour = (name: string) => ({
        rows: { [`${lldp}.3.7.1.3.7`]: ['string', 'trunk'], [`${lldp}.4.1.1.9.0.7.1`]: ['string', name] },
      });
      chassis.trunk();
      await chassis.agent('a', ['.1.0.8802.1.1.2']);
      await chassis.agent('b', ['.1.0.8802.1.1.2']);
      const switches = `  switches:
    switch-a: { network: A, address: 10.1.0.2, uplinks: { ccn: '' } }
    switch-b: { network: B, address: 20.1.0.2, uplinks: { ccn: '' } }`;
      const far = `  ports:
    - { switch: switch-b, port: 'p{1-9}', name: 'slot-{}', addresses: ['20.1.2.{}'] }
`;
      const first = await chassis.server(far, undefined, switches);
      chassis.board('b1', MAC.one);
      chassis.plug('b1', 'b', 'p7');
      client(chassis, 'b1', 'udhcpc');
      await until(
        'no place',
        () =>
          chassis.journal('not-given').some(({ fields }) => fields.why === 'switch-a/trunk has no address') ||
          undefined,
      );
      chassis.overlay('a', neighbour('switch-b'));
      chassis.overlay('b', neighbour('switch-a'));
      // What LLDP tells is read again every five minutes, and at SIGHUP.
      first.kill('SIGHUP');
      await chassis.has('b1', '20.1.2.7');
      const found = await chassis.ask('locate', { mac: MAC.one });
      expect(found.ok && found.value.evidence.map(({ said }) => said)).to.have.members(['uplink trunk', 'port p7']);
    },
  );

  scenario(
    import.meta.url,
    'an aggregate: learned on it, and the port map names one of its members, or the aggregate where a member is told',
    async (chassis) => {
      const tree = '.1.2.840.10006.300.43';
      const index = (port: string): string =>
        chassis.exec('switch-a', ['cat', `/sys/class/net/${port}/ifindex`]).trim();
      /** dot3adAggPortAttachedAggID: `member` belongs to `aggregate`. */
      const lag = (member: string, aggregate: string) => ({
        rows: { [`${tree}.1.2.1.1.13.${index(member)}`]: ['integer', Number(index(aggregate))] },
      });
      await chassis.agent('a', [tree]);
      chassis.overlay('a', lag('p1', 'p8'));
      const map = (port: string): string => `  ports:
    - { switch: switch-a, port: ${port}, name: uplinked, addresses: [10.1.2.1] }
`;
      const server = await chassis.server(map('p1'));
      chassis.board('b1', MAC.one);
      // Its frames come by the aggregate, of which p1 is the member that the map names.
      chassis.plug('b1', 'a', 'p8');
      client(chassis, 'b1', 'udhcpc');
      await chassis.has('b1', '10.1.2.1');
      const found = await chassis.ask('locate', { mac: MAC.one });
      expect(found.ok && found.value).to.include({ outcome: 'port', port: 'p8', name: 'uplinked' });

      // The other way round: learned on a member, and the map names the aggregate.
      chassis.overlay('a', lag('p8', 'p1'));
      server.kill('SIGHUP');
      await until('the name of the aggregate', async () => {
        const now = await chassis.ask('locate', { mac: MAC.one });
        return (now.ok && now.value.name === 'uplinked') || undefined;
      });
      // Without the row it is a port like any other, which has no address.
      chassis.overlay('a', {});
      server.kill('SIGHUP');
      await until('no place', async () => {
        const now = await chassis.ask('locate', { mac: MAC.one });
        return (now.ok && now.value.outcome === 'port' && now.value.name === undefined) || undefined;
      });
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
    // Port and status, one after the other.
    chassis.overlay('a', { delayMs: 80 });
    client(chassis, 'b1', 'udhcpc');
    await chassis.has('b1', '10.1.2.1');
    expect(JSON.stringify(chassis.journal('given')[0]?.fields.evidence)).to.match(/"ms":(1[6-9]|[2-7]\d)\d/);
  });
});
