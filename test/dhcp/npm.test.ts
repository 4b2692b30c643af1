import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ip, until } from './chassis.js';
import { scenario, suite } from './scenario.js';

const program = fileURLToPath(new URL('./npm-client.js', import.meta.url));
const mac = '02:00:00:00:00:01';

suite('the client of the npm package dhcp', () => {
  scenario(
    import.meta.url,
    'names neither address nor server, hears only what is sent to everybody, and is served all the same',
    async (chassis) => {
      await chassis.agent('a');
      await chassis.server(`  ports:
    - { switch: switch-a, port: p1, name: slot-1, addresses: [10.1.2.1], options: { broadcast: true } }
`);
      chassis.board('b1', mac);
      chassis.plug('b1', 'a', 'p1');
      // It sends to 255.255.255.255 by the kernel's routes.
      ip('-n b1 route add 255.255.255.255 dev eth0');
      chassis.start('b1', [process.execPath, program, mac], {}, 'npm-client');
      await until('it is bound', () => chassis.log('npm-client.log').includes('bound') || undefined);
      expect(chassis.log('npm-client.log')).to.contain('bound 10.1.2.1 255.255.0.0 slot-1');
      const leases = await chassis.ask('leases', {});
      expect(leases.ok && leases.value.leases.map((one) => `${one.ip} ${one.mac}`)).to.deep.equal([`10.1.2.1 ${mac}`]);
    },
  );
});
