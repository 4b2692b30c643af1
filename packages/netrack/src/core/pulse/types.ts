import type { Mac } from '@softset/base';
import type {
  Beat,
  BoardId,
  DaemonName,
  Gone,
  Grant,
  Network,
  Order,
  OrderRefusal,
  Pace,
  PulseAlarm,
  PulseAnswer,
  PulseMessage,
  PulseReport,
  PulseRequest,
  Stamp,
  Timing,
  Verdict,
} from '@softset/protocol';
import type { Without } from '../rules.js';

/** What the pulse needs of the cluster file, as plain data. Times in ms. */
export interface PulseConfig {
  readonly self: BoardId;
  readonly cluster: number;
  readonly config: number;
  readonly boards: readonly BoardId[];
  readonly voters: readonly BoardId[];
  readonly timing: Timing;
  /** Service names by their bit in a beat's lease bitmap. */
  readonly services: readonly string[];
  readonly without: Without;
}

/** What survives the pulse but not the kernel's boot: kept in the run directory. */
export interface PulseMemory {
  readonly boot: string;
  readonly incarnation: number;
  readonly term: number;
  readonly director: BoardId | 0;
  readonly amnesiac: boolean;
  readonly named: {
    readonly term: number;
    readonly index: number;
    readonly grants: readonly { readonly service: string; readonly grant: Grant }[];
    /** Whose votes count by that register; the cluster file's where it is absent. */
    readonly voters?: readonly BoardId[];
  };
  readonly leases: readonly Lease[];
  readonly refused: readonly { readonly service: string; readonly grant: Grant }[];
}

export interface Lease {
  readonly service: string;
  readonly grant: Grant;
  readonly network: Network;
  /** When the element ends, monotonic. */
  readonly untilMs: number;
}

export type PulseEvent =
  /**
   * A datagram that decoded and whose HMAC was right, on the network whose socket it came in by. `arrivedMs` is when the
   * kernel received it, monotonic and never later than now: it may have waited to be read.
   */
  | { readonly kind: 'beat'; readonly network: Network; readonly beat: Beat; readonly arrivedMs: number }
  /** A datagram that was refused at the edge. */
  | { readonly kind: 'refused'; readonly code: string }
  /** A kernel answered our ARP question or neighbour solicitation. */
  | { readonly kind: 'answer'; readonly network: Network; readonly board: BoardId; readonly mac: Mac }
  /** A connected socket was refused: that board's pulse is gone, its kernel lives. */
  | { readonly kind: 'port-closed'; readonly board: BoardId }
  | { readonly kind: 'carrier'; readonly network: Network; readonly up: boolean }
  /** Somebody else changed our table; it stands again, empty. */
  | { readonly kind: 'flushed'; readonly by: string }
  /** A request on the local socket; `from` tells which connection gets the answer, `daemon` who said hello on it. */
  | {
      readonly kind: 'request';
      readonly from: number;
      readonly daemon: DaemonName | 'watch';
      readonly request: PulseRequest;
    }
  /** What became of a kernel effect; `untilMs` is when the element now ends. */
  | { readonly kind: 'made'; readonly lease: Lease; readonly answer?: PendingAnswer }
  | {
      readonly kind: 'unmade';
      readonly lease: Lease;
      readonly code: string;
      readonly message: string;
      readonly answer?: PendingAnswer;
    }
  /** Time passed. The shell drains every socket before it says so (drain before judging). */
  | { readonly kind: 'tick' };

export interface PendingAnswer {
  readonly from: number;
  readonly id: number;
}

export type PulseEffect =
  /**
   * `alert`: to the port that is read at once, for a beat that brings news between two that are due; `to` these alone,
   * as nobody else has to act on it.
   */
  | {
      readonly kind: 'send';
      readonly network: Network;
      readonly beat: Omit<Beat, 'mac'>;
      readonly alert: boolean;
      readonly to?: readonly BoardId[];
    }
  | { readonly kind: 'ask'; readonly network: Network; readonly board: BoardId }
  | { readonly kind: 'persist'; readonly memory: PulseMemory }
  /** New element and address; answered by `made` or `unmade`. */
  | { readonly kind: 'create'; readonly lease: Lease; readonly answer: PendingAnswer }
  /** Delete and add in one transaction; `revive` is a plain add, for the scenario without rule L3 alone. */
  | { readonly kind: 'renew'; readonly lease: Lease; readonly revive: boolean }
  | { readonly kind: 'delete'; readonly lease: Lease }
  | { readonly kind: 'rehome'; readonly lease: Lease; readonly from: Network }
  | { readonly kind: 'answer'; readonly to: number; readonly answer: PulseAnswer }
  /** To every local connection. */
  | { readonly kind: 'tell'; readonly message: Exclude<PulseMessage, PulseAnswer> }
  | { readonly kind: 'log'; readonly event: string; readonly fields: Readonly<Record<string, unknown>> };

