import type { Random } from '@softset/base';
import type {
  AgentMessage,
  Alarm,
  BoardId,
  BoardMessage,
  Change,
  Cluster,
  Fault,
  Grant,
  NetrackState,
  Order,
  OrderOutcome,
  Pace,
  ProgramFact,
  PulseMessage,
  PulseReport,
  PulseRequest,
  Register,
  RolloutWish,
  Stamp,
  Stock,
  Version,
} from '@softset/protocol';
import type { Without } from '../rules.js';
import type { Gap } from './awake.js';

export interface ClusterConfig {
  readonly cluster: Cluster;
  readonly self: BoardId;
  readonly random: Random;
  /** How long a live holder may take to let go before it is left to its lease, ms. */
  readonly releaseMs: number;
  readonly without: Without;
  /** First 32 bits of the SHA-256 of what this board runs, for its own row of the view; absent: not told. */
  readonly configuration?: number;
  /** Of this software, for the others to know; absent: they are not told. */
  readonly release?: string;
}

/** The vote record: what a board must never forget. A board that has none is amnesiac (T4). */
export interface VoteMemory {
  readonly cluster: number;
  readonly term: number;
  /** Whom it voted for in that term; 0 for nobody. */
  readonly candidate: BoardId | 0;
}

export type ClusterEvent =
  | { readonly kind: 'pulse-up' }
  | { readonly kind: 'pulse-down' }
  | { readonly kind: 'pulse'; readonly message: PulseMessage }
  | { readonly kind: 'message'; readonly from: BoardId; readonly message: BoardMessage }
  | { readonly kind: 'agent-up' }
  | { readonly kind: 'agent-down' }
  | { readonly kind: 'agent-term'; readonly term: number }
  | { readonly kind: 'agent-outcome'; readonly outcome: OrderOutcome }
  /** The vote record, or a register that had to be, is on disk. */
  | { readonly kind: 'vote-kept'; readonly memory: VoteMemory }
  | { readonly kind: 'register-kept'; readonly term: number; readonly index: number }
  | {
      readonly kind: 'serve';
      readonly id: number;
      readonly service: string;
      readonly board: BoardId;
      readonly cause: string;
    }
  | { readonly kind: 'fenced'; readonly board: BoardId }
  | { readonly kind: 'amend'; readonly change: Change }
  | { readonly kind: 'force'; readonly id: number; readonly who: string }
  | {
      readonly kind: 'clear-alarm';
      readonly id: string;
      readonly object: string;
      readonly cause: string;
      readonly who: string;
    }
  | { readonly kind: 'rollout'; readonly id: string; readonly wish: RolloutWish; readonly who: string }
  | { readonly kind: 'programs'; readonly programs: readonly ProgramFact[] }
  | { readonly kind: 'alarm'; readonly alarm: Alarm }
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] }
  | { readonly kind: 'tick' };

export type ClusterEffect =
  | { readonly kind: 'pulse'; readonly request: PulseRequest }
  | { readonly kind: 'send'; readonly to: BoardId | 'all'; readonly message: BoardMessage }
  | { readonly kind: 'agent'; readonly message: AgentMessage }
  | { readonly kind: 'keep-vote'; readonly memory: VoteMemory }
  /** `answer`: report `register-kept` once it is on disk; without, at leisure (R2). */
  | { readonly kind: 'keep-register'; readonly register: Register; readonly answer: boolean }
  | { readonly kind: 'served'; readonly id: number; readonly grant: Grant }
  | { readonly kind: 'not-served'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly kind: 'forced'; readonly id: number; readonly left: readonly BoardId[] }
  | { readonly kind: 'not-forced'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly kind: 'answer-wish'; readonly id: string; readonly ok: boolean; readonly message: string }
  | { readonly kind: 'publish'; readonly state: NetrackState }
  | { readonly kind: 'log'; readonly event: string; readonly fields: Readonly<Record<string, unknown>> };

/** A vote that waits for the disk, the pulse and the agent before it leaves (T3). */
export interface PendingVote {
  readonly term: number;
  readonly candidate: BoardId;
  stamp: Stamp;
  register: { readonly term: number; readonly index: number };
  kept: boolean;
  /** The vote before it reached the disk: a claim need not wait for this one to. */
  readonly early: boolean;
  stock: Stock | undefined;
  followId: number;
  sent: boolean;
}

export interface Claim {
  readonly term: number;
  readonly startedMs: number;
  resendMs: number;
  /** Own beats that claims named, with their send times: what votes are dated by (T2). */
  readonly stamps: Map<number, number>;
  newest: (Stamp & { readonly sentMs: number }) | undefined;
  readonly votes: Map<BoardId, { sentMs: number; stock: Stock }>;
  /** Newest register among the voters' and its own. */
  register: Register;
  leadId: number;
}

