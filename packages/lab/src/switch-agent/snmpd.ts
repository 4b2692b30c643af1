import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SwitchAgent {
  /** What it calls itself. */
  readonly sysName: string;
  /** Where it answers. */
  readonly address: string;
  /** Default 161. */
  readonly udpPort?: number;
  readonly bridge: string;
  /** Own folder: configuration, overlay, snmpd's state. */
  readonly folder: string;
  readonly community?: string;
  /** The community may SET, too: ifAdminStatus takes a port down and up. Nothing of the bridge's tables takes a SET. */
  readonly writable?: boolean;
  /** Subtrees that the overlay serves beside BRIDGE-MIB, such as LLDP-MIB's. */
  readonly more?: readonly string[];
}

/**
 * Writes the configuration of Debian's snmpd for a switch, and gives the command that runs it, in the foreground, in
 * the network namespace of the bridge. The overlay is `FOLDER/overlay.json`.
 */
export function switchAgentCommand(agent: SwitchAgent): { command: readonly string[]; env: Record<string, string> } {
  const { folder, sysName, address, bridge, udpPort = 161, community = 'public', writable = false, more = [] } = agent;
  mkdirSync(folder, { recursive: true });
  const program = fileURLToPath(new URL('./main.js', import.meta.url));
  const pass = (tree: string): string =>
    `pass_persist ${tree} ${process.execPath} ${program} ${bridge} ${join(folder, 'overlay.json')}`;
  const conf = join(folder, 'snmpd.conf');
  const lines = [
    `${writable ? 'rw' : 'ro'}community ${community}`,
    `sysName ${sysName}`,
    ...['.1.3.6.1.2.1.17', ...more].map(pass),
  ];
  writeFileSync(conf, `${lines.join('\n')}\n`);
  return {
    command: ['snmpd', '-f', '-Lf', join(folder, 'snmpd.log'), '-C', '-c', conf, `udp:${address}:${udpPort}`],
    env: { SNMP_PERSISTENT_DIR: join(folder, 'state'), MIBS: '' },
  };
}
