import type { Ipv4, Mac } from '@softset/base';
import type { EnrolRequest, EnrolToken } from '../enrolment.js';

/** Who has an address now, and since when (wall time, ms since 1970). */
export interface GeoLease {
  readonly ip: Ipv4;
  readonly mac: Mac;
  /** `SWITCH/PORT`. */
  readonly place: string;
  /** Board or slot. */
  readonly name: string;
  readonly by: 'dhcp' | 'bootp' | 'rarp';
  readonly sinceMs: number;
  /** Absent where the address was given without an end (BOOTP, RARP). */
  readonly untilMs?: number;
}

export interface GeoConflict {
  readonly ip: Ipv4;
  readonly place: string;
  /** Who uses it; absent where a client only said that somebody does (DHCPDECLINE). */
  readonly by?: Mac;
  /** Where the stranger sits, as far as the switches know. */
  readonly where: string;
  readonly sinceMs: number;
  /** When it is tried again. */
  readonly untilMs: number;
}

export interface GeoPort {
  readonly place: string;
  readonly name: string;
  readonly network: 'A' | 'B';
  readonly addresses: readonly Ipv4[];
  readonly devices: readonly { readonly mac: Mac; readonly ip: Ipv4; readonly sinceMs: number }[];
}

/** A device that asked and has no address of the port that it is on: nobody expects it there. */
export interface GeoStranger {
  readonly mac: Mac;
  /** `SWITCH/PORT`, in the map or not. */
  readonly place: string;
  /** Board or slot, where the port is in the map. */
  readonly name?: string;
  /** When the switches were asked about it last (wall time). */
  readonly seenMs: number;
}

/** What one switch said about a MAC, and after how long. */
export interface GeoSaid {
  readonly switch: string;
  /** `port cpu-1`, `uplink trunk`, `nothing`, `no answer (timeout)`. */
  readonly said: string;
  readonly ms: number;
}

export interface GeoFound {
  readonly mac: Mac;
  readonly outcome: 'port' | 'unlearned' | 'ambiguous' | 'unreachable';
  readonly switch?: string;
  readonly port?: string;
  /** Board or slot, where the port is in the map. */
  readonly name?: string;
  readonly evidence: readonly GeoSaid[];
}

export interface GeoDhcpMethods {
  status: {
    params: Record<string, never>;
    result: {
      /** False where another board answers, or this one may not decide. */
      readonly answering: boolean;
      readonly why: string;
      readonly ports: number;
      readonly leases: number;
      readonly conflicts: number;
      readonly switches: readonly {
        readonly switch: string;
        readonly state: 'up' | 'down' | 'unknown';
        readonly text: string;
      }[];
    };
  };
  leases: { params: Record<string, never>; result: { readonly leases: readonly GeoLease[] } };
  ports: {
    params: Record<string, never>;
    result: { readonly ports: readonly GeoPort[]; readonly strangers: readonly GeoStranger[] };
  };
  conflicts: { params: Record<string, never>; result: { readonly conflicts: readonly GeoConflict[] } };
  /** Asks the switches now. */
  locate: { params: { mac: string }; result: GeoFound };
  /** Ends the lease of an address, and its quarantine. Fails UNKNOWN_ADDRESS. */
  release: { params: { ip: string }; result: { readonly message: string } };
  /** `geodhcp.ports` of what is plugged in now, as YAML. Fails SNMP_TIMEOUT, SNMP_FAILED where a switch does not answer. */
  learn: { params: Record<string, never>; result: { readonly text: string } };
  /** New boards that ask to join, and tokens. */
  enrolment: {
    params: Record<string, never>;
    result: { readonly requests: readonly EnrolRequest[]; readonly tokens: readonly EnrolToken[] };
  };
  /** What becomes of the board that waits with this code. Fails UNKNOWN_CODE. */
  enrolDecide: { params: { decision: 'approve' | 'refuse'; code: string }; result: EnrolRequest };
  /** A one-time token for a port. Fails ENROLMENT_OFF, UNKNOWN_PORT, TOO_MANY, or with errno's names. */
  enrolToken: {
    params: { port: string; minutes: number };
    result: { readonly token: string; readonly untilMs: number };
  };
  /** Fails UNKNOWN_TOKEN. */
  enrolRevoke: { params: { id: string }; result: Record<string, never> };
  metrics: { params: Record<string, never>; result: string };
}

/** The whole on each change. */
export interface GeoDhcpTopics {
  leases: { readonly leases: readonly GeoLease[] };
}
