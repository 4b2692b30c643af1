import type { Alarm } from '@softset/protocol';

/**
 * Numbers for alarms, which in the register have none: one for each object and cause as long as the alarm stands, and
 * never the same for another within this agent's life.
 */
export interface AlarmNumbers {
  readonly last: number;
  readonly byKey: ReadonlyMap<string, number>;
}

export const noAlarmNumbers: AlarmNumbers = { last: 0, byKey: new Map() };

export const alarmKey = ({ object, cause }: Alarm): string => `${object} ${cause}`;

/** The numbers of these alarms; those of alarms that stand no more are forgotten. */
export function numberAlarms(before: AlarmNumbers, alarms: readonly Alarm[]): AlarmNumbers {
  let { last } = before;
  const byKey = new Map<string, number>();
  for (const alarm of alarms) {
    const key = alarmKey(alarm);
    byKey.set(key, before.byKey.get(key) ?? byKey.get(key) ?? ++last);
  }
  return { last, byKey };
}
