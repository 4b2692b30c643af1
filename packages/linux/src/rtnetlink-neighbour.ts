import { formatIp, formatMac, type Ip, type Mac, ok, parseIp, type Result } from '@softset/base';
import { AF_INET, AF_INET6 } from './libc.js';
import { attribute, decodeAttributes, type NetlinkMessage } from './netlink-message.js';

/** The objects "neigh" of rtnetlink(7), <linux/neighbour.h>: what ARP and neighbour discovery have learned. Pure. */
export const RTM_NEWNEIGH = 28;
export const RTM_DELNEIGH = 29;
export const RTM_GETNEIGH = 30;
const HEADER_BYTES = 12;
const NDA = { destination: 1, mac: 2 } as const;

/** NUD_*. */
const states = {
  0: 'none',
  1: 'incomplete',
  2: 'reachable',
  4: 'stale',
  8: 'delay',
  16: 'probe',
  32: 'failed',
  64: 'no-arp',
  128: 'permanent',
} as const;
export type NeighbourState = (typeof states)[keyof typeof states];

export interface Neighbour {
  readonly index: number;
  readonly ip: Ip;
  /** Absent while nobody answered. */
  readonly mac?: Mac;
  readonly state: NeighbourState;
}

/** The parts of RTM_DELNEIGH and RTM_GETNEIGH: struct ndmsg, and the address when it is about one. */
export function neighbourParts(ip: Ip, index: number): Result<Uint8Array[]> {
  const address = parseIp(ip);
  if (!address.ok) return address;
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = address.value.length === 4 ? AF_INET : AF_INET6;
  new DataView(header.buffer).setInt32(4, index, true);
  return ok([header, attribute(NDA.destination, address.value)]);
}

/** Undefined for other messages (a bridge's forwarding table speaks the same language) and for one that is cut. */
export function decodeNeighbour(message: NetlinkMessage): Neighbour | undefined {
  const { type, payload } = message;
  if ((type !== RTM_NEWNEIGH && type !== RTM_DELNEIGH) || payload.length < HEADER_BYTES) return undefined;
  const bytes = payload[0] === AF_INET ? 4 : payload[0] === AF_INET6 ? 16 : -1;
  const attributes = decodeAttributes(payload.subarray(HEADER_BYTES));
  const ip = attributes.get(NDA.destination);
  if (ip?.length !== bytes) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const mac = attributes.get(NDA.mac);
  const state = view.getUint16(8, true) as keyof typeof states;
  return {
    index: view.getInt32(4, true),
    ip: formatIp(ip),
    ...(mac?.length === 6 ? { mac: formatMac(mac) } : {}),
    state: states[state] ?? 'none',
  };
}
