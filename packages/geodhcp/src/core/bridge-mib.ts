import { fail, type Mac, ok, parseMac, type Result, unwrap } from '@softset/base';

/** One variable of an SNMP answer. `undefined`: the agent has no such instance. */
export interface Varbind {
  readonly oid: string;
  readonly value: number | Uint8Array | undefined;
}

/** BRIDGE-MIB (RFC 4188), Q-BRIDGE-MIB (RFC 4363), IF-MIB (RFC 2863), IEEE8023-LAG-MIB, LLDP-MIB (IEEE 802.1AB). */
export const OID = {
  sysUpTime: '1.3.6.1.2.1.1.3.0',
  sysName: '1.3.6.1.2.1.1.5.0',
  basePortIfIndex: '1.3.6.1.2.1.17.1.4.1.2',
  dot1dPort: '1.3.6.1.2.1.17.4.3.1.2',
  dot1dStatus: '1.3.6.1.2.1.17.4.3.1.3',
  dot1qPort: '1.3.6.1.2.1.17.7.1.2.2.1.2',
  dot1qStatus: '1.3.6.1.2.1.17.7.1.2.2.1.3',
  /** Index: fdb id. */
  dot1qFdbCount: '1.3.6.1.2.1.17.7.1.2.1.1.2',
  ifName: '1.3.6.1.2.1.31.1.1.1.1',
  ifDescr: '1.3.6.1.2.1.2.2.1.2',
  /** dot3adAggPortAttachedAggID. Index: the member's ifIndex; value: the aggregate's. */
  lagOfPort: '1.2.840.10006.300.43.1.2.1.1.13',
  /** Index: local port number. */
  lldpLocalPortId: '1.0.8802.1.1.2.1.3.7.1.3',
  /** Index: time mark, local port number, number of the neighbour. */
  lldpRemoteSysName: '1.0.8802.1.1.2.1.4.1.1.9',
} as const;

/** RFC 4188 dot1dTpFdbStatus. Only what was learned tells where a device is: `self` and `mgmt` are configuration. */
const LEARNED = 3;

export interface Heard {
  /** Hundredths of a second since the agent began; lower than before means that it began anew. */
  readonly upTicks: number;
  /** Base ports behind which the MAC was learned, each once. */
  readonly basePorts: readonly number[];
}

/** The names of one GET: exact instances, no walk, in dot1d and in each fdb of dot1q. */
export function fdbQuestion(mac: Mac, fdbIds: readonly number[]): string[] {
  const at = [...unwrap(parseMac(mac))].join('.');
  return [
    OID.sysUpTime,
    `${OID.dot1dPort}.${at}`,
    `${OID.dot1dStatus}.${at}`,
    ...fdbIds.flatMap((id) => [`${OID.dot1qPort}.${id}.${at}`, `${OID.dot1qStatus}.${id}.${at}`]),
  ];
}

/**
 * What the answer to `fdbQuestion` means. Port 0 (learned, port unknown) and other states than learned are no answer;
 * both tables are asked, since each is missing or wrong on some switches. Error: `SNMP_ODD`, where the agent answers
 * something else than what was asked.
 */
export function readFdb(asked: readonly string[], answer: readonly Varbind[]): Result<Heard, 'SNMP_ODD'> {
  if (answer.length !== asked.length || answer.some(({ oid }, i) => oid !== asked[i])) {
    return fail('SNMP_ODD', `${answer.length} variables for a question of ${asked.length}, or other ones`);
  }
  const upTicks = answer[0]?.value;
  if (typeof upTicks !== 'number') return fail('SNMP_ODD', 'no sysUpTime');
  const found = new Set<number>();
  for (let i = 1; i + 1 < answer.length; i += 2) {
    const port = answer[i]?.value;
    const status = answer[i + 1]?.value;
    if (port === undefined) continue;
    if (typeof port !== 'number' || !Number.isInteger(port)) return fail('SNMP_ODD', `${asked[i]} is no port number`);
    // Agents exist that leave the status out.
    if (port > 0 && (status === undefined || status === LEARNED)) found.add(port);
  }
  return ok({ upTicks, basePorts: [...found] });
}

/** The numbers of `oid` behind `column`; undefined where it is of another column. */
export function indexOf(oid: string, column: string): number[] | undefined {
  if (!oid.startsWith(`${column}.`)) return undefined;
  const index = oid.slice(column.length + 1).split('.');
  return index.length > 0 && index.every((part) => /^\d{1,10}$/.test(part)) ? index.map(Number) : undefined;
}

/** A column with one number for index, such as base port → ifIndex. What does not fit is left out. */
export function numberColumn(rows: readonly Varbind[], column: string): Map<number, number> {
  const map = new Map<number, number>();
  for (const { oid, value } of rows) {
    const index = indexOf(oid, column);
    if (index?.length === 1 && typeof value === 'number') map.set(index[0] ?? 0, value);
  }
  return map;
}

export function textColumn(rows: readonly Varbind[], column: string): Map<number, string> {
  const map = new Map<number, string>();
  for (const { oid, value } of rows) {
    const index = indexOf(oid, column);
    if (index?.length === 1 && value instanceof Uint8Array) map.set(index[0] ?? 0, printable(value));
  }
  return map;
}

/** Names come from outside and go into logs: what is not printable ASCII becomes `?`, and 64 are enough. */
export function printable(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 64), (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?',
  );
  return shown.join('');
}
