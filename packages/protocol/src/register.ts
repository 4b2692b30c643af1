import type { BoardId, Network } from './cluster.js';
import type { Grant } from './grant.js';

/**
 * The register: what the cluster knows together, the cluster MIB of (000 p. 8). Small, written by the director
 * alone, replicated whole (terms-and-lease R1). Plain data, so that it crosses sockets as JSON.
 */
export interface Register {
  /** The cluster's own number: a register of another cluster is refused. */
  readonly cluster: number;
  /** Version: the term of the director that wrote it, and its count. A later version replaces an earlier one. */
  readonly term: number;
  readonly index: number;
  readonly members: readonly Member[];
  readonly services: readonly ServiceEntry[];
  readonly alarms: readonly Alarm[];
  /** The network that traffic takes while it works, by an operator's or a rule's wish; absent: A. */
  readonly prefers?: Network;
  /** The configuration that all boards are to run, once one was ever rolled out; absent: each runs its own file. */
  readonly rollout?: Rollout;
}

/**
 * deciding: written; nobody acts on it. trial: a majority has it, every board runs it, and goes back unless it is
 * confirmed. kept: for good.
 */
export const ROLLOUT_PHASES = ['deciding', 'trial', 'kept'] as const;

export interface Rollout {
  /** Counts roll-outs and ways back, from 1. */
  readonly version: number;
  /** SHA-256 of the cluster file's text, 64 hexadecimal digits; and of what ran before, where a way back leads. */
  readonly hash: string;
  readonly before: string;
  readonly phase: (typeof ROLLOUT_PHASES)[number];
  /** How long it is on trial, ms; 0: it needs no confirmation. */
  readonly confirmMs: number;
  /** Whose wish it was, or why it went back. */
  readonly who: string;
}

/** What an operator wishes of the configuration; the director decides. */
export type RolloutWish =
  | { readonly kind: 'commit'; readonly hash: string; readonly before: string; readonly confirmMs: number }
  | { readonly kind: 'confirm' }
  | { readonly kind: 'rollback' };

export interface Member {
  readonly board: BoardId;
  readonly vote: boolean;
  readonly admin: Admin;
  /** It left for good (`softset board leave --for-good`): its vote counts nowhere until it returns, whatever the file says. */
  readonly left?: true;
}

/**
 * in-service: judged and given work, *active* in the words of (000 Figs 4, 6). standby: a spare, which takes what no active
 * board can, and gives it to one that can. maintenance: left alone, with what it holds. drained: gives up all it holds, and
 * is given nothing. All but the first by an operator's wish, until another.
 */
export const ADMINS = ['in-service', 'maintenance', 'drained', 'standby'] as const;
export type Admin = (typeof ADMINS)[number];

/** What an operator's wish changes in the register: on disk with a majority before it is answered (R2). */
export type Change =
  | { readonly kind: 'pin'; readonly service: string; readonly board: BoardId }
  | { readonly kind: 'unpin'; readonly service: string }
  | { readonly kind: 'admin'; readonly board: BoardId; readonly admin: Admin }
  | { readonly kind: 'prefer'; readonly network: Network }
  /** Membership for good (000 Figs 4, 6): its vote is taken, or counts again. */
  | { readonly kind: 'leave'; readonly board: BoardId }
  | { readonly kind: 'return'; readonly board: BoardId };

export interface ServiceEntry {
  readonly service: string;
  /** Who holds the addresses, or held them last. */
  readonly holder?: { readonly board: BoardId; readonly grant: Grant };
  /** Who gets them next: written before the order leaves (M4), so that a planned move waits for one exchange only. */
  readonly next?: { readonly board: BoardId; readonly grant: Grant };
  /** Boards that lost it without a confirmation: not echoed until they confirm (M3). */
  readonly abandoned: readonly { readonly board: BoardId; readonly grant: Grant }[];
  /** Board that the operator wants, if any. */
  readonly pin?: BoardId;
  readonly cause: string;
}

/** X.733's shape: what, why, how bad, and what became of it. */
export interface Alarm {
  /** What it is about, such as `board/cpu-1` or `service/media`. */
  readonly object: string;
  /** Stable code, such as `ADDRESS_IN_USE`. */
  readonly cause: string;
  readonly severity: 'critical' | 'major' | 'minor' | 'warning' | 'cleared';
  readonly text: string;
  /** Wall time, ms since 1970, by the board that raised it. */
  readonly raisedAtMs: number;
  readonly raisedBy: BoardId;
  readonly acknowledgedBy?: string;
}

export interface Version {
  readonly term: number;
  readonly index: number;
}

/** Below zero when `a` is the older version. */
export function compareVersions(a: Version, b: Version): number {
  return a.term - b.term || a.index - b.index;
}
