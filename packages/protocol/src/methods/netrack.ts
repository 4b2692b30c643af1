import type { DaemonName } from '../beat.js';
import type { ProgramFact, ProgramOrder, ProgramVerb, ProgramWish } from '../board-message.js';
import type { BoardId, Network } from '../cluster.js';
import type { Grant, Order, OrderOutcome } from '../grant.js';
import type { Verdict } from '../pulse-socket.js';
import type { Admin, Alarm, Change, Register, Rollout } from '../register.js';
import type { ConfigurationMethods } from './configuration.js';
import type { KeyMethods } from './keys.js';

/** What netrackd knows, as one snapshot: status, the console, REDIRECT and applications all read this (002 ¶0026). */
export interface NetrackState {
  readonly cluster: string;
  readonly board: BoardId;
  /** Monotonic time of the snapshot, by this board's clock; all `…Ms` below are by the same clock. */
  readonly nowMs: number;
  readonly term: number;
  readonly director: BoardId | 0;
  readonly deputy: BoardId | 0;
  readonly role: 'follower' | 'candidate' | 'director';
  /** This board is a director whose proof stands, has all reports or waits, and may give orders. */
  readonly directing: boolean;
  readonly amnesiac: boolean;
  /** Votes present in the view, of all votes. */
  readonly quorum: { readonly present: number; readonly needed: number; readonly votes: number };
  /** The pulse answers. */
  readonly pulse: boolean;
  readonly boards: readonly BoardState[];
  readonly faults: readonly Fault[];
  readonly services: readonly ServiceState[];
  /** `committed`, on the director alone: a majority has all up to this index. */
  readonly register: { readonly term: number; readonly index: number; readonly committed?: number };
  readonly alarms: readonly Alarm[];
  /** The network that traffic takes while it works, where an operator or a rule wished one; absent: A. */
  readonly prefers?: Network;
  /** What all boards are to run, once a configuration was ever rolled out. */
  readonly rollout?: Rollout;
}

export interface BoardState {
  readonly board: BoardId;
  readonly name: string;
  readonly verdict: Verdict | 'self';
  readonly sinceMs: number;
  /** Best network to reach it now. */
  readonly path?: Network;
  readonly paths: Readonly<Record<Network, boolean>>;
  readonly daemons: readonly DaemonName[];
  readonly amnesiac: boolean;
  readonly leaving: boolean;
  readonly health: number;
  readonly programs: readonly ProgramFact[];
  readonly admin: Admin;
  /** It left for good: it has no vote, and that it is not there is no fault. */
  readonly left?: true;
  /** First 8 hexadecimal digits of the SHA-256 of the cluster file that it runs, by its beats; absent: not heard yet. */
  readonly configuration?: string;
  /** Which release of this software it runs; absent: it was not told yet. */
  readonly release?: string;
  /** Whether it hears the gateway, or is it; absent where there is none, or that is not known. */
  readonly gateway?: boolean;
}

/** What is wrong, since when, and who says so (002 ¶0024, ¶0027, Fig. 8). */
export interface Fault {
  readonly kind:
    | 'network-failed'
    | 'network-mute'
    | 'link-failed'
    | 'one-way'
    /** It comes and goes; it is not used of itself until it has worked for a while that grows with each time. */
    | 'link-flapping'
    | 'board-failed'
    | 'board-stalled'
    | 'board-isolated'
    | 'board-unheard'
    | 'daemon-lost'
    | 'partition'
    | 'no-quorum'
    | 'config-differs';
  /** `A`, `cpu-1`, `cpu-1:A`. */
  readonly target: string;
  readonly sinceMs: number;
  /** One line for people: who hears whom. */
  readonly evidence: string;
}

/** held: its holder confirmed. moving: a move is under way. silent: the holder may still answer, nobody vouches for
 *  it. free: nobody holds it, and nobody can. */
export interface ServiceState {
  readonly service: string;
  readonly phase: 'held' | 'moving' | 'silent' | 'free' | 'unknown';
  readonly holder?: { readonly board: BoardId; readonly grant: Grant };
  readonly next?: { readonly board: BoardId; readonly grant: Grant };
  readonly cause: string;
  readonly pin?: BoardId;
}

