/** Three in each period: one that is late, or lost for want of buffers, must not end a daemon. */
const PER_PERIOD = 3;

/**
 * How often WATCHDOG=1 is due, ms (sd_watchdog_enabled(3)); undefined where no supervisor waits for it. WATCHDOG_PID
 * names whom it is asked of: a child that inherited the variables is not meant.
 */
export function watchdogPeriodMs(env: Readonly<Record<string, string | undefined>>, pid: number): number | undefined {
  const { WATCHDOG_USEC: usec = '', WATCHDOG_PID: meant = '' } = env;
  if (!/^[1-9]\d{0,15}$/.test(usec)) return undefined;
  if (meant !== '' && meant !== String(pid)) return undefined;
  return Math.min(0x7fff_ffff, Math.max(1, Math.floor(Number(usec) / 1000 / PER_PERIOD)));
}
