import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { until } from './chassis.js';
import { client } from './clients.js';
import { scenario, suite } from './scenario.js';

const stepped = pathToFileURL(fileURLToPath(new URL('./stepped-clock.js', import.meta.url))).href;
const YEAR_MS = 365 * 86_400_000;
const mac = '02:00:00:00:00:01';
const section = `  leaseSeconds: 10
  ports:
    - { switch: switch-a, port: p1, name: slot-1, addresses: [10.1.2.1] }
`;

suite('the wall clock steps', () => {
  scenario(
    import.meta.url,
    'a year ahead, two years back, while it runs and while it does not: no lease ends early, and none is refused',
    async (chassis) => {
      const clock = join(chassis.folder, 'clock');
      const env = { NODE_OPTIONS: `--import=${stepped}`, SOFTSET_CLOCK_FILE: clock };
      const step = (ms: number): void => writeFileSync(clock, String(ms));
      const state = join(chassis.folder, 'state');
      await chassis.agent('a');
      step(0);
      let server = await chassis.server(section, state, undefined, env);
      chassis.board('b1', mac);
      chassis.plug('b1', 'a', 'p1');
      client(chassis, 'b1', 'dhclient');
      await chassis.has('b1', '10.1.2.1');
      const acks = (): number => chassis.log('b1-dhclient.log').split('DHCPACK').length;
      const renewsTwice = async (what: string): Promise<void> => {
        const before = acks();
        await until(`two renewals ${what}`, () => acks() > before + 1 || undefined);
        const leases = await chassis.ask('leases', {});
        expect(leases.ok && leases.value.leases.map((lease) => lease.mac), what).to.deep.equal([mac]);
      };
      step(YEAR_MS);
      await renewsTwice('a year ahead');
      step(-YEAR_MS);
      await renewsTwice('two years back');
      expect(chassis.journal('expired')).to.deep.equal([]);
      for (const [ms, what] of [
        [-2 * YEAR_MS, 'restarted with a clock that is behind'],
        [YEAR_MS, 'restarted with a clock that is ahead'],
      ] as const) {
        server.kill('SIGKILL');
        step(ms);
        server = await chassis.server(section, state, undefined, env);
        await renewsTwice(what);
      }
      expect(chassis.log('b1-dhclient.log')).to.not.contain('DHCPNAK');
    },
  );
});
