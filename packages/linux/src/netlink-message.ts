/**
 * The pure codec of netlink messages and their attributes (netlink(7), <linux/netlink.h>). Headers and attributes are in
 * the machine's byte order, little-endian here; everything is aligned to four bytes. What the kernel sends is read
 * defensively all the same: lengths that do not fit end the reading.
 */

export const NLMSG_HEADER_BYTES = 16;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;
export const NLM_F_REQUEST = 0x01;
export const NLM_F_ACK = 0x04;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
/** Bits of an attribute's type that are not its number: nested, network byte order. */
const NLA_TYPE_MASK = 0x3fff;
const NLA_F_NESTED = 0x8000;

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** The port of the sender; 0 is the kernel, or for a notification the socket that asked for the change. */
  readonly port: number;
  readonly payload: Uint8Array;
}

export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
}

const align = (length: number): number => (length + 3) & ~3;

export function encodeMessage(
  type: number,
  flags: number,
  sequence: number,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  const length = parts.reduce((sum, part) => sum + align(part.length), NLMSG_HEADER_BYTES);
  const message = new Uint8Array(length);
  const view = new DataView(message.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence, true);
  let at = NLMSG_HEADER_BYTES;
  for (const part of parts) {
    message.set(part, at);
    at += align(part.length);
  }
  return message;
}

export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(align(4 + value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, 4);
  return bytes;
}

export function attributeU32(type: number, value: number): Uint8Array {
  return attribute(type, u32(value));
}

/** With the closing zero that kernel strings have. */
export function attributeText(type: number, text: string): Uint8Array {
  return attribute(type, new TextEncoder().encode(`${text}\0`));
}

export function nested(type: number, ...inner: readonly Uint8Array[]): Uint8Array {
  const value = new Uint8Array(inner.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of inner) {
    value.set(part, at);
    at += part.length;
  }
  return attribute(type | NLA_F_NESTED, value);
}

export function u32(value: number): Uint8Array {
  return new Uint8Array(new Uint32Array([value]).buffer);
}

/** The messages of one datagram, in order; what follows a header that does not fit is left out. Views, not copies. */
export function decodeMessages(bytes: Uint8Array): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + NLMSG_HEADER_BYTES <= bytes.length) {
    const length = view.getUint32(at, true);
    if (length < NLMSG_HEADER_BYTES || at + length > bytes.length) break;
    messages.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      port: view.getUint32(at + 12, true),
      payload: bytes.subarray(at + NLMSG_HEADER_BYTES, at + length),
    });
    at += align(length);
  }
  return messages;
}

/** Attributes by their number, the last of each; what follows one that does not fit is left out. */
export function decodeAttributes(bytes: Uint8Array): Map<number, Uint8Array> {
  const attributes = new Map<number, Uint8Array>();
  for (const { type, value } of listAttributes(bytes)) attributes.set(type, value);
  return attributes;
}

/** Attributes in order, for lists in which one number comes again and again. */
export function listAttributes(bytes: Uint8Array): Attribute[] {
  const attributes: Attribute[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 4 <= bytes.length) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > bytes.length) break;
    attributes.push({ type: view.getUint16(at + 2, true) & NLA_TYPE_MASK, value: bytes.subarray(at + 4, at + length) });
    at += align(length);
  }
  return attributes;
}

/** A u32 in the machine's order; undefined where the attribute is absent or too short. */
export function readU32(value: Uint8Array | undefined): number | undefined {
  if (value === undefined || value.length < 4) return undefined;
  return new DataView(value.buffer, value.byteOffset, 4).getUint32(0, true);
}

/** Text up to its closing zero. */
export function readText(value: Uint8Array | undefined): string | undefined {
  if (value === undefined) return undefined;
  const end = value.indexOf(0);
  return new TextDecoder().decode(end < 0 ? value : value.subarray(0, end));
}

/** NLMSG_ERROR: errno (0 is an acknowledgement), and the kernel's own words where it sent them (NLMSGERR_ATTR_MSG). */
export function decodeError(message: NetlinkMessage): { readonly errno: number; readonly text?: string } | undefined {
  const { payload, flags } = message;
  if (payload.length < 4 + NLMSG_HEADER_BYTES) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const errno = 0 - view.getInt32(0, true);
  // NLM_F_CAPPED: the request is not repeated after its header. NLM_F_ACK_TLVS: attributes follow.
  const [NLM_F_CAPPED, NLM_F_ACK_TLVS] = [0x100, 0x200];
  const requestBytes = (flags & NLM_F_CAPPED) === 0 ? view.getUint32(4, true) : NLMSG_HEADER_BYTES;
  if ((flags & NLM_F_ACK_TLVS) === 0) return { errno };
  const text = readText(decodeAttributes(payload.subarray(4 + align(requestBytes))).get(1));
  return text === undefined ? { errno } : { errno, text };
}
