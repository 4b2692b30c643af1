import { parseMac } from '@softset/base';
import type { Overlay } from './overlay.js';

/** An instance as `pass_persist` gives it: dotted OID with its leading dot, type, value. */
export interface Row {
  readonly oid: string;
  readonly type: string;
  readonly value: string | number;
}

export interface BridgePort {
  readonly name: string;
  readonly ifIndex: number;
  /** dot1dBasePort: the bridge's own number, which is not the ifIndex. */
  readonly basePort: number;
}

export interface FdbEntry {
  readonly mac: string;
  readonly port: string;
  /** The bridge's own address, or one set by hand. */
  readonly permanent: boolean;
}

/** RFC 4188, RFC 4363. */
const MIB = '.1.3.6.1.2.1.17';
const LEARNED = 3;
const SELF = 4;

/** All that the agent serves, in the order of GETNEXT. */
export function rowsOf(ports: readonly BridgePort[], fdb: readonly FdbEntry[], overlay: Overlay): Row[] {
  const rows = new Map<string, Row>();
  const put = (oid: string, value: string | number, type = 'integer'): void => void rows.set(oid, { oid, type, value });
  const numbers = new Map(ports.map(({ name, basePort }) => [name, basePort]));
  for (const { basePort, ifIndex } of ports) {
    put(`${MIB}.1.4.1.1.${basePort}`, basePort);
    put(`${MIB}.1.4.1.2.${basePort}`, ifIndex);
  }
  const learn = (mac: string, port: string, status: number): void => {
    const bytes = parseMac(mac);
    const number = numbers.get(port);
    if (!bytes.ok || number === undefined) return;
    const index = [...bytes.value].join('.');
    if (overlay.onlyQ !== true) {
      put(`${MIB}.4.3.1.2.${index}`, number);
      put(`${MIB}.4.3.1.3.${index}`, status);
    }
    if (overlay.fdbId === undefined) return;
    put(`${MIB}.7.1.2.2.1.2.${overlay.fdbId}.${index}`, number);
    put(`${MIB}.7.1.2.2.1.3.${overlay.fdbId}.${index}`, status);
  };
  for (const { mac, port, permanent } of fdb) {
    if (overlay.hidden?.includes(mac) || overlay.placed?.[mac]) continue;
    learn(mac, port, permanent ? SELF : LEARNED);
  }
  for (const [mac, [first, second]] of Object.entries(overlay.placed ?? {})) {
    if (first !== undefined) learn(mac, first, LEARNED);
    const bytes = parseMac(mac);
    // A second port for one MAC is told under another fdb id, for a table has one row for an index.
    if (second !== undefined && bytes.ok) {
      put(`${MIB}.7.1.2.2.1.2.4001.${[...bytes.value].join('.')}`, numbers.get(second) ?? 0);
      put(`${MIB}.7.1.2.2.1.3.4001.${[...bytes.value].join('.')}`, LEARNED);
      put(`${MIB}.7.1.2.1.1.2.4001`, 1, 'counter');
    }
  }
  if (overlay.fdbId !== undefined) put(`${MIB}.7.1.2.1.1.2.${overlay.fdbId}`, fdb.length, 'counter');
  for (const [oid, [type, value]] of Object.entries(overlay.rows ?? {})) put(oid, value, type);
  return [...rows.values()].sort((a, b) => compareOids(a.oid, b.oid));
}

export function compareOids(a: string, b: string): number {
  const [left, right] = [a, b].map((oid) => oid.split('.').slice(1).map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
