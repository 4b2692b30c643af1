import { type REAL_TIME, realTimePriority } from '@softset/protocol/real-time.js';
import type { LoadedCluster } from './load-cluster.js';
import type { Logger } from './log.js';

/**
 * Asks for the daemon's priority; where it is not permitted, says once what that means. `files`: also for the threads
 * that do its file work, where a message waits for a record to be on disk; that is done in the background.
 */
export async function askRealTime(
  name: keyof typeof REAL_TIME,
  { board, cluster }: Pick<LoadedCluster, 'board' | 'cluster'>,
  log: Logger,
  options: { readonly files?: boolean } = {},
): Promise<void> {
  const { setRoundRobin, setPoolRoundRobin, setHelpersNormal } = await import('@softset/linux/scheduling.js');
  const priority = realTimePriority(name, board, cluster.services);
  const asked = setRoundRobin(priority);
  if (!asked.ok) {
    const message = 'no real-time scheduling: under load this daemon may be late; grant CAP_SYS_NICE';
    log.warn('no-real-time', { code: asked.code, message });
    return;
  }
  setHelpersNormal();
  if (!options.files) return;
  void setPoolRoundRobin(priority).then((done) => {
    if (!done.ok) log.warn('no-real-time-files', { code: done.code, message: done.message });
  });
}
