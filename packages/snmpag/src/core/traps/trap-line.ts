import { formatIp, parseIp } from '@softset/base';
import { type Oid, parseOid } from '../oid.js';

/** A notification as snmptrapd has taken it: its sender proved itself by its community or its keys. */
export interface Trap {
  /** Where it came from, by its packet. */
  readonly source: string;
  /** snmpTrapOID: of a v1 trap what RFC 3584 §3.1 makes of it. */
  readonly notification: Oid;
  readonly varbinds: readonly TrapVarbind[];
}

export interface TrapVarbind {
  readonly name: Oid;
  /** Numbers and OIDs as they are written; octets in quotes, in hexadecimal. */
  readonly text: string;
}

const FORMAT_1 = 'V1\\t%b\\t%N\\t%w\\t%q\\t%V;%v\\n';
const FORMAT_2 = 'V2\\t%b\\t%V;%v\\n';

/**
 * What snmptrapd writes of each notification, in one line: numbers everywhere, and octets in hexadecimal, so that nothing
 * a sender puts in can look like another line, another field or another varbind.
 */
export const TRAP_LINES = { formats: [`format1 ${FORMAT_1}`, `format2 ${FORMAT_2}`], options: '-OnexQtU' } as const;

const TRAP_OID = '1.3.6.1.6.3.1.1.4.1.0';
/** snmpTraps: generic trap 0 of v1 is its first, and so on (RFC 3584 §3.1). */
const GENERIC: Oid = [1, 3, 6, 1, 6, 3, 1, 1, 5];
const ENTERPRISE_SPECIFIC = 6;
/** More than any notification that means something. */
const VARBINDS_MAX = 128;

/** `undefined`: no notification, such as what snmptrapd says of itself, or one that cannot be read. Never throws. */
export function parseTrapLine(line: string): Trap | undefined {
  const [version, from = '', ...fields] = line.split('\t');
  const source = sourceOf(from);
  const varbinds = varbindsOf(fields.at(-1) ?? '');
  if (source === undefined || varbinds === undefined) return undefined;
  if (version === 'V2' && fields.length === 1) {
    const told = varbinds.find(({ name }) => name.join('.') === TRAP_OID);
    const notification = told === undefined ? undefined : oidOf(told.text);
    return notification === undefined ? undefined : { source, notification, varbinds };
  }
  if (version === 'V1' && fields.length === 4) {
    const notification = ofVersion1(fields[0] ?? '', fields[1] ?? '', fields[2] ?? '');
    return notification === undefined ? undefined : { source, notification, varbinds };
  }
  return undefined;
}

/** `UDP: [10.1.0.2]:1024->[10.1.1.1]:162`. */
function sourceOf(from: string): string | undefined {
  const address = parseIp(/^(?:UDP|TCP)(?:\/IPv6)?: \[([0-9A-Fa-f.:]+)(?:%[^\]]*)?\]/.exec(from)?.[1] ?? '');
  return address.ok ? formatIp(address.value) : undefined;
}

function varbindsOf(text: string): readonly TrapVarbind[] | undefined {
  if (text === '') return [];
  const parts = text.split(';');
  if (parts.length > VARBINDS_MAX) return undefined;
  const varbinds = parts.flatMap((part): TrapVarbind[] => {
    const at = part.indexOf(' = ');
    const name = at < 0 ? undefined : oidOf(part.slice(0, at));
    return name === undefined ? [] : [{ name, text: part.slice(at + 3) }];
  });
  return varbinds.length === parts.length ? varbinds : undefined;
}

function ofVersion1(enterprise: string, generic: string, specific: string): Oid | undefined {
  const number = Number(/^\d$/.exec(generic)?.[0] ?? Number.NaN);
  if (number < ENTERPRISE_SPECIFIC) return [...GENERIC, number + 1];
  const oid = oidOf(enterprise);
  const last = oidOf(specific);
  if (number !== ENTERPRISE_SPECIFIC || oid === undefined || last?.length !== 1) return undefined;
  return [...oid, 0, ...last];
}

function oidOf(text: string): Oid | undefined {
  const read = parseOid(text);
  return read.ok ? read.value : undefined;
}
