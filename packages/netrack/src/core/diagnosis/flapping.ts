import { type BoardId, type Cluster, NETWORKS } from '@softset/protocol/cluster.js';
import type { Fault } from '@softset/protocol/methods/netrack.js';
import { holdMs, type Losses } from '../paths/best-path.js';
import type { PathBook } from '../paths/path-book.js';
import { evidence } from './matrix.js';

/** Losses in a row from which a link flaps: a cable that is pulled twice does not. */
const FLAPS = 3;

/**
 * Links that come and go. Each time they must work twice as long before they are used of themselves again. When all other
 * boards come and go on a network, it is this board's own link.
 */
export function flappingLinks(cluster: Cluster, self: BoardId, paths: PathBook, nowMs: number): Fault[] {
  const nameOf = (id: BoardId): string => cluster.boards.find((board) => board.id === id)?.name ?? `board ${id}`;
  return NETWORKS.flatMap((network): Fault[] => {
    const flapping = [...paths.unsteady(network, nowMs)].filter(([, { count }]) => count >= FLAPS);
    const own = flapping.length > 1 && flapping.length === paths.boards;
    const links: (readonly [BoardId, Losses])[] = own ? flapping.slice(0, 1).map(([, one]) => [self, one]) : flapping;
    return links.map(([board, losses]) => {
      const target = `${nameOf(board)}:${network}`;
      const text = `${target} was lost ${losses.count} times in a row; used again after ${holdMs(losses) / 1000} s without`;
      return { kind: 'link-flapping', target, sinceMs: nowMs, evidence: evidence(text) };
    });
  });
}
