import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { netrackClient } from '@softset/client';
import type { NetrackState } from '@softset/protocol';
import { readUnit } from '@softset/runtime/init/unit-file.js';
import type { Board } from './chassis.js';

/** Three boards on two processors that others use, too. */
export const leaseMs = 1250;
export const timing = `timing: { intervalMs: 50, leaseMs: ${leaseMs}, proofMs: 250 }`;

export async function install(one: Board, deb: string): Promise<void> {
  copyFileSync(deb, join(one.root, 'softset.deb'));
  await one.run('dpkg', '--install', '/softset.deb');
}

/** What procps does at boot, and `sysctl --system`. */
export async function setKernel(one: Board): Promise<void> {
  const lines = readFileSync(join(one.root, 'usr/lib/sysctl.d/60-softset.conf'), 'utf8').matchAll(
    /^([\w.]+) = (\d)$/gm,
  );
  for (const [, name = '', value = ''] of lines)
    await one.run('sh', '-c', `echo ${value} > /proc/sys/${name.replaceAll('.', '/')}`);
}

/** By its control socket, which is a file of the board's: a command costs a start of Node each time that it looks. */
export async function stateOf(one: Board): Promise<NetrackState> {
  const client = netrackClient(join(one.inside, 'run/softset'), { name: 'test', retry: 'none' });
  try {
    const ready = await client.ready(5_000);
    const answer = ready.ok ? await client.call('status', {}, { timeoutMs: 5_000 }) : ready;
    if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
    return answer.value;
  } finally {
    client.close();
  }
}

/** The board that holds the first service. */
export function holderOf({ services, boards }: NetrackState): string | undefined {
  const [first] = services;
  return first?.phase === 'held' ? boards.find((one) => one.board === first.holder?.board)?.name : undefined;
}

interface Told {
  readonly findings: readonly { readonly code: string; readonly severity: string }[];
}

/** What softset doctor finds. It ends with 1 where there are faults, and says them all the same. */
export async function faultsOf(one: Board): Promise<readonly string[]> {
  const told = JSON.parse(await one.run('sh', '-c', 'softset doctor --json || test $? = 1')) as Told;
  return told.findings.filter(({ severity }) => severity === 'fault').map(({ code }) => code);
}

/** Bits of capabilities(7), of those that a unit of ours names. */
const BITS: Readonly<Record<string, number>> = {
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_ADMIN: 12,
  CAP_NET_RAW: 13,
  CAP_SYS_NICE: 23,
};

export interface Rights {
  /** Capabilities that it has, and those that it and its children could ever have; sets of bits, as in /proc. */
  readonly effective: string;
  readonly bounding: string;
}

/** What a unit lists, and no more. */
export function unitRights(one: Board, unit: string): Rights {
  const text = readUnit(readFileSync(join(one.root, `usr/lib/systemd/system/${unit}.service`), 'utf8'));
  const set = (key: string): string =>
    text
      .words('Service', key)
      .reduce((bits, name) => bits | (1n << BigInt(BITS[name] ?? 63)), 0n)
      .toString(16)
      .padStart(16, '0');
  return { effective: set('AmbientCapabilities'), bounding: set('CapabilityBoundingSet') };
}

/** Whose a daemon's process is, and what the kernel lets it do. */
export async function rightsOf(one: Board, daemon: string): Promise<Rights & { readonly user: string }> {
  const script = `pid=$(cat /run/softset/${daemon}.lock); stat -c %U /proc/$pid; cat /proc/$pid/status`;
  const told = await one.run('sh', '-c', script);
  const set = (key: string): string => new RegExp(`^${key}:\\s*([0-9a-f]+)$`, 'm').exec(told)?.[1] ?? 'none';
  return { user: told.split('\n', 1)[0] ?? '', effective: set('CapEff'), bounding: set('CapBnd') };
}

/** All that a package may leave. */
export const filesOf = (one: Board): string[] =>
  ['etc', 'usr/bin', 'usr/lib', 'usr/share', 'var/lib', 'var/log', 'run'].flatMap((folder) =>
    readdirSync(join(one.root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );

/** What dpkg, adduser and a DHCP client write for themselves. */
const others =
  /^(var\/lib\/dpkg\/|run\/adduser$|var\/lib\/systemd|etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?$|var\/log\/(dpkg|alternatives)\.log$|etc\/resolv\.conf|run\/udhcpc)/;

/** What of the package is left on a board that had `bare` before it: files, its user, rules and routes in the kernel. */
export async function leftovers(one: Board, bare: readonly string[]): Promise<readonly string[]> {
  const said = async (...words: string[]): Promise<string[]> => (await one.run(...words)).split('\n').filter(Boolean);
  return [
    ...filesOf(one).filter((name) => !bare.includes(name) && !others.test(name)),
    ...(await said('sh', '-c', 'getent passwd softset; getent group softset; true')),
    // Whoever is nobody's any more has a number for a name.
    ...(await said(
      'sh',
      '-c',
      'for one in /proc/[0-9]*; do [ "$(stat -c %u $one)" = 0 ] || cat $one/comm; done; true',
    )),
    ...(await said('nft', 'list', 'tables')),
    ...(await said('ip', 'route', 'show', 'proto', '213')),
    ...(await said('ip', '-6', 'route', 'show', 'proto', '213')),
    ...(await said('sh', '-c', 'for one in /proc/[0-9]*; do readlink $one/exe; done | grep softset || true')),
  ];
}
