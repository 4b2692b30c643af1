import type { Ipv4 } from '@softset/base';
import type { BoardId, Network } from './cluster.js';

/** What geoDHCP gives beside an address. Every field may be left out. */
export interface BootOptions {
  readonly routers?: readonly Ipv4[] | undefined;
  readonly dns?: readonly Ipv4[] | undefined;
  readonly ntp?: readonly Ipv4[] | undefined;
  readonly domain?: string | undefined;
  readonly mtu?: number | undefined;
  /** Where diskless boards load from (002 ¶0012): `siaddr`. */
  readonly nextServer?: Ipv4 | undefined;
  readonly tftpServer?: string | undefined;
  readonly bootFile?: string | undefined;
  /** Boot file by the client's architecture (option 93, RFC 4578 §2.1): decimal number → file. */
  readonly bootFiles?: Readonly<Record<string, string>> | undefined;
  /** Answers go to everybody on the link, whether the client asked for that or not. */
  readonly broadcast?: boolean | undefined;
  /** Options by number, in hexadecimal. */
  readonly raw?: Readonly<Record<string, string>> | undefined;
}

/** SNMPv3 with authentication and privacy; without `secretsFile` neither. */
export interface SnmpUser {
  readonly user: string;
  readonly auth: 'sha' | 'sha256' | 'sha512' | 'md5';
  readonly privacy: 'aes' | 'des';
  readonly secretsFile?: string | undefined;
}

export interface GeoSwitch {
  readonly name: string;
  readonly network: Network;
  /** Where its SNMP agent answers. */
  readonly address: Ipv4;
  readonly udpPort: number;
  readonly community: string;
  readonly v3?: SnmpUser;
  /** `cisco`: one forwarding table for each VLAN, asked for by `community@vlan` or the context `vlan-N`. */
  readonly profile: 'standard' | 'cisco';
  readonly vlans: readonly number[];
  /** Port name → name of the switch at its other end, '' where that one is not asked. */
  readonly uplinks: Readonly<Record<string, string>>;
  /** Uplinks are also taken from LLDP-MIB, where the neighbour is one of our switches. */
  readonly lldp: boolean;
}

/** A switch port and what is plugged in there: the place that an address belongs to (002 ¶0052). */
export interface Place {
  /** `SWITCH/PORT`. */
  readonly id: string;
  readonly switch: string;
  readonly network: Network;
  /** ifName of the port. */
  readonly port: string;
  /** Board or slot. */
  readonly name: string;
  /** One for each device that may be on the port at once. */
  readonly addresses: readonly Ipv4[];
  readonly circuitId?: string;
  readonly options: BootOptions;
}

/** The checked section `geodhcp` of the cluster file. */
export interface GeoDhcp {
  /** Boards that run it. */
  readonly boards: readonly BoardId[];
  /** Where new boards ask to join; absent: nowhere. */
  readonly enrolPort?: number;
  readonly leaseMs: number;
  readonly lookupMs: number;
  readonly locationMs: number;
  readonly probeMs: number;
  readonly quarantineMs: number;
  readonly relays: readonly Ipv4[];
  readonly switchesInsertCircuitId: boolean;
  readonly switches: readonly GeoSwitch[];
  readonly places: readonly Place[];
}
