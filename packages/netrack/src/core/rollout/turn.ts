import type { BoardId } from '@softset/protocol';

export interface TurnBoard {
  readonly board: BoardId;
  /** Not down, nor never heard of. */
  readonly present: boolean;
  /** By its beats: the first 8 hexadecimal digits of what it runs, and whether its netrackd lives. */
  readonly configuration: string | undefined;
  readonly alive: boolean;
}

/**
 * Whether it is this board's turn to begin anew with `hash`: boards go one after another by their numbers, the director
 * last, so that there is always one who directs and one who can take. Each sees by the others' beats how far they are.
 */
export function isTurn(self: BoardId, director: BoardId | 0, hash: string, boards: readonly TurnBoard[]): boolean {
  return boards
    .filter(({ board, present }) => present && board !== self)
    .filter(({ board }) => self === director || (board !== director && board < self))
    .every((one) => changed(one, hash));
}

/** How many have changed: while that grows, whoever waits goes on waiting. */
export function changedCount(hash: string, boards: readonly TurnBoard[]): number {
  return boards.filter((one) => changed(one, hash)).length;
}

function changed({ configuration, alive }: TurnBoard, hash: string): boolean {
  return configuration === hash.slice(0, 8) && alive;
}
