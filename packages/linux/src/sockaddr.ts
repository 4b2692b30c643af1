import { fail, formatIp, type Ip, parseIp, type Result } from '@softset/base';
import { AF_INET, AF_INET6, AF_UNIX } from './libc.js';

/** sizeof(struct sockaddr_in6), the larger of the two: <linux/in.h>, <linux/in6.h>. */
export const INET_ADDRESS_BYTES = 28;

/** struct sockaddr_in (16 bytes) or sockaddr_in6 (28 bytes); the family follows from the address. */
export function encodeInetAddress(ip: Ip, port: number, scope = 0): Result<Uint8Array> {
  const address = parseIp(ip);
  if (!address.ok) return address;
  if (!Number.isInteger(port) || port < 0 || port > 0xffff) return fail('PORT_INVALID', `${port} is not a UDP port`);
  const v4 = address.value.length === 4;
  const bytes = new Uint8Array(v4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, v4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  bytes.set(address.value, v4 ? 4 : 8);
  if (!v4) view.setUint32(24, scope, true);
  return { ok: true, value: bytes };
}

/** The kernel's answer; undefined for a family other than IPv4 and IPv6. */
export function decodeInetAddress(bytes: Uint8Array): { ip: Ip; port: number } | undefined {
  const family = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  const port = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  if (family === AF_INET && bytes.length >= 16) return { ip: formatIp(bytes.subarray(4, 8)), port };
  if (family === AF_INET6 && bytes.length >= 24) return { ip: formatIp(bytes.subarray(8, 24)), port };
  return undefined;
}

/** struct sockaddr_un (unix(7)): a path, or with a leading `@` a name in the abstract namespace; at most 107 bytes. */
export function encodeUnixAddress(path: string): Result<Uint8Array> {
  const text = new TextEncoder().encode(path);
  if (text.length === 0 || text.length > 107 || text.includes(0)) {
    return fail('ENAMETOOLONG', `"${path}" is not a socket path: 1 to 107 bytes, none of them zero`);
  }
  const abstract = text[0] === 0x40;
  // The length counts for an abstract name, where every byte is part of it; a path ends with a zero.
  const bytes = new Uint8Array(2 + text.length + (abstract ? 0 : 1));
  bytes[0] = AF_UNIX;
  bytes.set(text, 2);
  if (abstract) bytes[2] = 0;
  return { ok: true, value: bytes };
}
