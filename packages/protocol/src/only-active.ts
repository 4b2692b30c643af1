import type { BoardId, Cluster, Service } from './cluster.js';
import type { Admin } from './register.js';

/** What is known of a board, as far as that matters here. */
export interface Standing {
  readonly board: BoardId;
  readonly admin: Admin;
  readonly left?: boolean | undefined;
}

/**
 * A service in whose pool no board but `id` is active: then `id` cannot be its spare, for it would be the spare of nobody.
 * Whether the others are up does not matter here: that is what a spare is for.
 */
export function onlyActiveOf(cluster: Cluster, boards: readonly Standing[], id: BoardId): Service | undefined {
  const active = (other: BoardId): boolean =>
    other !== id && boards.some(({ board, admin, left }) => board === other && admin === 'in-service' && left !== true);
  return cluster.services.find(({ pool }) => pool.includes(id) && !pool.some(active));
}
