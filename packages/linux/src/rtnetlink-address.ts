import { fail, formatIp, type Ip, ok, parseIp, type Result } from '@softset/base';
import { AF_INET, AF_INET6 } from './libc.js';
import { attribute, attributeU32, decodeAttributes, type NetlinkMessage, readU32 } from './netlink-message.js';

/** The objects "address" of rtnetlink(7), <linux/if_addr.h>. Pure. */
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
export const RTM_GETADDR = 22;
const HEADER_BYTES = 8;
const IFA = { address: 1, local: 2, cacheInfo: 6, flags: 8 } as const;
const IFA_F = { noDad: 0x02, dadFailed: 0x08, tentative: 0x40, noPrefixRoute: 0x200 } as const;
/** INFINITY_LIFE_TIME. */
const FOR_EVER = 0xffff_ffff;

export interface AddressName {
  readonly device: string;
  readonly ip: Ip;
  readonly prefixLength: number;
}

export interface NewAddress extends AddressName {
  /** The kernel deletes the address by itself after this many whole seconds; absent: never. */
  readonly validSeconds?: number;
  /** No route to the prefix comes with the address. */
  readonly noPrefixRoute?: boolean;
  /** No duplicate detection (IPv6): usable at once. */
  readonly noDad?: boolean;
  /** Where the address is there already, its lifetime and flags are set anew. Default false: `EEXIST`. */
  readonly replace?: boolean;
}

export interface Address {
  readonly index: number;
  readonly ip: Ip;
  readonly prefixLength: number;
  /** Seconds left; absent: for ever. */
  readonly validSeconds?: number;
  readonly tentative: boolean;
  readonly dadFailed: boolean;
}

/** The parts of RTM_NEWADDR and RTM_DELADDR: struct ifaddrmsg and attributes. */
export function addressParts(address: NewAddress, index: number): Result<Uint8Array[]> {
  const ip = parseIp(address.ip);
  if (!ip.ok) return ip;
  const { prefixLength, validSeconds } = address;
  if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > ip.value.length * 8) {
    return fail('EINVAL', `${address.ip}/${prefixLength}: the prefix length must lie in 0 to ${ip.value.length * 8}`);
  }
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = ip.value.length === 4 ? AF_INET : AF_INET6;
  header[1] = prefixLength;
  new DataView(header.buffer).setUint32(4, index, true);
  const flags = (address.noDad === true ? IFA_F.noDad : 0) | (address.noPrefixRoute === true ? IFA_F.noPrefixRoute : 0);
  const parts = [header, attribute(IFA.local, ip.value), attribute(IFA.address, ip.value)];
  if (flags !== 0) parts.push(attributeU32(IFA.flags, flags));
  if (validSeconds !== undefined) {
    if (!Number.isInteger(validSeconds) || validSeconds < 1 || validSeconds >= FOR_EVER) {
      return fail('EINVAL', `${address.ip}: validSeconds is ${validSeconds}, and must be a whole number from 1`);
    }
    // struct ifa_cacheinfo: preferred, valid, and two stamps that the kernel alone writes.
    parts.push(attribute(IFA.cacheInfo, new Uint8Array(new Uint32Array([validSeconds, validSeconds, 0, 0]).buffer)));
  }
  return ok(parts);
}

/** Undefined for other messages and for one that is cut. */
export function decodeAddress(message: NetlinkMessage): Address | undefined {
  const { type, payload } = message;
  if ((type !== RTM_NEWADDR && type !== RTM_DELADDR) || payload.length < HEADER_BYTES) return undefined;
  const attributes = decodeAttributes(payload.subarray(HEADER_BYTES));
  // IPv4 has both, and the local one is ours; IPv6 has the second alone.
  const ip = attributes.get(IFA.local) ?? attributes.get(IFA.address);
  const bytes = payload[0] === AF_INET ? 4 : payload[0] === AF_INET6 ? 16 : -1;
  if (ip?.length !== bytes) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const flags = readU32(attributes.get(IFA.flags)) ?? payload[2] ?? 0;
  const validSeconds = readU32(attributes.get(IFA.cacheInfo)?.subarray(4)) ?? FOR_EVER;
  return {
    index: view.getUint32(4, true),
    ip: formatIp(ip),
    prefixLength: payload[1] ?? 0,
    ...(validSeconds === FOR_EVER ? {} : { validSeconds }),
    tentative: (flags & IFA_F.tentative) !== 0,
    dadFailed: (flags & IFA_F.dadFailed) !== 0,
  };
}
