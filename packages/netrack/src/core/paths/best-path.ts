import { type BoardId, NETWORKS, type Network, otherNetwork } from '@softset/protocol/cluster.js';
import type { PulseReport } from '@softset/protocol/pulse-socket.js';

/** A network that failed is used again once it has worked for so long, or a flapping link would flap every route. */
export const STEADY_MS = 1000;
/** Each further loss doubles that, so often at most: 64 s. */
const DOUBLINGS_MAX = 6;
/** A loss that long ago is no part of a row of them any more, ms; what it holds down counts before that. */
const FORGET_MS = 60_000;

/**
 * A network that is back before that, ms, was not lost: a board that stood still for a moment reads what waited for it one
 * network after the other, and no link flaps by that.
 */
const LOST_MS = 100;

/** How often a network to a board was lost in a row, while the other one went on, and when it last came back. */
export interface Losses {
  readonly count: number;
  readonly lastMs: number;
}

/** What is remembered of the way to one board. */
export interface PathMemory {
  /** Network to use now; absent when there is none. */
  readonly network?: Network;
  /** Since when each network works; absent when it does not. Minus infinity: since the beginning. */
  readonly worksSinceMs: Readonly<Partial<Record<Network, number>>>;
  readonly losses: Readonly<Partial<Record<Network, Losses>>>;
  /** Since when a network that worked does not, while the other one does. */
  readonly goneSinceMs: Readonly<Partial<Record<Network, number>>>;
}

/**
 * Best way to a board now: the preferred network when it works steadily, else what was used before while that works, else
 * whatever works (002 ¶0027, ¶0048). Pure; `previous` is what the last call returned for the same board.
 */
export function bestPath(
  self: BoardId,
  report: PulseReport,
  board: BoardId,
  previous: PathMemory | undefined,
  nowMs: number,
  prefers: Network = 'A',
): PathMemory {
  const works = workingNetworks(self, report, board, prefers);
  if (works.length === 0 && previous !== undefined && kernelMayLive(report, board))
    return withCarrier(previous, report);
  const worksSinceMs: Partial<Record<Network, number>> = {};
  for (const network of works) {
    // Where nothing worked before there is nothing to keep: what works first is good at once.
    const fresh = previous?.network === undefined ? Number.NEGATIVE_INFINITY : nowMs;
    worksSinceMs[network] = previous?.worksSinceMs[network] ?? fresh;
  }
  const goneSinceMs = goneSince(works, previous, nowMs);
  const losses = lossesOf(works, previous, nowMs);
  const before = previous?.network;
  const network = isSteady({ worksSinceMs, losses }, prefers, nowMs)
    ? prefers
    : before !== undefined && works.includes(before)
      ? before
      : works[0];
  return { worksSinceMs, losses, goneSinceMs, ...(network === undefined ? {} : { network }) };
}

/** A board that is gone on both networks is no link that flaps. */
function goneSince(
  works: readonly Network[],
  previous: PathMemory | undefined,
  nowMs: number,
): Partial<Record<Network, number>> {
  const gone: Partial<Record<Network, number>> = {};
  for (const network of works.length === 0 ? [] : NETWORKS) {
    if (works.includes(network)) continue;
    const sinceMs = previous?.worksSinceMs[network] === undefined ? previous?.goneSinceMs[network] : nowMs;
    if (sinceMs !== undefined) gone[network] = sinceMs;
  }
  return gone;
}

function lossesOf(
  works: readonly Network[],
  previous: PathMemory | undefined,
  nowMs: number,
): Partial<Record<Network, Losses>> {
  const losses: Partial<Record<Network, Losses>> = { ...previous?.losses };
  for (const network of NETWORKS) {
    const before = losses[network];
    if (before && nowMs - before.lastMs > holdMs(before) + FORGET_MS) delete losses[network];
    const goneMs = nowMs - (previous?.goneSinceMs[network] ?? nowMs);
    if (!works.includes(network) || goneMs < LOST_MS) continue;
    losses[network] = { count: (losses[network]?.count ?? 0) + 1, lastMs: nowMs };
  }
  return losses;
}

/** How long it must work before it counts as it did before. */
export function holdMs(losses: Losses | undefined): number {
  return STEADY_MS * 2 ** Math.min(DOUBLINGS_MAX, Math.max(0, (losses?.count ?? 0) - 1));
}

/**
 * A pulse that is restarted is heard for a while by nobody, and its board holds on to what it has: its kernel answers, or
 * is being asked. Who would take the routes back then would cut off a service that nothing is wrong with.
 */
function kernelMayLive(report: PulseReport, board: BoardId): boolean {
  const verdict = report.boards.find((b) => b.board === board)?.verdict;
  return verdict === 'silent' || verdict === 'stalled';
}

/** The way as it was, but for a network that this board has no carrier on. */
function withCarrier({ network, ...rest }: PathMemory, { carrier }: PulseReport): PathMemory {
  const usable = network === undefined || carrier[network] ? network : otherNetwork(network);
  return { ...rest, ...(usable === undefined || !carrier[usable] ? {} : { network: usable }) };
}

export function isSteady(
  memory: Pick<PathMemory, 'worksSinceMs' | 'losses'>,
  network: Network,
  nowMs: number,
): boolean {
  const sinceMs = memory.worksSinceMs[network];
  return sinceMs !== undefined && nowMs - sinceMs >= holdMs(memory.losses[network]);
}

/**
 * Networks on which the board is heard and hears us, the preferred first. Where no network has both, those on which it is heard:
 * at a beginning its word on whom it hears is a beat behind.
 */
function workingNetworks(self: BoardId, report: PulseReport, board: BoardId, prefers: Network): Network[] {
  const seen = report.boards.find((b) => b.board === board);
  if (seen === undefined) return [];
  const heard = [prefers, otherNetwork(prefers)].filter((n) => seen.paths[n] && report.carrier[n] && seen.carrier[n]);
  const mutual = heard.filter((n) => seen.hears[n].includes(self));
  return mutual.length > 0 ? mutual : heard;
}
