import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who reads the configuration again on SIGHUP; netrackd itself goes last, by itself. */
export const HEEDING = ['psrmd', 'geodhcpd', 'snmpagd', 'redirectd', 'netrack-pulse'] as const;

/**
 * Sends SIGHUP to the other daemons of this run directory. A lock's process number may be stale, and somebody else's by
 * now: only one whose command line names the daemon and the run directory is meant. Returns who was told.
 */
export function hangUp(runDir: string, whom: readonly string[] = HEEDING): string[] {
  return whom.filter((name) => {
    try {
      const pid = Number.parseInt(readFileSync(join(runDir, `${name}.lock`), 'utf8'), 10);
      if (!(pid > 1)) return false;
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (!words.some((word) => word.includes(name)) || !words.includes(runDir)) return false;
      process.kill(pid, 'SIGHUP');
      return true;
    } catch {
      return false; // It is not there, or another user's: its supervisor starts it with what runs by then.
    }
  });
}
