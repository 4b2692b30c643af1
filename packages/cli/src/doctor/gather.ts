import { readdirSync, readFileSync, readlinkSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { netrackClient } from '@softset/client';
import { type Cluster, NETWORKS, type NetrackState } from '@softset/protocol';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { KEY_FILE_PATTERN } from '@softset/protocol/key-file.js';
import { accountOf } from '../install/place.js';
import type { Clock, DaemonFact, Facts, FileFact } from './facts.js';
import { gatherDevices } from './gather-devices.js';
import { gatherKernel } from './gather-kernel.js';
import { needsQuerier } from './gather-querier.js';

export interface Place {
  readonly clusterFile: string;
  readonly board: string;
  readonly runDir: string;
  readonly stateDir: string;
}

const answerMs = 2_000;
const TMPFS = 0x0102_1994;
const DAEMONS = ['netrack-pulse', 'netrackd', 'redirectd', 'psrmd', 'geodhcpd', 'snmpagd'];
const TIME_PROGRAMS = ['chronyd', 'ntpd', 'ntpsec', 'ptp4l', 'phc2sys', 'openntpd'];
const TIMESYNCD = '/run/systemd/timesync/synchronized';

/** Looks at everything; changes nothing, but for ARP questions and a nftables table that is only tried. */
export async function gatherFacts(place: Place): Promise<Facts> {
  const { clusterFile, board, runDir } = place;
  const read = readCluster(clusterFile);
  const cluster = 'cluster' in read ? read.cluster : undefined;
  const user = accountOf();
  const daemons = DAEMONS.flatMap((name) => daemonOf(name, runDir) ?? []);
  const own = cluster?.boards.find(({ name }) => name === board);
  const skipped: string[] = [];
  if (process.getuid?.() !== 0) skipped.push('leases, firewall and address conflicts: run it as root');
  const state = daemons.some(({ name }) => name === 'netrackd') ? await askState(runDir) : undefined;
  const { devices, settings } = await gatherDevices(own, cluster);
  const unasked = Object.values(devices).some(({ up, carrier, claimed }) => up && carrier && claimed === undefined);
  if (process.getuid?.() === 0 && unasked)
    skipped.push('who else has the addresses of this board: needs arping (apt install iputils-arping), and IPv4');
  const unheard = NETWORKS.filter(
    (network) => needsQuerier(cluster, network) && devices[network]?.queriers === undefined,
  );
  if (process.getuid?.() === 0 && unheard.length > 0)
    skipped.push(`IGMP queriers on network ${unheard.join(', ')}: its device is not ready for it`);
  const kernel = await gatherKernel(NETWORKS.flatMap((network) => own?.devices[network] ?? []));
  if (process.getuid?.() === 0 && kernel.ruleset === undefined)
    skipped.push('the firewall: nft lists no rules here (apt install nftables)');
  const legacy = textOf('/proc/net/ip_tables_names').trim().split('\n').filter(Boolean);
  if (legacy.length > 0) skipped.push(`rules of iptables-legacy (${legacy.join(', ')}): iptables-legacy -S shows them`);
  if (state === undefined) skipped.push('the cluster as a whole: no netrackd answers here');
  return {
    board,
    clusterFile,
    ...('cluster' in read ? { cluster: read.cluster } : { clusterProblem: read.problem }),
    ...(user === undefined ? {} : { user }),
    files: filesOf(place, cluster),
    clock: clock(),
    devices,
    settings,
    ...kernel,
    daemons,
    takenPorts: cluster === undefined ? [] : udpPorts().filter((port) => Object.values(cluster.ports).includes(port)),
    ...(state === undefined ? {} : { state }),
    skipped,
  };
}

function readCluster(file: string): { readonly cluster: Cluster } | { readonly problem: string } {
  try {
    const parsed = parseClusterFile(readFileSync(file, 'utf8'), file);
    return parsed.ok ? { cluster: parsed.value } : { problem: parsed.message };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function filesOf({ clusterFile, runDir, stateDir }: Place, cluster: Cluster | undefined): FileFact[] {
  const beside = (name: string): string => resolve(dirname(clusterFile), name);
  const old = cluster?.oldKeyFile;
  return [
    fileOf('cluster file', clusterFile),
    ...(cluster === undefined ? [] : [keyOf('key', beside(cluster.keyFile))]),
    ...(old === undefined ? [] : [keyOf('old key', beside(old))]),
    folderOf('run directory', runDir),
    folderOf('state directory', stateDir),
    fileOf('vote record', join(stateDir, 'votes')),
  ];
}

function fileOf(what: FileFact['what'], path: string): FileFact {
  try {
    const { mode, uid, gid } = statSync(path);
    return { what, path, mode, uid, gid };
  } catch (error) {
    return { what, path, problem: (error as NodeJS.ErrnoException).code ?? 'EIO', mode: 0, uid: 0, gid: 0 };
  }
}

function keyOf(what: 'key' | 'old key', path: string): FileFact {
  const fact = fileOf(what, path);
  if (fact.problem !== undefined) return fact;
  try {
    return { ...fact, wellFormed: KEY_FILE_PATTERN.test(readFileSync(path, 'latin1')) };
  } catch {
    // Not ours to read: its mode is right.
    return fact;
  }
}

function folderOf(what: FileFact['what'], path: string): FileFact {
  const fact = fileOf(what, path);
  if (fact.problem !== undefined) return fact;
  const { bavail, bsize, type } = statfsSync(path);
  return { ...fact, freeBytes: bavail * bsize, memory: type === TMPFS };
}

function clock(): Clock {
  const keptBy = timeKeeper();
  const { mtimeMs } = statSync(fileURLToPath(import.meta.url));
  return { nowMs: Date.now(), builtMs: mtimeMs, ...(keptBy === undefined ? {} : { keptBy }) };
}

function timeKeeper(): string | undefined {
  try {
    statSync(TIMESYNCD);
    return 'systemd-timesyncd';
  } catch {
    return processNames().find((name) => TIME_PROGRAMS.includes(name));
  }
}

function processNames(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => textOf(`/proc/${pid}/comm`).trim());
}

/** By the pid in its lock, if that is still its own. */
function daemonOf(name: string, runDir: string): DaemonFact | undefined {
  const pid = Number(textOf(join(runDir, `${name}.lock`)).trim());
  if (!Number.isInteger(pid) || pid <= 0 || !textOf(`/proc/${pid}/cmdline`).includes(name)) return undefined;
  const status = textOf(`/proc/${pid}/status`);
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  const uid = Number(/^Uid:\s*\d+\s+(\d+)/m.exec(status)?.[1] ?? 0);
  // proc(5): what follows the name, which may hold spaces; policy is field 41.
  const stat = textOf(`/proc/${pid}/stat`);
  const policy = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38] ?? 0);
  return { name, pid, capabilities: BigInt(`0x${capabilities}`), policy, uid, outdated: replaced(pid) };
}

function replaced(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`).endsWith(' (deleted)');
  } catch {
    return false;
  }
}

/** Local ports of /proc/net/udp and udp6: hexadecimal after the colon. */
function udpPorts(): number[] {
  const lines = ['/proc/net/udp', '/proc/net/udp6'].flatMap((path) => textOf(path).split('\n').slice(1));
  return [
    ...new Set(
      lines
        .flatMap((line) => /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /.exec(line)?.[1] ?? [])
        .map((hex) => Number.parseInt(hex, 16)),
    ),
  ];
}

async function askState(runDir: string): Promise<NetrackState | undefined> {
  const client = netrackClient(runDir, { name: 'softset-doctor', retry: 'none' });
  try {
    if (!(await client.ready(answerMs)).ok) return undefined;
    const answer = await client.call('status', {}, { timeoutMs: answerMs });
    return answer.ok ? answer.value : undefined;
  } finally {
    client.close();
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
