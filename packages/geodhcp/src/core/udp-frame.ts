import { ByteWriter, type Ipv4, type Mac, parseIpv4, parseMac, unwrap } from '@softset/base';

/** A client without an address cannot answer ARP: what is sent to it is a whole frame (RFC 2131 §4.1). */
export interface UdpFrame {
  readonly from: { readonly mac: Mac; readonly ip: Ipv4; readonly port: number };
  readonly to: { readonly mac: Mac; readonly ip: Ipv4; readonly port: number };
  readonly payload: Uint8Array;
}

const ETH_P_IP = 0x0800;
const ETHERNET_BYTES = 14;
const IP_BYTES = 20;
const UDP_BYTES = 8;
const PROTOCOL_UDP = 17;

/** Ethernet, IPv4 (RFC 791) and UDP (RFC 768) with both checksums. Addresses must be valid: a wrong one throws. */
export function encodeUdpFrame({ from, to, payload }: UdpFrame): Uint8Array {
  const source = unwrap(parseIpv4(from.ip));
  const destination = unwrap(parseIpv4(to.ip));
  const udpLength = UDP_BYTES + payload.length;
  const frame = new Uint8Array(ETHERNET_BYTES + IP_BYTES + udpLength);
  new ByteWriter(frame)
    .bytes(unwrap(parseMac(to.mac)))
    .bytes(unwrap(parseMac(from.mac)))
    .u16(ETH_P_IP)
    .u16(0x4500)
    .u16(IP_BYTES + udpLength)
    .u16(0) // Identification: atomic datagrams need none (RFC 6864 §4.1).
    .u16(0x4000) // Don't fragment.
    .u8(64)
    .u8(PROTOCOL_UDP)
    .u16(0)
    .bytes(source)
    .bytes(destination)
    .u16(from.port)
    .u16(to.port)
    .u16(udpLength)
    .u16(0)
    .bytes(payload);
  const view = new DataView(frame.buffer);
  const udpAt = ETHERNET_BYTES + IP_BYTES;
  view.setUint16(ETHERNET_BYTES + 10, checksum(frame.subarray(ETHERNET_BYTES, udpAt), 0));
  // The pseudo header: both addresses, the protocol and the length.
  const pseudo = sum(frame.subarray(ETHERNET_BYTES + 12, udpAt)) + PROTOCOL_UDP + udpLength;
  // Zero would say that there is none (RFC 768).
  view.setUint16(udpAt + 6, checksum(frame.subarray(udpAt), pseudo) || 0xffff);
  return frame;
}

function sum(bytes: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < bytes.length; i += 2) total += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  return total;
}

/** RFC 1071. */
function checksum(bytes: Uint8Array, start: number): number {
  let total = start + sum(bytes);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return ~total & 0xffff;
}
