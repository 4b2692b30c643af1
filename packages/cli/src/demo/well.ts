import type { BoardState, NetrackState } from '@softset/protocol';
import type { Chassis } from './chassis.js';

/** Why the chassis is not in the state that every step begins with; undefined when it is. */
export function whyNotWell(chassis: Chassis): string | undefined {
  const director = chassis.director();
  const seen = director === undefined ? undefined : chassis.state(director);
  if (director === undefined || seen === undefined) return 'no board directs, or two say so';
  for (const { board, state } of chassis.witnesses.values()) {
    if (state === undefined) return `netrackd of ${board} does not answer`;
    if (state.director !== seen.board || state.term !== seen.term) return `${board} does not follow ${director}`;
    if (state.amnesiac) return `${board} is amnesiac`;
    // A link that flapped works again, and is only not trusted yet: the other network is used meanwhile.
    const fault = state.faults.find(({ kind }) => kind !== 'link-flapping');
    if (fault !== undefined) return `${board} says ${fault.kind} ${fault.target}: ${fault.evidence}`;
  }
  const media = seen.services.find((one) => one.service === 'media');
  if (media !== undefined && media.phase !== 'held') return `media is ${media.phase}: ${media.cause}`;
  return unreadyBoard(seen, chassis.programs);
}

function unreadyBoard(seen: NetrackState, programs: readonly string[]): string | undefined {
  for (const board of seen.boards) {
    if (board.verdict !== 'up' && board.verdict !== 'self') return `${board.name} is ${board.verdict}`;
    if (!board.paths.A || !board.paths.B) return `${board.name} is not reached on both networks`;
    const program = unreadyProgram(board, programs);
    if (program !== undefined) return program;
  }
  return undefined;
}

/** The pool's boards keep their programs running, the standby as well (2n). */
function unreadyProgram(board: BoardState, programs: readonly string[]): string | undefined {
  if (!board.name.startsWith('cpu-')) return undefined;
  for (const name of programs) {
    const fact = board.programs.find((one) => one.program === name);
    if (fact?.state !== 'ready') return `${name} on ${board.name} is ${fact?.state ?? 'not told of'}`;
  }
  return undefined;
}
