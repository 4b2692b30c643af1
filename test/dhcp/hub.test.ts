import { expect } from 'chai';
import { pause, until } from './chassis.js';
import { client } from './clients.js';
import { scenario, suite } from './scenario.js';

const MAC = { one: '02:00:00:00:00:01', two: '02:00:00:00:00:02' };
const section = (addresses: string): string => `  leaseSeconds: 20
  ports:
    - { switch: switch-a, port: p1, name: slot-1, addresses: [${addresses}] }
`;

suite('two devices on one port: a hub', () => {
  scenario(
    import.meta.url,
    'one address: the second is refused as long as the first answers, alarmed, and gets it when that one is gone',
    async (chassis) => {
      await chassis.agent('a');
      await chassis.server(section('10.1.2.1'));
      chassis.board('b1', MAC.one);
      chassis.board('b2', MAC.two);
      chassis.plug('b1', 'a', 'p1');
      client(chassis, 'b1', 'dhclient');
      await chassis.has('b1', '10.1.2.1');
      chassis.hub('b2', 'b1');
      client(chassis, 'b2', 'udhcpc');
      await until('the alarm', () => chassis.log('geodhcpd.log').includes('PORT_SHARED') || undefined);
      // Past the ten seconds for which a new device may be slow to answer: from then on it is the wire that decides.
      await until(
        'the wire has spoken',
        () =>
          chassis.journal('not-given').some(({ fields }) => String(fields.why).includes('still answers')) || undefined,
      );
      expect(chassis.addresses('b2')).to.deep.equal([]);
      expect(chassis.addresses('b1')).to.deep.equal(['10.1.2.1']);
      expect(chassis.journal('address-in-use'), 'nobody is a stranger').to.deep.equal([]);
      chassis.exec('b1', ['ip', 'link', 'set', 'eth0', 'down']);
      await chassis.has('b2', '10.1.2.1');
      expect(chassis.journal('replaced')[0]?.fields).to.include({ mac: MAC.two, before: MAC.one });
    },
  );

  scenario(import.meta.url, 'a list of addresses: each device has its own, and keeps it', async (chassis) => {
    await chassis.agent('a');
    await chassis.server(section('10.1.2.1, 10.1.2.2'));
    chassis.board('b1', MAC.one);
    chassis.board('b2', MAC.two);
    chassis.plug('b1', 'a', 'p1');
    chassis.hub('b2', 'b1');
    client(chassis, 'b1', 'dhclient');
    client(chassis, 'b2', 'udhcpc');
    const all = await until('both have one', () => {
      const found = ['b1', 'b2'].flatMap((board) => chassis.addresses(board));
      return found.length === 2 ? found : undefined;
    });
    expect([...all].sort()).to.deep.equal(['10.1.2.1', '10.1.2.2']);
    await pause(12_000); // Each has renewed once.
    expect(['b1', 'b2'].flatMap((board) => chassis.addresses(board))).to.deep.equal(all);
    expect(chassis.log('geodhcpd.log')).to.not.contain('PORT_SHARED');
  });
});
