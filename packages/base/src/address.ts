import { fail, ok, type Result } from './result.js';

/** Addresses are kept as canonical text; bytes are made at the edge. */
export type Ipv4 = string;
export type Ipv6 = string;
export type Ip = string;
export type Mac = string;

export type AddressError = 'ADDRESS_INVALID';

/** Four decimal parts, no leading zeros (RFC 6943 §3.1.1: other forms are read differently by different programs). */
export function parseIpv4(text: string): Result<Uint8Array, AddressError> {
  const parts = text.split('.');
  const bytes = new Uint8Array(4);
  const good =
    parts.length === 4 &&
    parts.every((part, i) => {
      if (!/^(0|[1-9]\d{0,2})$/.test(part)) return false;
      bytes[i] = Number(part);
      return Number(part) <= 255;
    });
  return good ? ok(bytes) : fail('ADDRESS_INVALID', `"${text}" is not an IPv4 address like 192.0.2.1`);
}

export function formatIpv4(bytes: Uint8Array): Ipv4 {
  return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
}

/** RFC 4291 §2.2, with an optional embedded IPv4 tail; no zone. Returns 16 bytes. */
export function parseIpv6(text: string): Result<Uint8Array, AddressError> {
  const bad = fail('ADDRESS_INVALID', `"${text}" is not an IPv6 address like 2001:db8::1`);
  let head = text;
  let tail: number[] = [];
  const dot = text.lastIndexOf(':');
  if (text.includes('.')) {
    const v4 = parseIpv4(text.slice(dot + 1));
    if (!v4.ok || dot < 0) return bad;
    const [a = 0, b = 0, c = 0, d = 0] = v4.value;
    tail = [(a << 8) | b, (c << 8) | d];
    head = text.slice(0, dot + 1);
    head = head.endsWith('::') ? head : head.slice(0, -1);
  }
  const halves = head.split('::');
  if (halves.length > 2) return bad;
  const groups = (part: string): number[] | undefined => {
    if (part === '') return [];
    const out: number[] = [];
    for (const group of part.split(':')) {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      out.push(Number.parseInt(group, 16));
    }
    return out;
  };
  const left = groups(halves[0] ?? '');
  const right = halves.length === 2 ? groups(halves[1] ?? '') : [];
  if (left === undefined || right === undefined) return bad;
  const missing = 8 - left.length - right.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return bad;
  const all = [...left, ...new Array<number>(missing).fill(0), ...right, ...tail];
  const bytes = new Uint8Array(16);
  all.forEach((group, i) => {
    bytes[2 * i] = group >> 8;
    bytes[2 * i + 1] = group & 0xff;
  });
  return ok(bytes);
}

/** RFC 5952: lower case, the longest run of two or more zero groups shortened. */
export function formatIpv6(bytes: Uint8Array): Ipv6 {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  let best = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > best.length) best = { at: i, length };
  }
  const text = (part: number[]): string => part.map((g) => g.toString(16)).join(':');
  if (best.at < 0) return text(groups);
  return `${text(groups.slice(0, best.at))}::${text(groups.slice(best.at + best.length))}`;
}

export function isIpv6(ip: Ip): boolean {
  return ip.includes(':');
}

/** 4 or 16 bytes. */
export function parseIp(text: string): Result<Uint8Array, AddressError> {
  return isIpv6(text) ? parseIpv6(text) : parseIpv4(text);
}

export function formatIp(bytes: Uint8Array): Ip {
  return bytes.length === 4 ? formatIpv4(bytes) : formatIpv6(bytes);
}

/** Six hexadecimal pairs with colons. */
export function parseMac(text: string): Result<Uint8Array, AddressError> {
  if (!/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/.test(text)) {
    return fail('ADDRESS_INVALID', `"${text}" is not a MAC address like 02:00:5e:10:00:01`);
  }
  return ok(Uint8Array.from(text.split(':'), (pair) => Number.parseInt(pair, 16)));
}

export function formatMac(bytes: Uint8Array): Mac {
  return Array.from(bytes.subarray(0, 6), (b) => b.toString(16).padStart(2, '0')).join(':');
}

export interface Prefix {
  /** As written, host bits included. */
  readonly ip: Ip;
  readonly length: number;
}

/** `10.1.0.1/16`; the length is required. */
export function parsePrefix(text: string): Result<Prefix, AddressError> {
  const slash = text.indexOf('/');
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (!ip.ok) return ip;
  const digits = text.slice(slash + 1);
  const length = Number(digits);
  if (slash < 0 || !/^\d{1,3}$/.test(digits) || length > ip.value.length * 8) {
    return fail('ADDRESS_INVALID', `"${text}" needs a prefix length, like 192.0.2.1/24 or 2001:db8::1/64`);
  }
  return ok({ ip: formatIp(ip.value), length });
}

/** Whether `ip` lies in `prefix`. Both must be valid; mixed families are never inside one another. */
export function inPrefix(ip: Ip, prefix: Prefix): boolean {
  const a = parseIp(ip);
  const b = parseIp(prefix.ip);
  if (!a.ok || !b.ok || a.value.length !== b.value.length) return false;
  for (let bit = 0; bit < prefix.length; bit += 8) {
    const mask = 0xff & ~(0xff >> Math.min(8, prefix.length - bit));
    if (((a.value[bit / 8] ?? 0) & mask) !== ((b.value[bit / 8] ?? 0) & mask)) return false;
  }
  return true;
}
