import { ByteReader, fail, formatIpv4, type Ipv4, ok, parseIpv4, type Result, unwrap } from '@softset/base';

/**
 * Options of DHCP (RFC 2132) as code → value, in the order in which they first appeared. What we do not know is kept as
 * it came, so that it can be echoed. A value may be longer than 255 bytes: its parts were put together (RFC 3396 §7).
 */
export type Options = ReadonlyMap<number, Uint8Array>;

export const OPTION = {
  pad: 0,
  subnetMask: 1,
  routers: 3,
  dns: 6,
  hostName: 12,
  domain: 15,
  mtu: 26,
  broadcastAddress: 28,
  ntp: 42,
  vendor: 43,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverId: 54,
  parameterList: 55,
  message: 56,
  maxMessageSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientId: 61,
  tftpServer: 66,
  bootFile: 67,
  relayAgent: 82,
  clientArchitecture: 93,
  end: 255,
} as const;

/** Where options lie in a message, in the order in which the parts of one value follow each other (RFC 3396 §5). */
export type Area = 'options' | 'file' | 'sname';

export type OptionsError = 'DHCP_OPTION_TRUNCATED';

/**
 * Reads one area after another into `into`. A missing end is forgiven: clients exist that leave it out. Memory is
 * bounded by the message: each byte is copied at most once more for each part that its option has.
 */
export function readOptions(area: Uint8Array, into: Map<number, Uint8Array[]>): Result<void, OptionsError> {
  const reader = new ByteReader(area);
  while (reader.remaining > 0) {
    const code = reader.u8();
    if (code === OPTION.pad) continue;
    if (code === OPTION.end) break;
    const length = reader.u8();
    if (!reader.ok || length > reader.remaining) {
      return fail('DHCP_OPTION_TRUNCATED', `option ${code} says ${length} bytes, and ${reader.remaining} are left`);
    }
    const parts = into.get(code);
    const part = reader.bytes(length);
    if (parts === undefined) into.set(code, [part]);
    else parts.push(part);
  }
  return ok(undefined);
}

export function joinParts(parts: ReadonlyMap<number, readonly Uint8Array[]>): Options {
  const joined = new Map<number, Uint8Array>();
  for (const [code, list] of parts) {
    const value = new Uint8Array(list.reduce((bytes, part) => bytes + part.length, 0));
    let at = 0;
    for (const part of list) {
      value.set(part, at);
      at += part.length;
    }
    joined.set(code, value);
  }
  return joined;
}

const PART_BYTES_MAX = 255;

export interface Layout {
  readonly areas: Readonly<Record<Area, Uint8Array>>;
  /** Value for option 52; 0 where neither `file` nor `sname` is used. */
  readonly overload: number;
  /** Codes that found no room, the least wanted last. */
  readonly left: readonly number[];
}

/**
 * Lays options out: into the options area first, then into `file` and `sname` where those are free (RFC 2132 §9.3). An
 * option that does not fit whole is left out and the next is tried: give the most wanted first. The relay's option goes
 * last and never into the other areas (RFC 3046 §2.2: relays look for it at the end). Room for the end, and for option
 * 52 where it may be needed, is kept free.
 */
export function layOut(options: Options, bytesMax: number, free: readonly ('file' | 'sname')[]): Layout {
  const relay = options.get(OPTION.relayAgent);
  const reserved = 1 + (relay === undefined ? 0 : relay.length + 2 * partCount(relay)) + (free.length > 0 ? 3 : 0);
  const room: Record<Area, number> = {
    options: bytesMax - reserved,
    file: free.includes('file') ? 127 : 0,
    sname: free.includes('sname') ? 63 : 0,
  };
  const written: Record<Area, number[]> = { options: [], file: [], sname: [] };
  const left: number[] = [];
  const order: readonly Area[] = ['options', 'file', 'sname'];
  for (const [code, value] of options) {
    if (code === OPTION.relayAgent || code === OPTION.overload || code === OPTION.pad || code === OPTION.end) continue;
    const plan: { area: Area; part: Uint8Array }[] = [];
    const taken: Record<Area, number> = { options: 0, file: 0, sname: 0 };
    let from = 0;
    for (const part of partsOf(value)) {
      while (from < order.length && room[order[from] as Area] - taken[order[from] as Area] < part.length + 2) from++;
      const area = order[from];
      if (area === undefined) break;
      taken[area] += part.length + 2;
      plan.push({ area, part });
    }
    if (plan.length < partCount(value)) {
      left.push(code);
      continue;
    }
    for (const { area, part } of plan) {
      room[area] -= part.length + 2;
      written[area].push(code, part.length, ...part);
    }
  }
  const overload = (written.file.length > 0 ? 1 : 0) + (written.sname.length > 0 ? 2 : 0);
  if (overload > 0) written.options.unshift(OPTION.overload, 1, overload);
  if (relay !== undefined) {
    if (bytesMax >= reserved) for (const part of partsOf(relay)) written.options.push(82, part.length, ...part);
    else left.push(OPTION.relayAgent);
  }
  const close = (area: Area): Uint8Array =>
    area === 'options' || written[area].length > 0 ? Uint8Array.of(...written[area], OPTION.end) : new Uint8Array();
  return { areas: { options: close('options'), file: close('file'), sname: close('sname') }, overload, left };
}

function partCount(value: Uint8Array): number {
  return Math.max(1, Math.ceil(value.length / PART_BYTES_MAX));
}

function partsOf(value: Uint8Array): Uint8Array[] {
  return Array.from({ length: partCount(value) }, (_, i) =>
    value.subarray(i * PART_BYTES_MAX, (i + 1) * PART_BYTES_MAX),
  );
}

/** One address; undefined where the option is missing or has another length. */
export function optionIp(options: Options, code: number): Ipv4 | undefined {
  const value = options.get(code);
  return value?.length === 4 ? formatIpv4(value) : undefined;
}

export function optionU16(options: Options, code: number): number | undefined {
  const value = options.get(code);
  return value?.length === 2 ? ((value[0] ?? 0) << 8) | (value[1] ?? 0) : undefined;
}

export function ipBytes(...ips: readonly Ipv4[]): Uint8Array {
  return Uint8Array.from(ips.flatMap((ip) => [...unwrap(parseIpv4(ip))]));
}

export function u32Bytes(value: number): Uint8Array {
  return Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** Latin-1: what people write into these options, and each byte of what comes in is kept. */
export function textBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0xff);
}

export function bytesText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
