import {
  ByteReader,
  ByteWriter,
  fail,
  formatIpv6,
  formatMac,
  type Ipv6,
  type Mac,
  ok,
  parseIpv6,
  parseMac,
  type Result,
  unwrap,
} from '@softset/base';

/** Neighbour discovery for IPv6 over Ethernet (RFC 4861, RFC 2464). Pure: no socket is touched here. */
export interface Solicitation {
  readonly kind: 'solicitation';
  /** `::` for a probe that teaches nobody an address (RFC 4862 §5.4.2). */
  readonly source: Ipv6;
  readonly target: Ipv6;
  /** The sender's address as it says it; absent in a probe. */
  readonly mac?: Mac;
}

export interface Advertisement {
  readonly kind: 'advertisement';
  readonly source: Ipv6;
  readonly target: Ipv6;
  readonly mac?: Mac;
  readonly router: boolean;
  /** An answer, as against an unasked announcement. */
  readonly solicited: boolean;
  readonly override: boolean;
}

export type NdpPacket = Solicitation | Advertisement;
export type NdpError = 'NDP_TRUNCATED' | 'NDP_FOREIGN' | 'NDP_CHECKSUM';

const ETH_P_IPV6 = 0x86dd;
const ICMPV6 = 58;
const TYPE = { solicitation: 135, advertisement: 136 } as const;
/** RFC 4861 §7.1: a packet that a router has passed on has less, and is refused. */
const HOP_LIMIT = 255;
const FLAG = { router: 0x80, solicited: 0x40, override: 0x20 } as const;
/** Options: 1 the source's, 2 the target's link-layer address (§4.6.1); lengths count 8 bytes. */
const OPTION = { solicitation: 1, advertisement: 2 } as const;
const ETHERNET_BYTES = 14;
const IPV6_BYTES = 40;
const MESSAGE_BYTES = 24;
export const ALL_NODES: Ipv6 = 'ff02::1';

/** ff02::1:ffXX:XXXX (RFC 4291 §2.7.1). */
export function solicitedNode(target: Ipv6): Ipv6 {
  const bytes = new Uint8Array(16);
  bytes.set([0xff, 0x02]);
  bytes.set([1, 0xff], 11);
  bytes.set(unwrap(parseIpv6(target)).subarray(13), 13);
  return formatIpv6(bytes);
}

/** 33:33 and the last four bytes of the group (RFC 2464 §7). */
export function multicastMac(group: Ipv6): Mac {
  return formatMac(Uint8Array.from([0x33, 0x33, ...unwrap(parseIpv6(group)).subarray(12)]));
}

/** Asks for `target`, from `mac`. Without a `source` it is a probe. Addresses must be valid: a wrong one throws. */
export function neighbourSolicitation(mac: Mac, target: Ipv6, source: Ipv6 = '::'): Uint8Array {
  const group = solicitedNode(target);
  const option = source === '::' ? undefined : mac;
  return frame(mac, multicastMac(group), source, group, message('solicitation', 0, target, option));
}

/** Tells everybody on the link that `target` is now at `mac`, and to believe it (override; RFC 4861 §7.2.6). */
export function unsolicitedAdvertisement(mac: Mac, target: Ipv6, router = false): Uint8Array {
  const flags = FLAG.override | (router ? FLAG.router : 0);
  return frame(mac, multicastMac(ALL_NODES), target, ALL_NODES, message('advertisement', flags, target, mac));
}

function message(kind: keyof typeof TYPE, flags: number, target: Ipv6, mac: Mac | undefined): Uint8Array {
  const bytes = new Uint8Array(MESSAGE_BYTES + (mac === undefined ? 0 : 8));
  const writer = new ByteWriter(bytes).u8(TYPE[kind]).u8(0).u16(0).u8(flags).u8(0).u16(0);
  writer.bytes(unwrap(parseIpv6(target)));
  if (mac !== undefined)
    writer
      .u8(OPTION[kind])
      .u8(1)
      .bytes(unwrap(parseMac(mac)));
  return bytes;
}

