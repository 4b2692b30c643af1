/**
 * Real-time priorities of our daemons (SCHED_RR, sched(7)), below the kernel's own threads at 50. What a failover takes
 * part in must not wait behind the load that may have caused it; what starts programs stays ordinary. netrackd and
 * redirectd share one: they take turns in a move, and the one must not hold up the other's.
 */
export const REAL_TIME = { 'netrack-pulse': 40, netrackd: 30, redirectd: 30 } as const;