export interface Move {
  readonly service: string;
  readonly to: BoardId;
  readonly grant: Grant;
  readonly startedMs: number;
  readonly cause: string;
  /** Board whose confirmation was never had, for M6. */
  formerly: BoardId | undefined;
  /** Since when the board that gets it is known to wait for the holder's word (M8). */
  readyMs: number | undefined;
  /** Since when nobody else can hold it. */
  clearMs: number | undefined;
  order: Order | undefined;
  orderedMs: number;
  resendMs: number;
}

/** What a director knows and does in its term. */
export interface Lead {
  readonly electedMs: number;
  readonly acks: Map<BoardId, number>;
  committed: number;
  resendMs: number;
  /** Until when boards that need not act on writes are left alone. */
  leisureMs: number;
  /** Newest stock of each board that reported under this term (R3). */
  readonly reports: Map<BoardId, Stock>;
  /** Grants that a board may hold: what it reported, and what was ordered since. */
  readonly possible: Map<BoardId, Map<string, Grant>>;
  /** When each board was last ordered to take something: counts as an echo (L5). */
  readonly orderedMs: Map<BoardId, number>;
  readonly releasedMs: Map<string, number>;
  /** Boards left to their lease: a release was not answered in time. */
  readonly silenced: Set<BoardId>;
  /** Boards whose power was taken away, and the life that it ended. */
  readonly fenced: Map<BoardId, string>;
  vouchAsked: readonly BoardId[] | undefined;
  vouchId: number;
  /** What the pulse confirmed, and when each board was echoed last (L5). */
  vouching: Set<BoardId> | undefined;
  readonly echoedMs: Map<BoardId, number>;
  readonly moves: Map<string, Move>;
  /** Operators' clears of alarms, and what they wished of the configuration, that a majority does not have yet, by wish: which version of the register each is in. */
  readonly clears: Map<string, { readonly index: number; readonly message: string }>;
  /** Boards whose vote an operator wants taken (false) or counted again, as soon as R4 allows it. */
  readonly votes: Map<BoardId, boolean>;
  deputy: BoardId | 0;
  proofLostMs: number;
}

export interface ClusterState {
  /** When this life of it began. */
  readonly sinceMs: number;
  pulseUp: boolean;
  report: PulseReport | undefined;
  pace: Pace | undefined;
  nextId: number;
  term: number;
  director: BoardId | 0;
  /** Since when that one is followed: a candidate that was voted for gets time to win. */
  directorSinceMs: number;
  role: 'follower' | 'candidate' | 'director';
  memory: VoteMemory;
  amnesiac: boolean;
  readonly amnesia: {
    readonly sinceMs: number;
    readonly answered: Map<BoardId, boolean>;
    askedMs: number;
    register: Register | undefined;
  };
  /** An operator forces a quorum here: who answered, and since when it is asked. */
  force:
    | {
        readonly id: number;
        readonly who: string;
        readonly sinceMs: number;
        register: Register | undefined;
        untilMs: number;
      }
    | undefined;
  /** When it woke last, and where it did not when it should have (awake.ts). */
  readonly awake: { wokeMs: number; readonly gaps: Gap[] };
  agentUp: boolean;
  agentTerm: number;
  register: Register;
  /** A register was written in this step and has to go out. */
  dirty: boolean;
  /** First version with a membership that waits for the disk and is not acknowledged before (R2). */
  unkept: (Version & { readonly membership: string }) | undefined;
  /** The membership that this board's disk has; '' for none. */
  keptMembership: string;
  pendingVote: PendingVote | undefined;
  claim: Claim | undefined;
  lead: Lead | undefined;
  /** Highest term heard of anywhere. */
  seenTerm: number;
  /** Since when the director is missed; undefined while it is well. */
  troubleMs: number | undefined;
  backoffUntilMs: number;
  /** Claims that failed since a director was last well: each makes the next one more patient. */
  claimsFailed: number;
  reportSent: { stock: string; term: number; directed: boolean; atMs: number };
  readonly programs: Map<BoardId, { readonly sequence: number; readonly programs: readonly ProgramFact[] }>;
  programsSentMs: number;
  /** What others run, as they said last. */
  readonly releases: Map<BoardId, string>;
  releaseSentMs: number;
  /** Alarms of this board that the register does not show yet, or (until `doubtUntilMs`) may come not to show. */
  readonly alarms: Map<string, { readonly alarm: Alarm; readonly doubtUntilMs: number; sentMs: number }>;
  faults: readonly Fault[];
  /** Phases as last looked at, so that what time alone changes is published once. */
  lastPhases: string;
  changed: boolean;
}
