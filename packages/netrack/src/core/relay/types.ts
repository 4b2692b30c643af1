import type { BoardId, Network } from '@softset/protocol/cluster.js';
import type { Life, RelayFrame } from './frame.js';
import type { Inbox } from './inbox.js';
import type { Outbox, RetryTimes } from './outbox.js';

export interface RelayConfig extends RetryTimes {
  readonly cluster: number;
  readonly self: BoardId;
  readonly life: Life;
  readonly peers: readonly BoardId[];
  /** How long later messages wait for an earlier one that is missing, in ms. */
  readonly gapMs: number;
}

/** A message leaves again after 3 ms, on networks whose answer takes a tenth of one; two seconds are eight leases. */
export const RELAY_DEFAULTS = { retryMs: 3, retryMaxMs: 100, giveUpMs: 2000, queueMax: 256, gapMs: 50 } as const;

export type RelayEvent =
  /** Once, first: every peer is asked who it is. */
  | { readonly kind: 'start' }
  /** `id` is the caller's own number, by which `dropped` and `arrived` name the message. */
  | { readonly kind: 'send'; readonly id: number; readonly to: BoardId; readonly payload: Uint8Array }
  /** Sent once, never repeated: for messages whose senders repeat them and that must not wait behind a gap. */
  | { readonly kind: 'datagram'; readonly to: BoardId | 'all'; readonly payload: Uint8Array }
  /** A frame whose HMAC was right, and the network that it came in by. */
  | { readonly kind: 'frame'; readonly network: Network; readonly frame: RelayFrame }
  | { readonly kind: 'tick' }
  | { readonly kind: 'peer-up'; readonly peer: BoardId }
  | { readonly kind: 'peer-down'; readonly peer: BoardId };

/** Why a message was refused or given up. */
export type RelayDrop =
  | 'RELAY_FULL'
  | 'RELAY_TOO_LARGE'
  | 'RELAY_UNKNOWN_BOARD'
  | 'RELAY_PEER_DOWN'
  | 'RELAY_PEER_RESTARTED'
  | 'RELAY_TIMEOUT'
  | 'RELAY_LATE';

export type RelayEffect =
  | { readonly kind: 'transmit'; readonly network: Network; readonly frame: RelayFrame }
  | { readonly kind: 'deliver'; readonly from: BoardId; readonly payload: Uint8Array }
  | { readonly kind: 'deliver-datagram'; readonly from: BoardId; readonly payload: Uint8Array }
  /** The peer's netrackd has the message, and delivers it unless it ends first. */
  | { readonly kind: 'arrived'; readonly id: number; readonly to: BoardId }
  /** It was not delivered, or nobody knows whether it was. */
  | { readonly kind: 'dropped'; readonly id: number; readonly to: BoardId; readonly code: RelayDrop }
  /** Send a tick at this time. Each one replaces the one before. */
  | { readonly kind: 'wake'; readonly atMs: number };

/** Frames that were right and yet not delivered, and what was lost, since the start. */
export type RelayCount =
  | 'RELAY_WRONG_NETWORK'
  | 'RELAY_NOT_MINE'
  | 'RELAY_UNKNOWN_BOARD'
  | 'RELAY_OLD_LIFE'
  | 'RELAY_DUPLICATE'
  | 'RELAY_AHEAD'
  | 'RELAY_LATE'
  | 'RELAY_SKIPPED'
  | 'RELAY_DATAGRAM_DROPPED';

export interface Peer {
  readonly board: BoardId;
  up: boolean;
  /** Undefined until it was heard to name our own life. */
  life: Life | undefined;
  /** Boots that this board had before, the newest last: they never come back. */
  readonly retired: string[];
  inbox: Inbox;
  readonly outbox: Outbox;
  datagrams: { readonly payload: Uint8Array; readonly acceptedMs: number }[];
  datagramSequence: number;
  welcomedMs: number;
  /** Greetings still to be sent, though nothing waits for the answer. */
  greetings: number;
  greetAtMs: number;
  greetWaitMs: number;
}

export interface RelayState {
  readonly peers: ReadonlyMap<BoardId, Peer>;
  readonly counts: Partial<Record<RelayCount, number>>;
  wakeAtMs: number | undefined;
}
