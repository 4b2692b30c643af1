/**
 * One question of SNMPv2c and whether it was answered: the BER (X.690) of a GetRequest with one variable, and of its
 * Response (RFC 3416 §3). No more is needed to see that an agent lives, and a whole library would be a third of psrmd.
 */

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const NULL = 0x05;
const OBJECT_IDENTIFIER = 0x06;
const GET_REQUEST = 0xa0;
const RESPONSE = 0xa2;
/** noSuchObject, noSuchInstance, endOfMibView: an answer, but not with the variable. */
const exceptions = [0x80, 0x81, 0x82];
const version2c = 1;

export interface SnmpQuestion {
  readonly community: string;
  /** Dotted numbers, two at least. */
  readonly oid: string;
}

/** `requestId`: 0 to 2³¹ − 1. */
export function encodeGet({ community, oid }: SnmpQuestion, requestId: number): Uint8Array {
  const variable = field(SEQUENCE, field(OBJECT_IDENTIFIER, oidBytes(oid)), field(NULL, []));
  const pdu = field(GET_REQUEST, integer(requestId), integer(0), integer(0), field(SEQUENCE, variable));
  const name = field(
    OCTET_STRING,
    [...community].map((letter) => letter.charCodeAt(0) & 0xff),
  );
  return Uint8Array.from(field(SEQUENCE, integer(version2c), name, pdu));
}

/** Total: whether these bytes answer request `requestId` with a value and without an error. */
export function isAnswered(bytes: Uint8Array, requestId: number): boolean {
  const message = fieldsOf(bytes, 0, bytes.length)?.[0];
  if (message?.tag !== SEQUENCE) return false;
  const [version, , pdu] = message.inner() ?? [];
  if (version?.number() !== version2c || pdu?.tag !== RESPONSE) return false;
  const [id, error, , list] = pdu.inner() ?? [];
  if (id?.number() !== requestId || error?.number() !== 0) return false;
  const [, value] = list?.inner()?.[0]?.inner() ?? [];
  return value !== undefined && !exceptions.includes(value.tag);
}

function field(tag: number, ...parts: readonly (readonly number[])[]): number[] {
  const content = parts.flat();
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return [tag, ...size, ...content];
}

/** Not negative; a leading zero keeps the sign bit clear. */
function integer(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length === 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  if ((bytes[0] ?? 0) >= 0x80) bytes.unshift(0);
  return field(INTEGER, bytes);
}

function oidBytes(oid: string): number[] {
  const [first = 0, second = 0, ...rest] = oid.replace(/^\./, '').split('.').map(Number);
  return [first * 40 + second, ...rest].flatMap((arc) => {
    const bytes = [arc % 128];
    for (let more = Math.floor(arc / 128); more > 0; more = Math.floor(more / 128)) bytes.unshift((more % 128) + 128);
    return bytes;
  });
}

interface Field {
  readonly tag: number;
  inner(): readonly Field[] | undefined;
  number(): number | undefined;
}

/** The fields between two offsets; undefined where they do not fill it exactly. */
function fieldsOf(bytes: Uint8Array, from: number, to: number): readonly Field[] | undefined {
  const fields: Field[] = [];
  for (let at = from; at < to; ) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1];
    let begin = at + 2;
    if (length === undefined) return undefined;
    if (length >= 0x80) {
      const count = length - 0x80;
      if (count < 1 || count > 3 || begin + count > to) return undefined;
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[begin + i] ?? 0);
      begin += count;
    }
    const end = begin + length;
    if (end > to) return undefined;
    fields.push({
      tag,
      inner: () => fieldsOf(bytes, begin, end),
      number: () => (tag === INTEGER ? numberIn(bytes.subarray(begin, end)) : undefined),
    });
    at = end;
  }
  return fields;
}

function numberIn(bytes: Uint8Array): number | undefined {
  if (bytes.length < 1 || bytes.length > 5 || (bytes[0] ?? 0) >= 0x80) return undefined;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
