import type { Board, Cluster } from './cluster.js';

/**
 * Real-time priorities of our daemons (SCHED_RR, sched(7)), below the kernel's own threads at 50. What a failover takes
 * part in must not wait behind the load that may have caused it; what starts programs stays ordinary. netrackd and
 * redirectd share one: they take turns in a move, and the one must not hold up the other's.
 */
export const REAL_TIME = { 'netrack-pulse': 40, netrackd: 30, redirectd: 30 } as const;

/**
 * One more where the board takes part in moves: it votes, or may hold a service. Boards that share their processors, as
 * virtual ones and a lab's do, would else hold a move up by looking at it. And one more again on routers, which do
 * nothing but follow, and whose following ends the outage: everybody else's bookkeeping comes after it.
 */
export function realTimePriority(
  name: keyof typeof REAL_TIME,
  board: Pick<Board, 'id' | 'vote' | 'role'>,
  services: Cluster['services'],
): number {
  const takesPart = board.vote || services.some(({ pool }) => pool.includes(board.id));
  return REAL_TIME[name] + (board.role === 'router' ? 2 : takesPart ? 1 : 0);
}
