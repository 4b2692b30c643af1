import { fail, formatMac, type Mac, ok, parseMac, type Result } from '@softset/base';
import type { NetlinkMessage } from './netlink-message.js';
import {
  attribute,
  attributeText,
  attributeU32,
  decodeAttributes,
  nested,
  readText,
  readU32,
} from './netlink-message.js';

/** The objects "link" of rtnetlink(7), <linux/if_link.h>. Pure. */
export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
const HEADER_BYTES = 16;
const IFF_UP = 0x1;
const IFF_LOWER_UP = 0x10000;
const IFLA = { address: 1, name: 3, mtu: 4, parent: 5, info: 18 } as const;
const IFLA_INFO = { kind: 1, data: 2 } as const;

export interface Link {
  readonly index: number;
  readonly name: string;
  /** All zero for a loopback; empty for devices without Ethernet addresses. */
  readonly mac: Mac;
  /** Switched on by the administrator (IFF_UP). */
  readonly up: boolean;
  /** Switched on, and the wire is live (IFF_LOWER_UP). */
  readonly carrier: boolean;
  readonly mtu: number;
  /** `veth`, `bridge`, `macvlan`…; absent for real hardware. */
  readonly kind?: string;
  /** Index of the device below a macvlan, or of a veth's other end. */
  readonly parent?: number;
}

/** MACVLAN_MODE_*, <linux/if_link.h>. */
const macvlanModes = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const;
export type MacvlanMode = keyof typeof macvlanModes;

export interface Macvlan {
  readonly name: string;
  readonly parent: string;
  readonly mac: Mac;
  readonly mode: MacvlanMode;
}

/** struct ifinfomsg. `change` is the mask of flags to set. */
export function linkHeader(index = 0, flags = 0, change = 0): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setInt32(4, index, true);
  view.setUint32(8, flags, true);
  view.setUint32(12, change, true);
  return header;
}

export function linkUpHeader(index: number, up: boolean): Uint8Array {
  return linkHeader(index, up ? IFF_UP : 0, IFF_UP);
}

export function linkName(name: string): Result<Uint8Array> {
  // IFNAMSIZ is 16 with the closing zero.
  const good = /^[^\s/]{1,15}$/.test(name) && new TextEncoder().encode(name).length <= 15;
  return good ? ok(attributeText(IFLA.name, name)) : fail('EINVAL', `"${name}" is not a device's name`);
}

/** The parts of RTM_NEWLINK that make a macvlan, down, above the device with index `parent`. */
export function macvlanParts(macvlan: Macvlan, parent: number): Result<Uint8Array[]> {
  const mac = parseMac(macvlan.mac);
  if (!mac.ok) return mac;
  const name = linkName(macvlan.name);
  if (!name.ok) return name;
  const mode = attributeU32(1, macvlanModes[macvlan.mode]);
  const info = nested(IFLA.info, attributeText(IFLA_INFO.kind, 'macvlan'), nested(IFLA_INFO.data, mode));
  return ok([linkHeader(), name.value, attribute(IFLA.address, mac.value), attributeU32(IFLA.parent, parent), info]);
}

/** Undefined for other messages and for one that is cut. */
export function decodeLink(message: NetlinkMessage): Link | undefined {
  const { type, payload } = message;
  if ((type !== RTM_NEWLINK && type !== RTM_DELLINK) || payload.length < HEADER_BYTES) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const attributes = decodeAttributes(payload.subarray(HEADER_BYTES));
  const name = readText(attributes.get(IFLA.name));
  if (name === undefined) return undefined;
  const flags = view.getUint32(8, true);
  const mac = attributes.get(IFLA.address);
  const kind = readText(decodeAttributes(attributes.get(IFLA.info) ?? new Uint8Array()).get(IFLA_INFO.kind));
  const parent = readU32(attributes.get(IFLA.parent));
  return {
    index: view.getInt32(4, true),
    name,
    mac: mac?.length === 6 ? formatMac(mac) : '',
    up: (flags & IFF_UP) !== 0,
    carrier: (flags & IFF_LOWER_UP) !== 0,
    mtu: readU32(attributes.get(IFLA.mtu)) ?? 0,
    ...(kind === undefined ? {} : { kind }),
    ...(parent === undefined ? {} : { parent }),
  };
}
