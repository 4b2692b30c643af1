import type { Random } from '@softset/base';
import type { BoardId } from '@softset/protocol';

/** A chassis of up to 64 boards: a cluster of its own, with its own votes, register and leases. */
export type GroupId = number;

/** A board that speaks for its group in the ring. */
export interface Delegate {
  readonly group: GroupId;
  readonly board: BoardId;
}

export type RingStatus = 'alive' | 'suspect' | 'dead';

/** What is said of a delegate. Of two that name it the greater (incarnation, status) counts. */
export interface MemberUpdate extends Delegate {
  readonly kind: 'member';
  readonly status: RingStatus;
  /** Its own count of refutations, under the count of its lives; only it raises it. */
  readonly incarnation: number;
  /** Who says so: suspicions of different groups count, and a group knows of its own boards better than anybody. */
  readonly by: GroupId;
}

/** What a group's director says of its group. The greater (term, n) counts. */
export interface Digest {
  readonly kind: 'digest';
  readonly group: GroupId;
  readonly term: number;
  readonly n: number;
  readonly director: BoardId;
  /** Bit 0 is board 1: the boards that are up, by the group's own verdicts. */
  readonly up: bigint;
}

export type Update = MemberUpdate | Digest;

/** `number` names the probe that a message belongs to; it means something to who made it alone. */
export type RingMessage = { readonly from: Delegate; readonly updates: readonly Update[] } & (
  | { readonly kind: 'ping'; readonly number: number }
  | { readonly kind: 'ack'; readonly number: number }
  /** Ask the target in my stead. */
  | { readonly kind: 'ask'; readonly number: number; readonly target: Delegate }
  /** I live, and the target that you asked for has not answered me either. */
  | { readonly kind: 'nack'; readonly number: number }
  | { readonly kind: 'gossip' }
);

export type RingEvent =
  | { readonly kind: 'message'; readonly message: RingMessage }
  /** What the own group's detector and director say; boards that it calls down are no delegates any more. */
  | { readonly kind: 'group'; readonly digest: Digest; readonly down: readonly BoardId[] }
  /** Time passed. The shell drains its sockets before it says so. */
  | { readonly kind: 'tick' };

export type RingEffect =
  | { readonly kind: 'send'; readonly to: Delegate; readonly message: RingMessage }
  /** A group of which no delegate is left, or which is there again. */
  | { readonly kind: 'group'; readonly group: GroupId; readonly gone: boolean };

export interface RingConfig {
  readonly self: Delegate;
  readonly random: Random;
  /** A probe each period; its answer is waited for so long before others are asked to help. */
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly gossipMs: number;
}

export interface Member extends Delegate {
  status: RingStatus;
  incarnation: number;
  sinceMs: number;
  /** Groups that suspect it; and when that began, by this board's clock. */
  readonly suspectedBy: Set<GroupId>;
}

export interface Probe {
  readonly number: number;
  readonly target: Delegate;
  readonly sentMs: number;
  readonly helpers: number;
  nacks: number;
  asked: boolean;
  answered: boolean;
}

/** A probe that is made in another's stead. */
export interface Help {
  readonly number: number;
  readonly asker: Delegate;
  readonly askerNumber: number;
  readonly nackAtMs: number;
}

export interface RingState {
  incarnation: number;
  readonly members: Map<number, Member>;
  readonly digests: Map<GroupId, Digest>;
  readonly gone: Set<GroupId>;
  /** What is to be passed on, by what it is about, and how often it was. */
  readonly outbox: Map<string, { readonly update: Update; sends: number }>;
  /** Lifeguard's local health: 0 well, 7 at worst; it stretches the own timeouts. */
  health: number;
  probe: Probe | undefined;
  helps: readonly Help[];
  /** Whom to probe next: all others once, then all again in another order. */
  order: readonly number[];
  number: number;
  nextProbeMs: number;
  nextGossipMs: number;
  lastTickMs: number;
  periods: number;
}
