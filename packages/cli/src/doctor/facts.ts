import type { Cluster, NetrackState, Network } from '@softset/protocol';
import type { NftObject } from './firewall.js';

/** What is so on this board, as it was found; `judge.ts` says what of it is wrong. Absent: could not be looked at. */
export interface Facts {
  readonly board: string;
  readonly clusterFile: string;
  readonly cluster?: Cluster;
  /** Why there is none. */
  readonly clusterProblem?: string;
  /** The daemons' user; absent where there is none of that name. */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly files: readonly FileFact[];
  readonly clock: Clock;
  readonly devices: Readonly<Partial<Record<Network, DeviceFact>>>;
  /** By key, as sysctl(8) names them; a device's own is the greater of its and `all`'s. */
  readonly settings: Readonly<Record<string, number>>;
  /** nftables of others, as nft(8) lists them; iptables-nft's among them. */
  readonly ruleset?: readonly NftObject[];
  /** Debian's nftables.service, which empties all tables when it is restarted, is started at boot. */
  readonly flushes?: boolean;
  /** What the kernel says to a table of leases, which is only tried: '' is yes. */
  readonly leases?: string;
  /** Whether a real-time priority was granted, by trying. */
  readonly realTime?: boolean;
  readonly daemons: readonly DaemonFact[];
  /** Of UDP ports that somebody serves, those that the cluster file names. */
  readonly takenPorts: readonly number[];
  readonly state?: NetrackState;
  /** What was not looked at, and why. */
  readonly skipped: readonly string[];
}

export interface FileFact {
  readonly what: 'cluster file' | 'key' | 'old key' | 'run directory' | 'state directory' | 'vote record';
  readonly path: string;
  /** errno's name where it cannot be looked at. */
  readonly problem?: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of keys: whether it is 64 hexadecimal digits. */
  readonly wellFormed?: boolean;
  /** Of directories, on their file system. */
  readonly freeBytes?: number;
  readonly memory?: boolean;
}

export interface Clock {
  readonly nowMs: number;
  /** When this software was made: no clock that is right shows less. */
  readonly builtMs: number;
  /** What keeps it: a program's name, or undefined. */
  readonly keptBy?: string;
}

export interface DeviceFact {
  readonly name: string;
  readonly there: boolean;
  readonly up: boolean;
  readonly carrier: boolean;
  readonly multicast: boolean;
  readonly mtu: number;
  readonly mac: string;
  readonly addresses: readonly string[];
  /** MACs that answered for this board's address on this network, not its own. */
  readonly claimed?: readonly string[];
  /** MACs that answered here for this board's address on the other network. */
  readonly crossed?: readonly string[];
  /** Who asked for members of multicast groups while we listened; absent: nobody listened. */
  readonly queriers?: readonly string[];
}

export interface DaemonFact {
  readonly name: string;
  readonly pid: number;
  /** Effective capabilities (capabilities(7)), as a number. */
  readonly capabilities: bigint;
  /** sched(7): 2 is SCHED_RR. */
  readonly policy: number;
  readonly uid: number;
  /** Its program was replaced since it was started. */
  readonly outdated: boolean;
}