function frame(from: Mac, to: Mac, source: Ipv6, destination: Ipv6, icmp: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(ETHERNET_BYTES + IPV6_BYTES + icmp.length);
  new ByteWriter(bytes)
    .bytes(unwrap(parseMac(to)))
    .bytes(unwrap(parseMac(from)))
    .u16(ETH_P_IPV6)
    .u32(0x6000_0000)
    .u16(icmp.length)
    .u8(ICMPV6)
    .u8(HOP_LIMIT)
    .bytes(unwrap(parseIpv6(source)))
    .bytes(unwrap(parseIpv6(destination)))
    .bytes(icmp);
  const at = ETHERNET_BYTES + IPV6_BYTES + 2;
  new DataView(bytes.buffer).setUint16(at, checksum(bytes, icmp.length));
  return bytes;
}

/** RFC 4443 §2.3 over the pseudo header of RFC 8200 §8.1; 0 when the checksum inside is right. */
function checksum(bytes: Uint8Array, icmpBytes: number): number {
  let sum = icmpBytes + ICMPV6;
  // Addresses and message stand in a row in the frame. An odd last byte counts as the upper half.
  const from = ETHERNET_BYTES + 8;
  const to = ETHERNET_BYTES + IPV6_BYTES + icmpBytes;
  for (let at = from; at < to; at += 2) sum += ((bytes[at] ?? 0) << 8) | (at + 1 < to ? (bytes[at + 1] ?? 0) : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Anything may arrive: cut, foreign and wrongly summed frames are told apart, and nothing throws. */
export function decodeNdp(bytes: Uint8Array): Result<NdpPacket, NdpError> {
  const reader = new ByteReader(bytes);
  reader.bytes(12);
  const etherType = reader.u16();
  const version = reader.u32() >>> 28;
  const length = reader.u16();
  const next = reader.u8();
  const hopLimit = reader.u8();
  const source = formatIpv6(reader.bytes(16));
  reader.bytes(16);
  const type = reader.u8();
  const code = reader.u8();
  reader.u16();
  const flags = reader.u8();
  reader.bytes(3);
  const target = formatIpv6(reader.bytes(16));
  const end = ETHERNET_BYTES + IPV6_BYTES + length;
  if (!reader.ok || bytes.length < end) return fail('NDP_TRUNCATED', `${bytes.length} bytes are too few`);
  const kind = type === TYPE.solicitation ? 'solicitation' : type === TYPE.advertisement ? 'advertisement' : undefined;
  const ndp = etherType === ETH_P_IPV6 && version === 6 && next === ICMPV6 && hopLimit === HOP_LIMIT && code === 0;
  if (!ndp || kind === undefined || length < MESSAGE_BYTES) return fail('NDP_FOREIGN', 'not neighbour discovery');
  if (checksum(bytes, length) !== 0) return fail('NDP_CHECKSUM', 'the ICMPv6 checksum is wrong');
  const mac = macOption(bytes.subarray(ETHERNET_BYTES + IPV6_BYTES + MESSAGE_BYTES, end), OPTION[kind]);
  const common = { source, target, ...(mac === undefined ? {} : { mac }) };
  if (kind === 'solicitation') return ok({ kind, ...common });
  const [router, solicited, override] = [FLAG.router, FLAG.solicited, FLAG.override].map(
    (flag) => (flags & flag) !== 0,
  );
  return ok({ kind, ...common, router: router === true, solicited: solicited === true, override: override === true });
}

/** Options are type, length in units of 8 bytes, value; a length of 0 ends the reading (RFC 4861 §4.6). */
function macOption(options: Uint8Array, wanted: number): Mac | undefined {
  for (let at = 0; at + 8 <= options.length; ) {
    const length = (options[at + 1] ?? 0) * 8;
    if (length === 0 || at + length > options.length) return undefined;
    if (options[at] === wanted) return formatMac(options.subarray(at + 2, at + 8));
    at += length;
  }
  return undefined;
}
