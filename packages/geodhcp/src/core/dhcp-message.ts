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
import {
  bytesText,
  joinParts,
  layOut,
  OPTION,
  type Options,
  type OptionsError,
  readOptions,
  textBytes,
} from './dhcp-options.js';

/** RFC 2132 §9.6. */
export const TYPE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

/** A message of BOOTP (RFC 951) or DHCP (RFC 2131 §2). Addresses that are not set are 0.0.0.0. */
export interface DhcpMessage {
  readonly op: 'request' | 'reply';
  readonly hops: number;
  readonly xid: number;
  readonly secs: number;
  /** All 16 bits: the highest asks for a broadcast answer (RFC 2131 §4.1), the others must be zero and are kept. */
  readonly flags: number;
  readonly ciaddr: Ipv4;
  readonly yiaddr: Ipv4;
  readonly siaddr: Ipv4;
  readonly giaddr: Ipv4;
  readonly chaddr: Mac;
  /** Latin-1, up to the first zero; empty where options lie there. */
  readonly sname: string;
  readonly file: string;
  /** Empty for BOOTP without the cookie. */
  readonly options: Options;
}

export const ANY: Ipv4 = '0.0.0.0';
export const BROADCAST_FLAG = 0x8000;
const COOKIE = 0x63825363;
const HEADER_BYTES = 236;
const SNAME_BYTES = 64;
const FILE_BYTES = 128;
const ETHERNET = 1;
/** Old relays and clients drop shorter ones (RFC 951 §3, RFC 1542 §2.1). */
const MESSAGE_BYTES_MIN = 300;

export type DhcpError = 'DHCP_TRUNCATED' | 'DHCP_FOREIGN' | OptionsError;

/**
 * Anything may arrive. Errors: `DHCP_TRUNCATED`, `DHCP_FOREIGN` (not Ethernet, or neither question nor answer),
 * `DHCP_OPTION_TRUNCATED`. Pad bytes may stand anywhere between options (RFC 2132 §3.1).
 */
export function decodeDhcp(bytes: Uint8Array): Result<DhcpMessage, DhcpError> {
  const reader = new ByteReader(bytes);
  const op = reader.u8();
  const hardware = reader.u8();
  const hardwareBytes = reader.u8();
  const hops = reader.u8();
  const xid = reader.u32();
  const secs = reader.u16();
  const flags = reader.u16();
  const [ciaddr, yiaddr, siaddr, giaddr] = [0, 0, 0, 0].map(() => formatIpv4(reader.bytes(4))) as [
    Ipv4,
    Ipv4,
    Ipv4,
    Ipv4,
  ];
  const chaddr = formatMac(reader.bytes(16));
  const sname = reader.bytes(SNAME_BYTES);
  const file = reader.bytes(FILE_BYTES);
  if (!reader.ok) return fail('DHCP_TRUNCATED', `${bytes.length} bytes are too few for DHCP (${HEADER_BYTES})`);
  if (hardware !== ETHERNET || hardwareBytes !== 6 || (op !== 1 && op !== 2)) {
    return fail('DHCP_FOREIGN', `operation ${op} for hardware of type ${hardware} with ${hardwareBytes} bytes`);
  }
  const parts = new Map<number, Uint8Array[]>();
  const cookie = reader.remaining >= 4 && reader.u32() === COOKIE;
  let overload = 0;
  if (cookie) {
    const read = readOptions(reader.bytes(reader.remaining), parts);
    if (!read.ok) return read;
    // Only the options area may say so, and only with 1, 2 or 3 (RFC 2132 §9.3).
    const said = parts.get(OPTION.overload)?.[0];
    overload = said?.length === 1 ? (said[0] ?? 0) & 3 : 0;
    parts.delete(OPTION.overload);
    for (const area of [...(overload & 1 ? [file] : []), ...(overload & 2 ? [sname] : [])]) {
      const more = readOptions(area, parts);
      if (!more.ok) return more;
    }
    parts.delete(OPTION.overload);
  }
  return ok({
    op: op === 1 ? 'request' : 'reply',
    hops,
    xid,
    secs,
    flags,
    ciaddr,
    yiaddr,
    siaddr,
    giaddr,
    chaddr,
    sname: overload & 2 ? '' : text(sname),
    file: overload & 1 ? '' : text(file),
    options: joinParts(parts),
  });
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return bytesText(end < 0 ? field : field.subarray(0, end));
}

/**
 * Bytes of a message, at most `bytesMax` (RFC 2131 §2: 548 is what every client takes) and at least 300. Options that
 * find no room are named in `left`. Addresses must be valid: a wrong one throws, since the caller made it.
 */
export function encodeDhcp(
  message: DhcpMessage,
  bytesMax = 548,
): { readonly bytes: Uint8Array; readonly left: readonly number[] } {
  const free = [
    ...(message.file === '' ? (['file'] as const) : []),
    ...(message.sname === '' ? (['sname'] as const) : []),
  ];
  const bare = message.options.size === 0;
  const { areas, left } = layOut(message.options, bytesMax - HEADER_BYTES - 4, free);
  const options = bare ? new Uint8Array() : areas.options;
  const bytes = new Uint8Array(Math.max(MESSAGE_BYTES_MIN, HEADER_BYTES + 4 + options.length));
  const writer = new ByteWriter(bytes)
    .u8(message.op === 'request' ? 1 : 2)
    .u8(ETHERNET)
    .u8(6)
    .u8(message.hops)
    .u32(message.xid)
    .u16(message.secs)
    .u16(message.flags);
  for (const ip of [message.ciaddr, message.yiaddr, message.siaddr, message.giaddr])
    writer.bytes(unwrap(parseIpv4(ip)));
  writer.bytes(unwrap(parseMac(message.chaddr))).bytes(new Uint8Array(10));
  writer.bytes(field(areas.sname.length > 0 ? areas.sname : textBytes(message.sname), SNAME_BYTES));
  writer.bytes(field(areas.file.length > 0 ? areas.file : textBytes(message.file), FILE_BYTES));
  if (!bare) writer.u32(COOKIE).bytes(options);
  return { bytes, left };
}

function field(value: Uint8Array, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  out.set(value.subarray(0, bytes));
  return out;
}

/** The type of a DHCP message; undefined for BOOTP. */
export function messageType(message: DhcpMessage): number | undefined {
  const value = message.options.get(OPTION.messageType);
  return value?.length === 1 ? value[0] : undefined;
}
