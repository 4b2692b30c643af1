import type { Ipv4 } from '@softset/base';

/** A membership query (RFC 2236 §2, RFC 3376 §4.1): only queriers send them. */
export interface IgmpQuery {
  readonly from: Ipv4;
  /** 0.0.0.0: a general query. */
  readonly group: Ipv4;
}

const ETHERNET_BYTES = 14;
const IPV4_BYTES_MIN = 20;
const IGMP_BYTES_MIN = 8;
const IGMP = 2;
const MEMBERSHIP_QUERY = 0x11;
const ETH_P_IP = 0x0800;

/** Pure. An Ethernet frame off the wire, whoever made it; undefined where it holds no query. */
export function decodeIgmpQuery(frame: Uint8Array): IgmpQuery | undefined {
  if (frame.length < ETHERNET_BYTES + IPV4_BYTES_MIN + IGMP_BYTES_MIN) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint16(12) !== ETH_P_IP) return undefined;
  const ip = ETHERNET_BYTES;
  const header = (view.getUint8(ip) & 0x0f) * 4;
  if (view.getUint8(ip) >> 4 !== 4 || header < IPV4_BYTES_MIN || view.getUint8(ip + 9) !== IGMP) return undefined;
  // A fragment would have no header of its own (RFC 791 §3.1).
  if ((view.getUint16(ip + 6) & 0x1fff) !== 0) return undefined;
  const igmp = ip + header;
  if (igmp + IGMP_BYTES_MIN > frame.length || view.getUint8(igmp) !== MEMBERSHIP_QUERY) return undefined;
  const dotted = (at: number): Ipv4 => [...frame.subarray(at, at + 4)].join('.') as Ipv4;
  return { from: dotted(ip + 12), group: dotted(igmp + 4) };
}
