import type { ChildProcess } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Chassis } from './chassis.js';

export type Client = 'dhclient' | 'udhcpc' | 'dhcpcd';

/** The clients' own programs; only what they do with an address is ours, lest they write /etc/resolv.conf. */
const dhclientScript = `#!/bin/sh
echo "$reason \${new_ip_address:-} \${new_filename:-}"
case "$reason" in
PREINIT) ip link set "$interface" up ;;
BOUND | RENEW | REBIND | REBOOT)
  ip -4 addr flush dev "$interface"
  ip addr add "$new_ip_address/16" dev "$interface" ;;
EXPIRE | FAIL | RELEASE | STOP) ip -4 addr flush dev "$interface" ;;
esac
exit 0
`;
const udhcpcScript = `#!/bin/sh
echo "$1 \${ip:-} \${boot_file:-}"
case "$1" in
deconfig) ip -4 addr flush dev "$interface" ;;
bound | renew) ip -4 addr flush dev "$interface"; ip addr add "$ip/16" dev "$interface" ;;
esac
`;

export function client(chassis: Chassis, board: string, kind: Client, more: readonly string[] = []): ChildProcess {
  const file = (name: string, text: string): string => {
    const path = join(chassis.folder, `${board}-${name}`);
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    return path;
  };
  const log = `${board}-${kind}`;
  switch (kind) {
    case 'dhclient': {
      const leases = join(chassis.folder, `${board}.leases`);
      const conf = file(
        'dhclient.conf',
        'timeout 30;\nretry 2;\ninitial-interval 1;\nbackoff-cutoff 2;\nsend host-name "x";\n',
      );
      const args = ['-d', '-v', '-cf', conf, '-sf', file('dhclient-script', dhclientScript), '-lf', leases];
      return chassis.start(board, ['dhclient', ...args, '-pf', `${leases}.pid`, ...more, 'eth0'], {}, log);
    }
    case 'udhcpc':
      return chassis.start(
        board,
        ['udhcpc', '-f', '-i', 'eth0', '-T', '1', '-A', '1', '-s', file('udhcpc-script', udhcpcScript), ...more],
        {},
        log,
      );
    default:
      return chassis.start(
        board,
        ['dhcpcd', '-B', '-4', '-d', '-c', '/bin/true', '-f', '/dev/null', '-t', '30', ...more, 'eth0'],
        {},
        log,
      );
  }
}

/** Asks by RARP from the board's device; the address that was answered, or '' after a second of silence. */
export function rarp(chassis: Chassis, board: string): string {
  const program = fileURLToPath(new URL('./rarp-client.js', import.meta.url));
  return chassis.exec(board, [process.execPath, program]).trim();
}
