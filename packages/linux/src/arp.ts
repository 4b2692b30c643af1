import {
  ByteReader,
  ByteWriter,
  fail,
  formatIpv4,
  formatMac,
  type Ipv4,
  type Mac,
  ok,
  parseIpv4,
  parseMac,
  type Result,
  unwrap,
} from '@softset/base';

/** ARP over Ethernet (RFC 826) and RARP (RFC 903). Pure: no socket is touched here. */
export type ArpOperation = 'request' | 'reply' | 'reverse-request' | 'reverse-reply';

export interface ArpPacket {
  readonly operation: ArpOperation;
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  readonly targetMac: Mac;
  readonly targetIp: Ipv4;
}

export interface ArpFrame extends ArpPacket {
  /** Where the Ethernet frame goes; without it a reply goes to the target and everything else to all. */
  readonly destination?: Mac;
}

export const BROADCAST_MAC: Mac = 'ff:ff:ff:ff:ff:ff';
export const ZERO_MAC: Mac = '00:00:00:00:00:00';

/** Wire values in order from 1: RFC 826, RFC 903. */
const operations: readonly ArpOperation[] = ['request', 'reply', 'reverse-request', 'reverse-reply'];
const ETH_P_ARP = 0x0806;
const ETH_P_RARP = 0x8035;
const HARDWARE_ETHERNET = 1;
const PROTOCOL_IPV4 = 0x0800;
/** The header of Ethernet (14), the packet (28), and zeros up to the least frame without checksum (IEEE 802.3 §3.2.8). */
const FRAME_BYTES = 60;

/** A whole Ethernet frame of 60 bytes. Addresses must be valid: a wrong one throws, since the caller made it. */
export function encodeArp(arp: ArpFrame): Uint8Array {
  const reverse = arp.operation.startsWith('reverse');
  const destination = arp.destination ?? (arp.operation === 'reply' ? arp.targetMac : BROADCAST_MAC);
  const frame = new Uint8Array(FRAME_BYTES);
  new ByteWriter(frame)
    .bytes(unwrap(parseMac(destination)))
    .bytes(unwrap(parseMac(arp.senderMac)))
    .u16(reverse ? ETH_P_RARP : ETH_P_ARP)
    .u16(HARDWARE_ETHERNET)
    .u16(PROTOCOL_IPV4)
    .u8(6)
    .u8(4)
    .u16(operations.indexOf(arp.operation) + 1)
    .bytes(unwrap(parseMac(arp.senderMac)))
    .bytes(unwrap(parseIpv4(arp.senderIp)))
    .bytes(unwrap(parseMac(arp.targetMac)))
    .bytes(unwrap(parseIpv4(arp.targetIp)));
  return frame;
}

/** Anything may arrive: errors are `ARP_TRUNCATED` and `ARP_FOREIGN` (not ARP, or not IPv4 over Ethernet). */
export function decodeArp(frame: Uint8Array): Result<ArpPacket, 'ARP_TRUNCATED' | 'ARP_FOREIGN'> {
  const reader = new ByteReader(frame);
  reader.bytes(12);
  const etherType = reader.u16();
  const hardware = reader.u16();
  const protocol = reader.u16();
  const lengths = reader.u16();
  const operation = operations[reader.u16() - 1];
  const senderMac = formatMac(reader.bytes(6));
  const senderIp = formatIpv4(reader.bytes(4));
  const targetMac = formatMac(reader.bytes(6));
  const targetIp = formatIpv4(reader.bytes(4));
  if (!reader.ok) return fail('ARP_TRUNCATED', `${frame.length} bytes are too few for an ARP frame (42)`);
  const known = (etherType === ETH_P_ARP || etherType === ETH_P_RARP) && operation !== undefined;
  if (!known || hardware !== HARDWARE_ETHERNET || protocol !== PROTOCOL_IPV4 || lengths !== 0x0604) {
    return fail('ARP_FOREIGN', 'the frame is not ARP for IPv4 over Ethernet');
  }
  return ok({ operation, senderMac, senderIp, targetMac, targetIp });
}

/**
 * Tells a segment that `ip` is now at `mac`. Both forms, since hosts differ in which of them they believe: an
 * announcement (RFC 5227 §3, a request for oneself) and an unasked reply to all.
 */
export function gratuitousArp(mac: Mac, ip: Ipv4): { readonly request: Uint8Array; readonly reply: Uint8Array } {
  const self = { senderMac: mac, senderIp: ip, targetIp: ip, destination: BROADCAST_MAC };
  return {
    request: encodeArp({ operation: 'request', targetMac: ZERO_MAC, ...self }),
    reply: encodeArp({ operation: 'reply', targetMac: BROADCAST_MAC, ...self }),
  };
}

/** A probe (RFC 5227 §2.1.1) asks who has `ip` without teaching anyone an address: the sender's is zero. */
export function arpProbe(mac: Mac, ip: Ipv4): Uint8Array {
  return encodeArp({
    operation: 'request',
    senderMac: mac,
    senderIp: '0.0.0.0',
    targetMac: ZERO_MAC,
    targetIp: ip,
  });
}

/** Teaches switches where `mac` now is, with no word about an IP address: a RARP request of it for itself (RFC 903). */
export function rarpAnnounce(mac: Mac): Uint8Array {
  return encodeArp({
    operation: 'reverse-request',
    senderMac: mac,
    senderIp: '0.0.0.0',
    targetMac: mac,
    targetIp: '0.0.0.0',
  });
}
