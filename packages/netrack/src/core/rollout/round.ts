import type { BoardId } from '@softset/protocol';

/** Boards are asked again, and one that has not answered for so long refuses, ms. */
const AGAIN_MS = 500;
export const ROUND_MS = 6000;

/**
 * One question to every board that is there: can you hold this ready? It ends when all have answered or the time is over;
 * one that refuses, or does not answer, is enough for none to change.
 *
 *   asking ── each answers yes ──► all
 *     └────── one says no, or none in time ──► refused
 */
export interface Round {
  readonly id: string;
  readonly hash: string;
  readonly startedMs: number;
  readonly waiting: Set<BoardId>;
  readonly refused: Map<BoardId, string>;
  askedMs: number;
}

export function beginRound(id: string, hash: string, boards: readonly BoardId[], nowMs: number): Round {
  return {
    id,
    hash,
    startedMs: nowMs,
    waiting: new Set(boards),
    refused: new Map(),
    askedMs: Number.NEGATIVE_INFINITY,
  };
}

/** An answer to another round, for another text, or of a board that was not asked or has answered, is none. */
export function hearAnswer(
  round: Round,
  from: BoardId,
  answer: { readonly round: string; readonly hash: string; readonly ok: boolean; readonly message: string },
): void {
  if (answer.round !== round.id || answer.hash !== round.hash || !round.waiting.delete(from)) return;
  if (!answer.ok) round.refused.set(from, answer.message);
}

/** Whom to ask now. */
export function tendRound(round: Round, nowMs: number): readonly BoardId[] {
  if (nowMs - round.startedMs >= ROUND_MS) {
    for (const board of round.waiting) round.refused.set(board, 'it does not answer');
    round.waiting.clear();
  }
  if (round.waiting.size === 0 || nowMs - round.askedMs < AGAIN_MS) return [];
  round.askedMs = nowMs;
  return [...round.waiting];
}
