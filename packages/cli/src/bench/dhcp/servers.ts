import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { switchAgentCommand } from '@softset/lab/switch-agent/snmpd.js';
import { type Peer, type Setting, settingText } from './cases.js';
import { CLIENTS, SERVER, SWITCH } from './wires.js';

const geodhcpd = fileURLToPath(new URL('../../../../geodhcp/bin/geodhcpd.js', import.meta.url));
const STOP_MS = 5000;

export interface Running {
  /** Undefined while it lives; else its last words. */
  readonly dead: () => string | undefined;
  stop(): Promise<void>;
}

function start(folder: string, command: readonly string[], env: Readonly<Record<string, string>> = {}, where = 'ccn') {
  const log = join(folder, 'log');
  const shell = ['sh', '-c', 'log=$1; shift; exec "$@" >"$log" 2>&1', 'sh', log, ...command];
  const [program = '', ...args] = where === '' ? shell : ['ip', 'netns', 'exec', where, ...shell];
  const child: ChildProcess = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()));
  const running: Running = {
    dead: () => {
      if (child.exitCode === null && child.signalCode === null) return undefined;
      return `it ended: ${readFileSync(log, 'utf8').slice(-300)}`;
    },
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(late);
    },
  };
  return running;
}

/** Leases begin anew: what an earlier run left would be given again. */
function fresh(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o750 });
  return folder;
}

/** The agent of the switch, over the bridge's own forwarding table. */
export function startAgent(root: string): Running {
  const folder = fresh(join(root, 'agent'));
  const { command, env } = switchAgentCommand({ sysName: 'switch-a', address: SWITCH, bridge: 'br0', folder });
  return start(folder, command, env, '');
}

export function startOurs(root: string, setting: Setting): Running {
  const folder = fresh(join(root, 'geodhcpd'));
  const file = join(folder, 'cluster.yaml');
  writeFileSync(
    file,
    `version: 1
cluster: { name: bench, number: 1, keyFile: bench.key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  ccn: { id: 1, role: control, A: ${SERVER}, B: 20.1.1.20, vote: true }
geodhcp:
  boards: [ccn]
  ${settingText[setting]}
  switches:
    switch-a: { network: A, address: ${SWITCH}, uplinks: { ccn: '', load: '' } }
  ports:
    - { switch: switch-a, port: 'p{1-${CLIENTS}}', name: 'slot-{}', addresses: ['10.1.4.{}'] }
`,
  );
  const args = ['--cluster', file, '--board', 'ccn', '--run-dir', join(folder, 'run'), '--state-dir', folder];
  return start(folder, [process.execPath, geodhcpd, ...args]);
}

const POOL = { first: '10.1.4.1', last: '10.1.7.250' } as const;

export function startPeer(root: string, peer: Peer): Running {
  const folder = fresh(join(root, peer));
  const leases = join(folder, 'leases');
  if (peer === 'dnsmasq') {
    // Its ping before an offer is off: Kea asks nobody either, and what asking costs is a row of ours.
    const range = `--dhcp-range=${POOL.first},${POOL.last},255.255.0.0,10m`;
    const own = ['--keep-in-foreground', '--user=root', '--conf-file=/dev/null', '--port=0', '--interface=a0'];
    const more = ['--no-ping', '--dhcp-authoritative', `--dhcp-leasefile=${leases}`, '--quiet-dhcp'];
    return start(folder, ['dnsmasq', ...own, range, ...more, `--pid-file=${join(folder, 'pid')}`]);
  }
  const config = join(folder, 'kea.json');
  const settings = {
    Dhcp4: {
      'interfaces-config': { interfaces: ['a0'] },
      'lease-database': { type: 'memfile', persist: true, name: leases, 'lfc-interval': 0 },
      'valid-lifetime': 600,
      subnet4: [{ subnet: '10.1.0.0/16', pools: [{ pool: `${POOL.first}-${POOL.last}` }] }],
      loggers: [{ name: 'kea-dhcp4', severity: 'WARN', output_options: [{ output: 'stderr' }] }],
    },
  };
  writeFileSync(config, JSON.stringify(settings));
  const env = { KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: folder };
  return start(folder, ['kea-dhcp4', '-c', config], env);
}