/** To the local agent (redirectd): what the director wants of this board. */
export type AgentMessage =
  | { readonly kind: 'order'; readonly order: Order }
  /** Confirm that orders of older terms are no longer obeyed (T3). */
  | { readonly kind: 'term'; readonly term: number };

export interface NetrackMethods extends ConfigurationMethods, KeyMethods {
  /** The snapshot; also the topic `state`. */
  status: { params: Record<string, never>; result: NetrackState };
  register: { params: Record<string, never>; result: Register };
  /** Best way to a board now; fails NO_PATH. */
  path: { params: { board: string }; result: { board: BoardId; network: Network; address: string } };
  /** Only on the director: hand the service to this board, safely. Fails NOT_DIRECTOR, UNKNOWN_SERVICE, NOT_IN_POOL, BOARD_UNFIT, BUSY. */
  serve: {
    params: { service: string; board: BoardId; cause: string };
    result: { grant: Grant };
  };
  /** On any board: an operator's wish, carried to the director. Fails NO_DIRECTOR, REFUSED, TIMEOUT. */
  wish: {
    params: {
      kind: 'move' | 'alarm-clear' | 'change';
      change?: Change;
      service?: string;
      board?: string;
      object?: string;
      cause?: string;
    };
    result: { message: string };
  };
  /**
   * On any board: an operator's order for a program of any board that is up, carried to that board's psrmd and answered
   * when it has done it. By root or netrackd's own user. Fails UNKNOWN_BOARD, UNKNOWN_PROGRAM, NO_PATH, REFUSED, TIMEOUT.
   */
  wishProgram: {
    params: { board: string; program: string; order: ProgramVerb };
    result: { message: string };
  };
  /** The director's redirectd saw the power of a board taken away that is down: it holds nothing any more (M1). */
  fenced: { params: { board: BoardId }; result: Record<string, never> };
  /** The director's redirectd has the register changed; that it is so shows in `state`. Elsewhere it does nothing. */
  amend: { params: { change: Change }; result: Record<string, never> };
  /**
   * `softset quorum force`: the votes of all boards that are not there are taken, by this board's word alone. `cluster`
   * is the cluster's name, so that nobody does it by mistake. Fails WRONG_CLUSTER, HAS_QUORUM, NO_VOTE, NOT_READY.
   */
  force: { params: { cluster: string }; result: { message: string; left: readonly BoardId[] } };
  /** The director's redirectd tells what became of a wish, psrmd of an order; carried back to where it was uttered. */
  wished: { params: { id: string; ok: boolean; message: string }; result: Record<string, never> };
  /** Only on the director: a rule has a board's psrmd do this. Fails NOT_DIRECTOR, UNKNOWN_BOARD, NOT_DONE, TIMEOUT. */
  orderProgram: { params: Omit<ProgramOrder, 'id'> & { board: string }; result: { message: string } };
  /** redirectd answers an order of `programOrders`. */
  programDone: { params: { id: string; ok: boolean; message: string }; result: Record<string, never> };
  /** psrmd tells what its programs do; told on to all boards. */
  programs: { params: { programs: readonly ProgramFact[] }; result: Record<string, never> };
  /** Raise (or, with severity cleared, clear) an alarm; reaches the register by way of the director. */
  alarm: { params: { alarm: Alarm }; result: Record<string, never> };
  /** redirectd answers an order. */
  outcome: { params: { outcome: OrderOutcome }; result: Record<string, never> };
  /** redirectd confirms a term (T3). */
  confirmTerm: { params: { term: number }; result: Record<string, never> };
}

/** Topics of netrackd's control socket. `agent` is for the local redirectd alone: messages, no snapshot. */
export interface NetrackTopics {
  state: NetrackState;
  agent: AgentMessage;
  /** On the director: wishes to move, or to change the register, for redirectd to decide. */
  wishes: { readonly id: string; readonly who: string } & (
    | { readonly service: string; readonly board: BoardId }
    | { readonly change: Change }
  );
  /** What the director's rules have this board's psrmd do, for redirectd: messages, no snapshot. */
  programOrders: ProgramOrder;
  /** Orders for programs of this board that were given elsewhere: for the local psrmd, which answers by `wished`. */
  programWishes: ProgramWish;
}
