import { formatMac, type Ipv4, type Mac } from '@softset/base';
import type { Board, Place } from '@softset/protocol';
import { indexOf, OID, type Varbind } from './bridge-mib.js';

/** A port that leads to no other switch, and who was heard there. */
export interface Plugged {
  readonly switch: string;
  readonly port: string;
  readonly macs: readonly Mac[];
}

/** The columns of a whole forwarding table, in both MIBs. */
export const FDB_COLUMNS = [OID.dot1dPort, OID.dot1dStatus, OID.dot1qPort, OID.dot1qStatus] as const;

const LEARNED = 3;

/** Base port → MACs that were learned there. What does not fit is left out. */
export function learnedMacs(rows: readonly Varbind[]): Map<number, Set<Mac>> {
  const ports = new Map<string, number>();
  const other = new Set<string>();
  for (const { oid, value } of rows) {
    if (typeof value !== 'number') continue;
    for (const [port, status] of [
      [OID.dot1dPort, OID.dot1dStatus],
      [OID.dot1qPort, OID.dot1qStatus],
    ] as const) {
      const isPort = indexOf(oid, port);
      const isStatus = indexOf(oid, status);
      if (isPort !== undefined) ports.set(`${port} ${isPort.join('.')}`, value);
      if (isStatus !== undefined && value !== LEARNED) other.add(`${port} ${isStatus.join('.')}`);
    }
  }
  const found = new Map<number, Set<Mac>>();
  for (const [key, port] of ports) {
    const bytes = (key.split(' ')[1] ?? '').split('.').slice(-6).map(Number);
    if (port <= 0 || other.has(key) || bytes.length !== 6 || bytes.some((byte) => byte > 255)) continue;
    found.set(port, (found.get(port) ?? new Set()).add(formatMac(Uint8Array.from(bytes))));
  }
  return found;
}

/**
 * The list `geodhcp.ports` as it would be if everything that is plugged in now were in its right place: the places of the
 * map as they are, and each other port with the address that its device has, where that is known.
 */
export function portMapText(
  plugged: readonly Plugged[],
  places: readonly Place[],
  boards: readonly Board[],
  addressOf: (mac: Mac) => Ipv4 | undefined,
): string {
  const known = new Set(places.map(({ id }) => id));
  const heard = new Map(plugged.map((one) => [`${one.switch}/${one.port}`, one.macs]));
  const line = (
    on: string,
    port: string,
    name: string | undefined,
    addresses: readonly Ipv4[],
    macs: readonly Mac[],
  ) => {
    const board = boards.find(
      (one) => addresses.length === 1 && Object.values(one.addresses).includes(addresses[0] ?? ''),
    );
    const what = board === undefined ? `addresses: [${addresses.join(', ')}]` : `board: ${board.name}`;
    const called = name === undefined || board !== undefined ? '' : `, name: ${JSON.stringify(name)}`;
    const who = macs.length > 0 ? ` # ${macs.join(', ')}` : '';
    return `  - { switch: ${on}, port: ${JSON.stringify(port)}${called}, ${what} }${who}`;
  };
  const old = places.map((place) =>
    line(
      place.switch,
      place.port,
      place.name === place.id ? undefined : place.name,
      place.addresses,
      heard.get(place.id) ?? [],
    ),
  );
  const fresh = plugged
    .filter((one) => !known.has(`${one.switch}/${one.port}`) && one.macs.length > 0)
    .map((one) => {
      const addresses = [...new Set(one.macs.flatMap((mac) => addressOf(mac) ?? []))];
      if (addresses.length > 0) return line(one.switch, one.port, undefined, addresses, one.macs);
      return `  # switch ${one.switch}, port ${one.port}: ${one.macs.join(', ')}, whose address is not known here`;
    });
  const order = new Intl.Collator('en', { numeric: true });
  return ['ports:', ...old, ...fresh.sort(order.compare)].join('\n');
}
