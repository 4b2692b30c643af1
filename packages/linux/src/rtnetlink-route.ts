import { formatIp, type Ip, ok, parseIp, parsePrefix, type Result } from '@softset/base';
import { AF_INET, AF_INET6 } from './libc.js';
import { attribute, attributeU32, decodeAttributes, type NetlinkMessage, readU32 } from './netlink-message.js';

/** The objects "route" of rtnetlink(7), <linux/rtnetlink.h>. Pure. */
export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;
const HEADER_BYTES = 12;
const RTA = { destination: 1, device: 4, gateway: 5, metric: 6, source: 7, table: 15 } as const;
const RT_TABLE_MAIN = 254;
const RT_SCOPE = { universe: 0, link: 253, nowhere: 255 } as const;
const RTN_UNICAST = 1;
const RTPROT_STATIC = 4;
const RTM_F_CLONED = 0x200;

export interface RouteSpec {
  /** `10.1.1.7`, `10.1.0.0/16`, `2001:db8::/64` or `default` (of the family of `via` or `source`, else IPv4). */
  readonly destination: string;
  readonly via?: Ip;
  readonly device?: string;
  /** The address that this machine then sends from. */
  readonly source?: Ip;
  /** Lower is preferred. Absent: 0 for IPv4, 1024 for IPv6. */
  readonly metric?: number;
  /** Default 254, the main table. */
  readonly table?: number;
  /** Who made the route (rtnetlink(7) rtm_protocol), 4 (static) by default; when deleting, absent is any. */
  readonly protocol?: number;
}

export interface Route {
  readonly family: 'ipv4' | 'ipv6';
  /** Always with its length; `0.0.0.0/0` and `::/0` for the default. */
  readonly destination: string;
  readonly via?: Ip;
  /** Index of the device; absent for a route by several. */
  readonly index?: number;
  readonly source?: Ip;
  readonly metric: number;
  readonly table: number;
  readonly protocol: number;
  /** rtm_type: 1 unicast, 2 local, 3 broadcast, 5 multicast, 6 blackhole, 7 unreachable… */
  readonly type: number;
}

/** The parts of RTM_NEWROUTE and RTM_DELROUTE: struct rtmsg and attributes. */
export function routeParts(
  route: RouteSpec,
  index: number | undefined,
  act: 'replace' | 'delete',
): Result<Uint8Array[]> {
  const { via, source, metric, table = RT_TABLE_MAIN } = route;
  const v6 = (via ?? source ?? '').includes(':');
  const any = v6 ? '::/0' : '0.0.0.0/0';
  const full = route.destination.includes(':') ? 128 : 32;
  const text = route.destination === 'default' ? any : route.destination;
  const prefix = parsePrefix(text.includes('/') ? text : `${text}/${full}`);
  if (!prefix.ok) return prefix;
  const destination = parseIp(prefix.value.ip);
  if (!destination.ok) return destination;
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = destination.value.length === 4 ? AF_INET : AF_INET6;
  header[1] = prefix.value.length;
  header[4] = table < 256 ? table : 0;
  header[5] = route.protocol ?? (act === 'replace' ? RTPROT_STATIC : 0);
  // As ip-route(8) does: a route with no gateway is to the link; nowhere matches any when deleting.
  header[6] = act === 'delete' ? RT_SCOPE.nowhere : via === undefined ? RT_SCOPE.link : RT_SCOPE.universe;
  header[7] = act === 'delete' ? 0 : RTN_UNICAST;
  const parts = [header, attribute(RTA.destination, destination.value), attributeU32(RTA.table, table)];
  for (const [type, ip] of [
    [RTA.gateway, via],
    [RTA.source, source],
  ] as const) {
    if (ip === undefined) continue;
    const bytes = parseIp(ip);
    if (!bytes.ok) return bytes;
    parts.push(attribute(type, bytes.value));
  }
  if (index !== undefined) parts.push(attributeU32(RTA.device, index));
  if (metric !== undefined) parts.push(attributeU32(RTA.metric, metric));
  return ok(parts);
}

/** Undefined for other messages, for one that is cut, and for the cache of IPv6. */
export function decodeRoute(message: NetlinkMessage): Route | undefined {
  const { type, payload } = message;
  if ((type !== RTM_NEWROUTE && type !== RTM_DELROUTE) || payload.length < HEADER_BYTES) return undefined;
  const bytes = payload[0] === AF_INET ? 4 : payload[0] === AF_INET6 ? 16 : 0;
  if (bytes === 0 || (readU32(payload.subarray(8)) ?? 0) & RTM_F_CLONED) return undefined;
  const attributes = decodeAttributes(payload.subarray(HEADER_BYTES));
  const address = (number: number): Ip | undefined => {
    const value = attributes.get(number);
    return value?.length === bytes ? formatIp(value) : undefined;
  };
  const via = address(RTA.gateway);
  const source = address(RTA.source);
  const index = readU32(attributes.get(RTA.device));
  return {
    family: bytes === 4 ? 'ipv4' : 'ipv6',
    destination: `${address(RTA.destination) ?? (bytes === 4 ? '0.0.0.0' : '::')}/${payload[1] ?? 0}`,
    ...(via === undefined ? {} : { via }),
    ...(index === undefined ? {} : { index }),
    ...(source === undefined ? {} : { source }),
    metric: readU32(attributes.get(RTA.metric)) ?? 0,
    table: readU32(attributes.get(RTA.table)) ?? payload[4] ?? 0,
    protocol: payload[5] ?? 0,
    type: payload[7] ?? 0,
  };
}
