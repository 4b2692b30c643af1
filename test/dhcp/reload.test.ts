import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { until } from './chassis.js';
import { client, rarp } from './clients.js';
import { scenario, suite } from './scenario.js';

const MAC = { one: '02:00:00:00:00:01', two: '02:00:00:00:00:02' };
const section = (more: string): string => `  leaseSeconds: 10
  ports:
    - { switch: switch-a, port: p1, name: slot-1, addresses: [10.1.2.1] }
${more}`;

suite('the port map is read again at SIGHUP', () => {
  scenario(
    import.meta.url,
    'a new port is served, a changed address is given anew, and a file that is wrong changes nothing',
    async (chassis) => {
      await chassis.agent('a');
      const server = await chassis.server(section(''));
      chassis.board('b1', MAC.one);
      chassis.board('b2', MAC.two);
      chassis.plug('b1', 'a', 'p1');
      chassis.plug('b2', 'a', 'p2');
      client(chassis, 'b1', 'dhclient');
      client(chassis, 'b2', 'dhclient');
      await chassis.has('b1', '10.1.2.1');
      await until('the unknown port', () => chassis.journal('not-given').length > 0 || undefined);
      expect(rarp(chassis, 'b2'), 'RARP from there: silence').to.equal('');
      expect(chassis.softset('ports')).to.match(/^switch-a\/p2 .* unexpected +02:00:00:00:00:02 \(/m);

      writeFileSync(join(chassis.folder, 'cluster.yaml'), 'version: 1\nrubbish: true\n');
      server.kill('SIGHUP');
      await until(
        'it says what is wrong',
        () => chassis.log('geodhcpd.log').includes('CLUSTER_FILE_INVALID') || undefined,
      );
      const status = await chassis.ask('status', {});
      expect(status.ok && status.value).to.include({ answering: true, ports: 1, leases: 1 });

      chassis.clusterFile(section('    - { switch: switch-a, port: p2, name: slot-2, addresses: [10.1.2.2] }\n'));
      server.kill('SIGHUP');
      await chassis.has('b2', '10.1.2.2');
      const acks = (): number => chassis.log('b1-dhclient.log').split('DHCPACK').length;
      const before = acks();
      await until('the other one renews as if nothing had been', () => acks() > before || undefined);
      expect(chassis.log('b1-dhclient.log')).to.not.contain('DHCPNAK');

      chassis.clusterFile(section('').replace('10.1.2.1', '10.1.7.7'));
      server.kill('SIGHUP');
      await chassis.has('b1', '10.1.7.7', 40_000);
      expect(chassis.log('b1-dhclient.log')).to.contain('DHCPNAK');
      expect(server.exitCode, 'one process all the time').to.equal(null);
    },
  );
});
