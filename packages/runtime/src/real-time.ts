import type { Logger } from './log.js';

/**
 * Real-time priorities of our daemons (SCHED_RR, sched(7)), below the kernel's own threads at 50. What a failover takes
 * part in must not wait behind the load that may have caused it; what starts programs stays ordinary. netrackd and
 * redirectd share one: they take turns in a move, and the one must not hold up the other's.
 */
export const REAL_TIME = { 'netrack-pulse': 40, netrackd: 30, redirectd: 30 } as const;

/** Asks for the daemon's priority; where it is not permitted, says once what that means. */
export async function askRealTime(name: keyof typeof REAL_TIME, log: Logger): Promise<void> {
  const { setRoundRobin } = await import('@softset/linux/scheduling.js');
  const asked = setRoundRobin(REAL_TIME[name]);
  if (asked.ok) return;
  const message = 'no real-time scheduling: under load this daemon may be late; grant CAP_SYS_NICE';
  log.warn('no-real-time', { code: asked.code, message });
}
