import type { GeoSwitch } from '@softset/protocol';
import { indexOf, numberColumn, OID, printable, textColumn, type Varbind } from './bridge-mib.js';

export interface SwitchPort {
  /** ifName: what the port map speaks of. */
  readonly name: string;
  /** The port itself, the members of an aggregate, and the aggregate of a member: the map may name any of them. */
  readonly names: readonly string[];
  /** Leads to another switch: its name, '' where that one is not asked. */
  readonly uplink?: string;
}

/** What changes seldom of a switch; read anew when its sysUpTime goes back, or a port turns up that is not in it. */
export interface SwitchView {
  readonly ports: ReadonlyMap<number, SwitchPort>;
  readonly fdbIds: readonly number[];
  readonly upTicks: number;
}

/** The columns that a view is made of, each walked whole, in this order. */
export const VIEW_COLUMNS = [
  OID.basePortIfIndex,
  OID.ifName,
  OID.ifDescr,
  OID.dot1qFdbCount,
  OID.lagOfPort,
  OID.lldpLocalPortId,
  OID.lldpRemoteSysName,
] as const;

/** So many fdb ids fit into two GETs; a switch with more is asked by profile. */
const FDB_IDS_MAX = 64;

/**
 * A view from walked columns. `sysNames`: what switches call themselves → our names for them, for LLDP. The base port is
 * never taken for the ifIndex; only a switch without a table of base ports gets none.
 */
export function buildView(
  rows: readonly Varbind[],
  upTicks: number,
  config: Pick<GeoSwitch, 'uplinks' | 'lldp' | 'name'>,
  sysNames: ReadonlyMap<string, string>,
): SwitchView {
  const ifIndexes = numberColumn(rows, OID.basePortIfIndex);
  const descriptions = textColumn(rows, OID.ifDescr);
  const ifNames = textColumn(rows, OID.ifName);
  const name = (ifIndex: number): string => ifNames.get(ifIndex) || descriptions.get(ifIndex) || '';
  const lags = new Map([...numberColumn(rows, OID.lagOfPort)].filter(([member, lag]) => lag > 0 && lag !== member));
  const heard = config.lldp ? neighbours(rows, config.name, sysNames) : new Map<string, string>();
  const uplinkOf = (names: readonly string[]): string | undefined => {
    for (const one of names) {
      const said = config.uplinks[one] ?? heard.get(one);
      if (said !== undefined) return said;
    }
    return undefined;
  };
  const ports = new Map<number, SwitchPort>();
  for (const [basePort, ifIndex] of ifIndexes) {
    // Agents that keep IF-MIB longer than BRIDGE-MIB know a new port before its name: it is none until it has one.
    if (name(ifIndex) === '') continue;
    const members = [...lags].filter(([, lag]) => lag === ifIndex).map(([member]) => name(member));
    const lag = lags.get(ifIndex);
    const names = [name(ifIndex), ...members, lag === undefined ? '' : name(lag)].filter((one) => one !== '');
    const byNumber = [...names, `#${ifIndex}`, `#${basePort}`];
    const uplink = uplinkOf(heard.size > 0 ? byNumber : names);
    ports.set(basePort, { name: name(ifIndex), names, ...(uplink === undefined ? {} : { uplink }) });
  }
  const fdbIds = [...numberColumn(rows, OID.dot1qFdbCount).keys()].sort((a, b) => a - b).slice(0, FDB_IDS_MAX);
  return { ports, fdbIds, upTicks };
}

/** Port name (or `#number`, where the agent names no local port) → our switch at its other end. */
function neighbours(
  rows: readonly Varbind[],
  self: string,
  sysNames: ReadonlyMap<string, string>,
): Map<string, string> {
  const local = textColumn(rows, OID.lldpLocalPortId);
  const found = new Map<string, string>();
  for (const { oid, value } of rows) {
    const number = indexOf(oid, OID.lldpRemoteSysName)?.[1];
    if (number === undefined || !(value instanceof Uint8Array)) continue;
    const other = sysNames.get(printable(value).toLowerCase());
    // A board that speaks LLDP is no switch of ours: its port stays a place.
    if (other !== undefined && other !== self) found.set(local.get(number) ?? `#${number}`, other);
  }
  return found;
}
