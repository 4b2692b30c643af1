import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Chassis } from './chassis.js';
import { until } from './chassis.js';
import { client } from './clients.js';
import { scenario, suite } from './scenario.js';
import { hideInVlan, user, vlanAgent } from './vlans.js';

const MAC = { one: '02:00:00:00:00:01', two: '02:00:00:00:00:02' };
const ports = `  ports:
    - { switch: switch-a, port: 'p{1-9}', name: 'slot-{}', addresses: ['10.1.2.{}'] }
`;
const withSwitch = (how: string): string =>
  `  switches:\n    switch-a: { network: A, address: 10.1.0.2, uplinks: { ccn: '' }${how} }`;

/** Two boards in VLANs 10 and 20: each is in the table of its own VLAN alone. */
async function boardsInVlans(chassis: Chassis, how: string): Promise<void> {
  hideInVlan(chassis, 10, [MAC.two]);
  hideInVlan(chassis, 20, [MAC.one]);
  await vlanAgent(chassis, [10, 20]);
  await chassis.server(ports, undefined, withSwitch(how));
  chassis.board('b1', MAC.one);
  chassis.board('b2', MAC.two);
  chassis.plug('b1', 'a', 'p1');
  chassis.plug('b2', 'a', 'p2');
}

async function served(chassis: Chassis): Promise<void> {
  client(chassis, 'b1', 'udhcpc');
  client(chassis, 'b2', 'udhcpc');
  await chassis.has('b1', '10.1.2.1');
  await chassis.has('b2', '10.1.2.2');
}

suite('switches with a forwarding table for each VLAN, on a real agent', () => {
  scenario(import.meta.url, 'community@vlan', async (chassis) => {
    await boardsInVlans(chassis, ', profile: cisco, vlans: [10, 20]');
    await served(chassis);
  });

  scenario(import.meta.url, 'SNMPv3 with the contexts vlan-N, authenticated and encrypted', async (chassis) => {
    const secrets = join(chassis.folder, 'switch-a.secrets');
    writeFileSync(secrets, `${user.auth}\n${user.privacy}\n`, { mode: 0o600 });
    const v3 = `v3: { user: ${user.name}, secretsFile: ${secrets} }`;
    await boardsInVlans(chassis, `, profile: cisco, vlans: [10, 20], ${v3}`);
    await served(chassis);
  });

  scenario(import.meta.url, 'with a wrong secret, or without the VLANs, nobody is told anything', async (chassis) => {
    const secrets = join(chassis.folder, 'switch-a.secrets');
    writeFileSync(secrets, `${user.auth}\nnot-the-secret\n`, { mode: 0o600 });
    const v3 = `v3: { user: ${user.name}, secretsFile: ${secrets} }`;
    await boardsInVlans(chassis, `, profile: cisco, vlans: [10, 20], ${v3}`);
    client(chassis, 'b1', 'udhcpc');
    const why = (text: string) => () =>
      chassis.journal('not-given').some(({ fields }) => String(fields.why).includes(text)) || undefined;
    await until('the switch is not believed to be empty', why('the switches do not answer'));
    expect(chassis.addresses('b1')).to.deep.equal([]);
    const silent = await chassis.ask('status', {});
    expect(silent.ok && silent.value.switches[0]?.state).to.equal('down');
    const found = await chassis.ask('locate', { mac: MAC.two });
    expect(found.ok && found.value.outcome).to.equal('unreachable');
  });
});
