import type { Ip } from '@softset/base';
import { quote } from './shell.js';

interface Agents {
  readonly community: string;
  readonly port: number;
}

/** Its name among a board's daemons. */
export const AGENT = 'agent';

/**
 * The board's own SNMP agent: Debian's snmpd at the board's private addresses, as a daemon of its init, so that it dies
 * with the board and is there again when the board boots. Of root's rights it keeps the one to listen at port 161. What it
 * must not forget, such as how often it began (RFC 3414 §2.2.2), is on the board's disk.
 */
export function boardAgent(
  { community, port }: Agents,
  board: string,
  ports: readonly { readonly ip: Ip }[],
): { name: string; command: string[]; restart: true } {
  const conf = [`rwcommunity ${community}`, `sysName ${board}`, 'dontLogTCPWrappersConnects yes'].join('\n');
  const listen = ports.map(({ ip }) => `udp:${ip}:${port}`).join(' ');
  const script = [
    'umask 077',
    'mkdir -p "$1" "$2"',
    `printf '%s\\n' ${quote(conf)} > "$1/snmpd.conf"`,
    'export SNMP_PERSISTENT_DIR="$2" MIBS=',
    // In one capability set after the other: what is not in the bounding set is not had after exec (capabilities(7)).
    `exec setpriv --bounding-set=-all,+net_bind_service snmpd -f -Lo -C -c "$1/snmpd.conf" ${listen}`,
  ].join('\n');
  return { name: AGENT, command: ['sh', '-ec', script, 'sh', '{runDir}/agent', '{stateDir}/agent'], restart: true };
}
