import type { PulseAlarm } from '@softset/protocol';
import type { PulseState } from './types.js';

/** An alarm whose condition was not seen for this long is over, ms: longer than any of them takes to be seen again. */
export const ALARM_CLEARS_MS = 60_000;

/** Raises an alarm, or notes that its condition was seen again. One for each cause and object. */
export function alarm(
  state: PulseState,
  cause: PulseAlarm['cause'],
  object: string,
  text: string,
  nowMs: number,
): void {
  const key = `${cause} ${object}`;
  const known = state.alarms.get(key);
  state.alarms.set(key, { alarm: known?.alarm ?? { cause, object, text }, seenMs: nowMs });
  if (!known) state.changed = true;
}

/** Forgets what was not seen for long enough: its absence from the report is what clears it. */
export function clearAlarms(state: PulseState, nowMs: number): void {
  for (const [key, { seenMs }] of state.alarms) {
    if (nowMs - seenMs < ALARM_CLEARS_MS) continue;
    state.alarms.delete(key);
    state.changed = true;
  }
}
