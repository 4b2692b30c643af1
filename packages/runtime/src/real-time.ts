import { REAL_TIME } from '@softset/protocol/real-time.js';
import type { Logger } from './log.js';

/** Asks for the daemon's priority; where it is not permitted, says once what that means. */
export async function askRealTime(name: keyof typeof REAL_TIME, log: Logger): Promise<void> {
  const { setRoundRobin } = await import('@softset/linux/scheduling.js');
  const asked = setRoundRobin(REAL_TIME[name]);
  if (asked.ok) return;
  const message = 'no real-time scheduling: under load this daemon may be late; grant CAP_SYS_NICE';
  log.warn('no-real-time', { code: asked.code, message });
}
