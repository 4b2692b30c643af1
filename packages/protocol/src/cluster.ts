import type { Ip, Mac, Prefix } from '@softset/base';
import type { ClusterFile } from './cluster-schema.js';
import type { GeoDhcp } from './geodhcp.js';

/** Board number, 1 to 64; its bit in a bitmap is `1n << BigInt(id - 1)`. */
export type BoardId = number;
export type Network = 'A' | 'B';
export const NETWORKS: readonly Network[] = ['A', 'B'];

export function otherNetwork(network: Network): Network {
  return network === 'A' ? 'B' : 'A';
}

export interface Board {
  readonly name: string;
  readonly id: BoardId;
  readonly role: 'control' | 'io' | 'router' | 'node';
  readonly addresses: Readonly<Record<Network, Ip>>;
  readonly devices: Readonly<Record<Network, string>>;
  readonly vote: boolean;
  readonly disk: boolean;
  /** How others take its power away; absent: they cannot. */
  readonly power?: { readonly off: readonly string[]; readonly timeoutMs: number };
  /** How others cut it off at its switches; absent: they cannot. */
  readonly switchPorts?: Readonly<Record<Network, SwitchPort>> & { readonly timeoutMs: number };
  /** Sum of the weights of services that it can hold; absent: no limit. */
  readonly capacity?: number;
}

/** A port by its ifName or ifDescr, at one of the agents of `snmp`. */
export interface SwitchPort {
  readonly agent: string;
  readonly port: string;
}

export type FenceMeans = 'power' | 'switch-port';

export interface Service {
  readonly name: string;
  /** Position in the file: its bit in a beat's lease bitmap. 0 to 63. */
  readonly index: number;
  readonly addresses: readonly Prefix[];
  /** Moves along with the addresses; absent: they stand on the holder's own device, with its MAC. */
  readonly mac?: Mac;
  /** The preferred board first. */
  readonly pool: readonly BoardId[];
  readonly redundancy: '2n' | 'n+1' | 'n+m' | 'n-way' | 'n-way-active';
  /** The service of the file whose instance this is: `media` of `media-1`. Absent for 2n. */
  readonly group?: string;
  /** By position in the pool, 1 the preferred; absent: the pool's order. */
  readonly ranks?: readonly number[];
  /** Names of services, instances each by its own; `apart` and `together` are told on both sides. Absent: none. */
  readonly apart?: readonly string[];
  readonly together?: readonly string[];
  readonly requires?: readonly string[];
  /** Of a board's capacity; absent: 1. */
  readonly weight?: number;
  readonly programs: readonly string[];
  readonly takeover: 'fast' | 'strict';
  /** Absent: none. */
  readonly fencing?: FenceMeans;
  readonly announce: readonly ('arp' | 'route')[];
  readonly failback: 'manual' | 'auto' | 'daily';
  /** auto, daily: how long a board must have been well before anything fails back to it. */
  readonly failbackStableMs?: number;
  /** daily: minutes after midnight. */
  readonly failbackAtMin?: number;
}

export type ProgramFile = ClusterFile['programs'][string];

/** How often it is asked is settled. */
export type Probe = NonNullable<ProgramFile['probe']> & { readonly intervalMs: number; readonly retryMs: number };

export interface Program extends Omit<ProgramFile, 'boards' | 'probe'> {
  readonly name: string;
  readonly probe?: Probe | undefined;
  /** Boards that run it: those named by the file and those of the pools of its services. */
  readonly boards: readonly BoardId[];
  /** Service that it belongs to, if any. */
  readonly service?: string;
}

export interface Timing {
  readonly intervalMs: number;
  readonly leaseMs: number;
  readonly proofMs: number;
}

type SnmpFile = NonNullable<ClusterFile['snmp']>;

export interface Snmp {
  /** Boards that run SNMP/ag. */
  readonly boards: readonly BoardId[];
  readonly listen: readonly string[];
  readonly agentx?: string;
  readonly users: readonly (SnmpFile['users'][string] & { readonly name: string })[];
  readonly communities: SnmpFile['communities'];
  readonly targets: SnmpFile['targets'];
  readonly traps?: NonNullable<SnmpFile['traps']>;
  /** Ascending by number. */
  readonly agents: readonly SnmpAgent[];
}

export interface Router {
  readonly name: string;
  readonly tell: readonly string[];
  readonly timeoutMs: number;
}
/** A board's or switch's own agent. Its name is the context in which it is relayed. */
export type SnmpAgent = Omit<SnmpFile['agents'][string], 'number' | 'addresses'> & {
  readonly name: string;
  /** A board's id, or a number of its own, 65 to 255. */
  readonly number: number;
  readonly board?: BoardId;
  /** Of a board without others: its address on network A, then that on B. */
  readonly addresses: readonly string[];
};

/** A checked cluster file. Plain data: it can be kept as JSON. */
export interface Cluster {
  readonly name: string;
  readonly number: number;
  readonly keyFile: string;
  readonly oldKeyFile?: string;
  readonly timing: Timing;
  readonly ports: { readonly beat: number; readonly relay: number; readonly alert: number };
  readonly networks: Readonly<Record<Network, { readonly subnet: Prefix; readonly multicast?: Ip }>>;
  /** Ascending by id. */
  readonly boards: readonly Board[];
  readonly gateway?: BoardId;
  readonly outside: readonly Prefix[];
  /** Told by a command where services are, in the order of the file; absent: none. */
  readonly routers?: readonly Router[];
  readonly services: readonly Service[];
  readonly programs: readonly Program[];
  readonly escalation?: NonNullable<ClusterFile['escalation']>;
  readonly geodhcp?: GeoDhcp;
  readonly snmp?: Snmp;
}

export function boardById(cluster: Cluster, id: BoardId): Board | undefined {
  return cluster.boards.find((board) => board.id === id);
}

export function boardByName(cluster: Cluster, name: string): Board | undefined {
  return cluster.boards.find((board) => board.name === name);
}

/** Votes that make a majority: more than half. */
export function majority(cluster: Cluster): number {
  return Math.floor(cluster.boards.filter((board) => board.vote).length / 2) + 1;
}

/** The bit of each board number, made once: a shift of big integers costs as much as the rest of a look at a bitmap. */
const BITS = Array.from({ length: 65 }, (_, id) => (id === 0 ? 0n : 1n << BigInt(id - 1)));

export function bit(id: BoardId): bigint {
  return BITS[id] ?? 1n << BigInt(id - 1);
}

export function bits(ids: Iterable<BoardId>): bigint {
  let map = 0n;
  for (const id of ids) map |= bit(id);
  return map;
}

/** Board ids of a bitmap, ascending. */
export function boardsOf(map: bigint): BoardId[] {
  const ids: BoardId[] = [];
  for (let id = 1, rest = map; rest !== 0n; id++, rest >>= 1n) if ((rest & 1n) !== 0n) ids.push(id);
  return ids;
}
