import { inPrefix, isIpv6, parsePrefix, unwrap } from '@softset/base';
import type { Cluster, Network } from '@softset/protocol';
import { igmpProgram } from '../programs-beside.js';
import type { DeviceFact } from './facts.js';
import { tool } from './tool.js';

/** Switches flood it whoever is a member (RFC 4541 §2.1.2), so that no querier is needed. */
const LOCAL_CONTROL = unwrap(parsePrefix('224.0.0.0/24'));

/** Whether beats on this network depend on a querier: where switches snoop IGMP, they forget the group without one. */
export function needsQuerier(cluster: Cluster | undefined, network: Network): boolean {
  const group = cluster?.networks[network].multicast;
  return group !== undefined && !isIpv6(group) && !inPrefix(group, LOCAL_CONTROL);
}

/** Listens for some seconds, having left a group that nobody uses: a querier asks who is left of it. */
export async function withQueriers(device: DeviceFact, address: string): Promise<DeviceFact> {
  if (!device.up || !device.carrier || !device.multicast || !device.addresses.includes(address)) return device;
  const { code, out } = await tool(process.execPath, [igmpProgram, '--device', device.name, '--address', address]);
  try {
    return code === 0 ? { ...device, queriers: JSON.parse(out) as readonly string[] } : device;
  } catch {
    return device;
  }
}
