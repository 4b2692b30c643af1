import type {
  Board,
  Cluster,
  GeoConflict,
  GeoLease,
  GeoPort,
  NetrackState,
  ProgramStatus,
  RulesMethods,
} from '@softset/protocol';

/** What this agent knows and from whom. What a daemon said last stays when it goes away; the source says that it went. */
export interface Source<T> {
  readonly connection: 'connected' | 'lost' | 'never';
  readonly value?: T;
  /** When it was lost, monotonic ms. */
  readonly lostMs?: number;
}

/** What geodhcpd of this board says. */
export interface DhcpFacts {
  readonly answering: boolean;
  readonly why: string;
  readonly ports: readonly GeoPort[];
  readonly leases: readonly GeoLease[];
  readonly conflicts: readonly GeoConflict[];
}

export interface Facts {
  readonly cluster: Cluster;
  readonly board: Board;
  readonly netrack: Source<NetrackState>;
  readonly psrm: Source<readonly ProgramStatus[]>;
  /** Services that rest, by this board's redirectd. */
  readonly redirect: Source<readonly string[]>;
  /** By the same redirectd. */
  readonly rules: Source<RulesMethods['rules']['result']>;
  readonly geodhcp: Source<DhcpFacts>;
}

export function nothingKnown(cluster: Cluster, board: Board): Facts {
  const never = { connection: 'never' } as const;
  return { cluster, board, netrack: never, psrm: never, redirect: never, rules: never, geodhcp: never };
}

export function heard<T>(value: T): Source<T> {
  return { connection: 'connected', value };
}

export function gone<T>(source: Source<T>, nowMs: number): Source<T> {
  if (source.connection !== 'connected') return source;
  return { ...source, connection: 'lost', lostMs: nowMs };
}
