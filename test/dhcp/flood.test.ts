import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { until } from './chassis.js';
import { client } from './clients.js';
import { scenario, suite } from './scenario.js';

const program = fileURLToPath(new URL('./flood-main.js', import.meta.url));
const MAC = { one: '02:00:00:00:00:01', two: '02:00:00:00:00:02', noise: '02:00:00:00:00:99' };
const DEVICES = 10_000;
const FLOOD_MS = 20_000;
const section = `  leaseSeconds: 10
  ports:
    - { switch: switch-a, port: 'p{1-3}', name: 'slot-{}', addresses: ['10.1.2.{}'] }
`;

suite('a flood', () => {
  scenario(
    import.meta.url,
    `${DEVICES} devices that nobody knows ask: a board that is known is served meanwhile, a new one at the latest afterwards`,
    async (chassis) => {
      await chassis.agent('a');
      const server = await chassis.server(section);
      for (const [name, mac, port] of [
        ['b1', MAC.one, 'p1'],
        ['b2', MAC.two, 'p2'],
        ['noise', MAC.noise, 'p9'],
      ] as const) {
        chassis.board(name, mac);
        chassis.plug(name, 'a', port);
      }
      const first = client(chassis, 'b1', 'dhclient');
      await chassis.has('b1', '10.1.2.1');
      chassis.start('noise', [process.execPath, program, String(DEVICES), String(FLOOD_MS)], {}, 'flood');
      const flood = (): string => chassis.log('flood.log');
      await until('the flood', () => flood().includes('flooding') || undefined);
      const told = (): number => chassis.log('b1-dhclient.log').split('DHCPACK').length;
      const before = told();
      // It renews, and then it is started anew: a whole exchange in the middle of the flood.
      await until('it renews', () => told() > before || undefined);
      first.kill('SIGKILL');
      chassis.exec('b1', ['ip', 'addr', 'flush', 'dev', 'eth0']);
      client(chassis, 'b1', 'udhcpc');
      client(chassis, 'b2', 'udhcpc');
      await chassis.has('b1', '10.1.2.1');
      expect(flood(), 'still under way').to.not.contain('over');
      await until('its end', () => flood().includes('over') || undefined, 40_000);
      await chassis.has('b2', '10.1.2.2');
      expect(chassis.log('b1-dhclient.log')).to.not.contain('DHCPNAK');
      expect(server.exitCode).to.equal(null);
      const metrics = await chassis.ask('metrics', {});
      expect(metrics.ok && metrics.value).to.match(/softset_geodhcp_messages_total\{outcome="flooded"\} \d+/);
    },
  );
});
