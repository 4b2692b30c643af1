import type { BoardId } from '../cluster.js';

export interface PlacementReason {
  readonly board: BoardId;
  readonly chosen: boolean;
  /** `chosen, rank 2, load 0.4`, `fit, rank 1, load 0.1, though it just lost it`, `refused, apart from media-1`. */
  readonly why: string;
}

export interface Move {
  readonly service: string;
  readonly from?: BoardId;
  readonly to: BoardId;
  readonly cause: string;
  readonly reasons: readonly PlacementReason[];
  /** Wall time, ms since 1970. */
  readonly atMs: number;
}

/** What operators wish of services and boards, by name. */
export type OperatorWish =
  | { readonly kind: 'move'; readonly service: string; readonly board?: string }
  | { readonly kind: 'pin'; readonly service: string; readonly board: string }
  | { readonly kind: 'unpin'; readonly service: string }
  /** `A` or `B`: what all traffic between boards takes, and addresses stand on, while it works. */
  | { readonly kind: 'prefer'; readonly network: string }
  /** Boards: to give up all they hold, to be left alone, to be a spare, to be given work again; to leave for good, and to return. */
  | { readonly kind: 'drain' | 'maintenance' | 'standby' | 'activate' | 'leave' | 'return'; readonly board: string };

/** What a wish would do now; nothing was done. */
export interface Plan {
  readonly moves: readonly Omit<Move, 'atMs'>[];
  /** Services that would stay where they should not, or be held by nobody, and why. */
  readonly stays: readonly {
    readonly service: string;
    readonly why: string;
    readonly reasons: readonly PlacementReason[];
  }[];
}

/** Why a service is where it is, and what is thought of each board of its pool. */
export interface Explanation {
  readonly service: string;
  readonly phase: 'held' | 'moving' | 'silent' | 'free' | 'unknown';
  readonly holder?: BoardId;
  readonly pin?: BoardId;
  /** Why it came there. */
  readonly cause: string;
  readonly rests: boolean;
  /** Where it would go if it had to go now; absent: nowhere. */
  readonly next?: BoardId;
  readonly reasons: readonly PlacementReason[];
}

/** A port of a board's switch, as its agent says it is. */
export interface SwitchPortState {
  readonly network: 'A' | 'B';
  readonly agent: string;
  readonly port: string;
  readonly admin: 'up' | 'down';
  readonly oper: 'up' | 'down';
}

export interface RedirectMethods {
  status: {
    params: Record<string, never>;
    result: {
      readonly deciding: boolean;
      readonly moves: readonly Move[];
      /** Services that rest after too many moves. */
      readonly resting: readonly string[];
      readonly held: readonly { readonly service: string; readonly network: 'A' | 'B'; readonly programs: boolean }[];
    };
  };
  /** Planned move (`softset service move`): by name; without a board, the best other one. Carried to the director. */
  move: { params: { service: string; board?: string }; result: { message: string } };
  /** Pins and boards: done when a majority has it on disk. Carried to the director. */
  change: { params: Exclude<OperatorWish, { kind: 'move' }>; result: { message: string } };
  /** What a wish would do, by what this board knows. */
  plan: { params: OperatorWish; result: Plan };
  /** The switch ports of a board: as they are, or put up again after a fence; both, or it fails. */
  switchPorts: {
    params: { board: string; wanted: 'as-they-are' | 'up' };
    result: { readonly ports: readonly SwitchPortState[] };
  };
  explain: { params: { service: string }; result: Explanation };
}

export interface RedirectTopics {
  moves: Move;
}
