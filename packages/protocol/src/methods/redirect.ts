import type { BoardId } from '../cluster.js';

export interface PlacementReason {
  readonly board: BoardId;
  readonly chosen: boolean;
  /** `chosen, first of the pool`, `refused, its daemons are gone`. */
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
}

export interface RedirectTopics {
  moves: Move;
}
