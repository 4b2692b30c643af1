import { type Network, otherNetwork, type PulseReport } from '@softset/protocol';

/**
 * Which network a held address uses: its holder's own choice (M7), one for the whole board. The preferred one, A unless
 * the register says B, while this board's own path on it is not bad (002 ¶0049); back to it only after it was good for a
 * while, or a flapping link would move the addresses at each flap.
 */
export interface Home {
  readonly network: Network;
  /** Since when the preferred one has been good; absent while it is bad. */
  readonly goodSinceMs?: number;
}

export const HOME_START: Home = { network: 'A' };

/**
 * A path is bad when the other has a carrier and this one has none, or when nobody is heard here and somebody there.
 * With both dead nothing is better than staying.
 */
export function isBad(report: Pick<PulseReport, 'carrier' | 'boards'>, network: Network): boolean {
  const other = otherNetwork(network);
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
  prefers: Network = 'A',
): Home {
  const other = otherNetwork(prefers);
  if (isBad(report, prefers)) return { network: other };
  const goodSinceMs = home.goodSinceMs ?? nowMs;
  const back = nowMs - goodSinceMs >= returnMs || isBad(report, other);
  return { network: home.network === prefers || back ? prefers : other, goodSinceMs };
}