/** One other board, as this one sees it. */
export interface Peer {
  readonly board: BoardId;
  readonly heardMs: Record<Network, number>;
  /** MAC of its interface on each network, as its own beats name it. */
  readonly macs: Record<Network, Mac | undefined>;
  readonly lastSequence: Record<Network, number>;
  readonly answeredMs: Record<Network, number>;
  /** Former lives, and the newest beat that was heard of each. */
  readonly oldBoots: { readonly boot: string; readonly incarnation: number; readonly sequence: number }[];
  /** Newest beat; undefined before the first. */
  beat: Beat | undefined;
  /** When the newest beat was read. */
  beatMs: number;
  paths: Record<Network, boolean>;
  verdict: Verdict;
  sinceMs: number;
  askedMs: number;
  asked: number;
  pulseDead: boolean;
  /** Director: newest of its own send times that this board echoed (L2). */
  echoedSentMs: number;
  /** Director: receipt of the newest beat of this board that was echoed in this term (L5); 0 for never. */
  echoedReceiptMs: number;
  /** Up to which grant of each service it said that it let go (M8). */
  readonly gone: Map<string, Grant>;
}

/** A create that waits for another board to let go. */
export interface Waiter {
  readonly pending: PendingAnswer;
  readonly order: Order;
  readonly network: Network;
}

export interface PulseState {
  readonly boot: string;
  readonly incarnation: number;
  readonly startedMs: number;
  readonly peers: Map<BoardId, Peer>;
  readonly carrier: Record<Network, boolean>;
  readonly aliveMs: Record<DaemonName, number>;
  readonly leases: Map<string, Lease>;
  readonly refused: Map<string, Grant>;
  /** What was let go of for an heir, newest first, and the heirs that have not been told yet (M8). */
  gone: readonly Gone[];
  /** Whose beat was the last to say that an element of a service began to stand, by the service's bit. */
  readonly began: Map<number, BoardId>;
  heirs: readonly BoardId[];
  waiters: readonly Waiter[];
  /** Own send times by sequence modulo the ring's length. */
  readonly sentMs: Float64Array;
  readonly counters: Record<string, number>;
  /** By cause and object: what is told, and when its condition was last seen. */
  readonly alarms: Map<string, { readonly alarm: PulseAlarm; readonly seenMs: number }>;
  sequence: number;
  nextBeatMs: number;
  lastTickMs: number;
  /** Silence is counted from here at the earliest: start, or the end of this board's own last stall. */
  judgeFromMs: number;
  health: number;
  healthStepMs: number;
  term: number;
  director: BoardId | 0;
  deputy: BoardId | 0;
  elected: boolean;
  amnesiac: boolean;
  leaving: boolean;
  vouched: Set<BoardId>;
  named: PulseMemory['named'];
  /** Newest own send time that the director of the term echoed (L1). */
  echoedSentMs: number;
  renewedMs: Map<string, number>;
  isolated: boolean;
  /** Boards heard on each network, kept beside `paths` so that a tick need not put it together. */
  hears: Record<Network, bigint>;
  /** What the last beat said of us and others: a bit that clears is sent at once. */
  lastSaid: {
    bits: Record<Network, bigint>;
    carrier: Record<Network, boolean>;
    daemons: number;
    term: number;
    leases: bigint;
  };
  lastExtraMs: number;
  /** Whether the last report said that this board is in doubt: that ends by time alone. */
  doubt: boolean;
  /** How many of its own daemons the last report named: one that checks in late is news to its own board, too. */
  daemonsTold: number;
  /** Something that a report shows has changed, and somebody has to act on it. */
  changed: boolean;
  /** When a report is due for what changed and can wait for company; infinity while nothing waits. */
  reportDueMs: number;
}

export type { BoardId, OrderRefusal, Pace, PulseReport, Stamp };
