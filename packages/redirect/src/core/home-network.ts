import type { Network, PulseReport } from '@softset/protocol';

/**
 * Which network a held address uses: its holder's own choice (M7), one for the whole board. A, unless this board's own
 * path on A is bad (002 ¶0049); back to A only after A was good for a while, or a flapping link would move the
 * addresses at each flap.
 */
export interface Home {
  readonly network: Network;
  /** Since when A has been good; absent while it is bad. */
  readonly goodSinceMs?: number;
}

export const HOME_START: Home = { network: 'A' };

/**
 * A path is bad when the other has a carrier and this one has none, or when nobody is heard here and somebody there.
 * With both dead nothing is better than staying.
 */
export function isBad(report: Pick<PulseReport, 'carrier' | 'boards'>, network: Network): boolean {
  const other = network === 'A' ? 'B' : 'A';
  if (!report.carrier[other]) return false;
  const heard = (which: Network): boolean => report.boards.some((board) => board.paths[which]);
  return !report.carrier[network] || (!heard(network) && heard(other));
}

/** `report` is the newest that is known; called again when time alone has passed. */
export function chooseHome(
  home: Home,
  report: Pick<PulseReport, 'carrier' | 'boards'>,
  nowMs: number,
  returnMs: number,
): Home {
  if (isBad(report, 'A')) return { network: 'B' };
  const goodSinceMs = home.goodSinceMs ?? nowMs;
  const back = nowMs - goodSinceMs >= returnMs || isBad(report, 'B');
  return { network: home.network === 'A' || back ? 'A' : 'B', goodSinceMs };
}
