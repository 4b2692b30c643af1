import type { Beat, BoardId } from '@softset/protocol';
import type { Peer, PulseConfig, PulseState } from './types.js';

/** News that nobody has to act on may wait for company this long, in intervals; another board's death until the move is over. */
const WAIT_INTERVALS = 4;
const DEATH_INTERVALS = 8;

/**
 * What of a change has to reach this board's daemons at once, and what can wait. When a board dies, every other sees it
 * within a few milliseconds, several times over: silent, down, and each change of what the others hear. Only the
 * director's netrackd has to act on that; all the rest at once would take the machine, the director's own among them, away
 * from the move. So at once is told: anything to a board that directs; what routes follow (paths, and leases that begin);
 * and what may call for an election (the director and its deputy).
 */
export function noteBeat(
  state: PulseState,
  before: Beat | undefined,
  beat: Beat,
  nowMs: number,
  config: PulseConfig,
): void {
  const begun = beat.leases & ~(before?.leases ?? 0n);
  if (begun !== 0n) noteBegun(state, begun, beat.board);
  if (before === undefined || begun !== 0n) state.changed = true;
  // Where a lease ended nobody finds the service any more, and routes wait for where it begins.
  else if (before.leases !== beat.leases) tell(state, state.elected, nowMs, config);
  else if (weighty(before, beat)) tell(state, state.elected || leaders(state).includes(beat.board), nowMs, config);
  else if (light(before, beat)) tell(state, false, nowMs, config);
}

/**
 * Two boards never hold one service, so whoever says that its element began ends what another's last beat said: that one's
 * next beat may be an interval away, and routers need not wait for it.
 */
function noteBegun(state: PulseState, begun: bigint, board: BoardId): void {
  for (let bit = 0, rest = begun; rest !== 0n; bit++, rest >>= 1n) if ((rest & 1n) === 1n) state.began.set(bit, board);
}

/** Services that a board holds, by its own beats, unless another began to hold them since. */
export function leasesOf(state: PulseState, { board, beat }: Peer, { services }: PulseConfig): string[] {
  const leases = beat?.leases ?? 0n;
  if (leases === 0n) return [];
  return services.filter((_, bit) => (leases & (1n << BigInt(bit))) !== 0n && state.began.get(bit) === board);
}

/** One path of two came or went: routes follow. With the last one the board is silent, and its verdict says the rest. */
export function notePath(state: PulseState, peer: Peer, nowMs: number, config: PulseConfig): void {
  tell(state, state.elected || peer.paths.A || peer.paths.B, nowMs, config);
}

export function noteVerdict(state: PulseState, peer: Peer, nowMs: number, config: PulseConfig): void {
  const waits = peer.verdict === 'up' ? WAIT_INTERVALS : DEATH_INTERVALS;
  tell(state, matters(state, peer.board, config), nowMs, config, waits);
}

/** Nobody waits for it, here or elsewhere. */
export function noteLater(state: PulseState, nowMs: number, config: PulseConfig): void {
  tell(state, false, nowMs, config);
}

function tell(state: PulseState, now: boolean, nowMs: number, config: PulseConfig, waits = WAIT_INTERVALS): void {
  if (now) state.changed = true;
  else state.reportDueMs = Math.min(state.reportDueMs, nowMs + waits * config.timing.intervalMs);
}

/** Whether this board acts on what becomes of another: it directs or would, nobody does, or an election may follow. */
export function matters(state: PulseState, board: BoardId, config: PulseConfig): boolean {
  return state.elected || state.director === config.self || state.director === 0 || leaders(state).includes(board);
}

/** The director that is followed, and the deputy that it named. */
export function leaders(state: PulseState): BoardId[] {
  return [state.director, state.peers.get(state.director)?.beat?.deputy ?? 0].filter((board) => board !== 0);
}

export function sameLife(a: Beat, b: Beat): boolean {
  return a.boot === b.boot && a.incarnation === b.incarnation;
}

/** What a director decides by, and what elections go by. */
function weighty(a: Beat, b: Beat): boolean {
  return (
    !sameLife(a, b) ||
    a.term !== b.term ||
    a.director !== b.director ||
    a.elected !== b.elected ||
    a.deputy !== b.deputy ||
    a.amnesiac !== b.amnesiac ||
    a.leaving !== b.leaving ||
    a.daemons.length !== b.daemons.length
  );
}

/** What only the diagnosis and people look at. */
function light(a: Beat, b: Beat): boolean {
  return (
    a.health !== b.health ||
    a.config !== b.config ||
    a.carrier.A !== b.carrier.A ||
    a.carrier.B !== b.carrier.B ||
    a.hears.A !== b.hears.A ||
    a.hears.B !== b.hears.B ||
    a.kernels !== b.kernels
  );
}
