import { readFileSync } from 'node:fs';
import { isIpv6 } from '@softset/base';
import { type Board, type Cluster, NETWORKS, type Network } from '@softset/protocol';
import type { DeviceFact, Facts } from './facts.js';
import { needsQuerier, withQueriers } from './gather-querier.js';
import { tool } from './tool.js';

interface Link {
  readonly ifname?: string;
  readonly flags?: readonly string[];
  readonly mtu?: number;
  readonly address?: string;
  readonly addr_info?: readonly { readonly local?: string }[];
}

/** The board's two devices as ip(8) shows them, and who answers on them. */
export async function gatherDevices(
  own: Board | undefined,
  cluster: Cluster | undefined,
): Promise<Pick<Facts, 'devices' | 'settings'>> {
  if (own === undefined) return { devices: {}, settings: {} };
  const { out } = await tool('ip', ['-json', 'address', 'show']);
  const links = parsed(out);
  const found = NETWORKS.map((network) => [network, deviceOf(links, own.devices[network])] as const);
  // Both at once: each waits for answers that, it is hoped, never come.
  const asked = await Promise.all(
    found.map(async ([network, device]) => {
      const asks = needsQuerier(cluster, network) && process.getuid?.() === 0;
      const [answered, queried] = await Promise.all([
        withAnswers(own, network, device),
        asks ? withQueriers(device, own.addresses[network]) : device,
      ]);
      return [network, { ...queried, ...answered }] as const;
    }),
  );
  const settings = Object.fromEntries(
    asked.flatMap(([, { name, there }]) =>
      (there ? ['arp_ignore', 'arp_announce', 'rp_filter'] : []).flatMap((key) => settingOf(name, key)),
    ),
  );
  return { devices: Object.fromEntries(asked), settings };
}

function parsed(json: string): readonly Link[] {
  try {
    return JSON.parse(json) as readonly Link[];
  } catch {
    return [];
  }
}

function deviceOf(links: readonly Link[], name: string): DeviceFact {
  const link = links.find(({ ifname }) => ifname === name);
  const flags = link?.flags ?? [];
  return {
    name,
    there: link !== undefined,
    up: flags.includes('UP'),
    carrier: flags.includes('LOWER_UP'),
    multicast: flags.includes('MULTICAST'),
    mtu: link?.mtu ?? 0,
    mac: link?.address ?? '',
    addresses: (link?.addr_info ?? []).flatMap(({ local }) => local ?? []),
  };
}

/** ARP questions that claim nothing (RFC 5227 §2.1.1); IPv6 detects duplicates by itself. */
async function withAnswers(own: Board, network: Network, device: DeviceFact): Promise<DeviceFact> {
  const other = own.addresses[network === 'A' ? 'B' : 'A'];
  if (!device.up || !device.carrier || process.getuid?.() !== 0) return device;
  const ask = async (ip: string): Promise<readonly string[] | undefined> =>
    isIpv6(ip) ? undefined : answers(device.name, ip);
  const [claimed, crossed] = await Promise.all([ask(own.addresses[network]), ask(other)]);
  return {
    ...device,
    ...(claimed === undefined ? {} : { claimed: claimed.filter((mac) => mac !== device.mac) }),
    ...(crossed === undefined ? {} : { crossed }),
  };
}

/** MACs that answered for an address; undefined where arping(8) is missing. */
async function answers(device: string, ip: string): Promise<readonly string[] | undefined> {
  const { code, out } = await tool('arping', ['-D', '-c', '2', '-w', '2', '-I', device, ip]);
  if (code === undefined || code > 1) return undefined;
  return [...new Set([...out.matchAll(/\[([0-9A-F:]{17})\]/gi)].map(([, mac = '']) => mac.toLowerCase()))];
}

/** ip-sysctl: of `all` and the device's own the greater one holds. */
function settingOf(device: string, key: string): [string, number][] {
  try {
    const values = ['all', device].map((name) =>
      Number(readFileSync(`/proc/sys/net/ipv4/conf/${name}/${key}`, 'latin1')),
    );
    return [[`${device}.${key}`, Math.max(...values)]];
  } catch {
    return [];
  }
}
