import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { switchAgentCommand } from '@softset/lab/switch-agent/snmpd.js';
import type { Chassis } from './chassis.js';

export const user = { name: 'geo', auth: 'authentic-secret', privacy: 'private-secret' };

/**
 * A switch with one forwarding table for each VLAN, as Cisco's have: snmpd with a context `vlan-N` for each, reached as
 * `public@N` (v2c) or by its name (v3, authPriv alone), and behind each context an agent of its own. The default
 * context, which is the whole switch's, has no forwarding table.
 */
export async function vlanAgent(chassis: Chassis, vlans: readonly number[]): Promise<void> {
  const folder = join(chassis.folder, 'agent-front');
  mkdirSync(folder, { recursive: true });
  const lines = [
    'com2sec all default public',
    'group readers v2c all',
    `createUser ${user.name} SHA-256 ${user.auth} AES ${user.privacy}`,
    `group users usm ${user.name}`,
    'view everything included .1',
    'access readers "" any noauth exact everything none none',
    'access users vlan- usm priv prefix everything none none',
  ];
  for (const vlan of vlans) {
    const port = 10_000 + vlan;
    const { command, env } = switchAgentCommand({
      sysName: 'switch-a',
      address: '127.0.0.1',
      udpPort: port,
      bridge: 'br0',
      folder: vlanFolder(chassis, vlan),
    });
    chassis.start('switch-a', command, env, `vlan-${vlan}`);
    lines.push(
      `com2sec -Cn vlan-${vlan} in${vlan} default public@${vlan}`,
      `group readers${vlan} v2c in${vlan}`,
      `access readers${vlan} vlan-${vlan} v2c noauth exact everything none none`,
      `proxy -Cn vlan-${vlan} -v 2c -c public udp:127.0.0.1:${port} .1.3.6.1.2.1`,
    );
  }
  const conf = join(folder, 'snmpd.conf');
  writeFileSync(conf, `${lines.join('\n')}\n`, { mode: 0o600 });
  const words = ['snmpd', '-f', '-Lf', join(folder, 'snmpd.log'), '-C', '-c', conf, 'udp:10.1.0.2:161'];
  chassis.start('switch-a', words, { SNMP_PERSISTENT_DIR: join(folder, 'state'), MIBS: '' }, 'front');
}

function vlanFolder(chassis: Chassis, vlan: number): string {
  return join(chassis.folder, `agent-vlan-${vlan}`);
}

/** MACs that are in other VLANs than this one. */
export function hideInVlan(chassis: Chassis, vlan: number, hidden: readonly string[]): void {
  const folder = vlanFolder(chassis, vlan);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'overlay.json'), JSON.stringify({ hidden }));
}
