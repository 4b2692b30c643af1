import type { Alarm } from '@softset/protocol';
import { PULSE_ALARMS } from '@softset/protocol/pulse-socket.js';
import { amend } from './register.js';
import type { ClusterConfig, ClusterEffect, ClusterState } from './types.js';

/** Pause between repeats of an alarm that the register does not show yet, ms. */
const REPEAT_MS = 200;
/** Alarms that the register keeps at most; a further one is refused and logged, so that old ones are not lost. */
const LIMIT = 256;
const CAUSES: ReadonlySet<string> = new Set(PULSE_ALARMS);

/** An alarm of this board: kept until the register shows it, so that it survives a change of director. */
export function raise(state: ClusterState, alarm: Alarm): void {
  const key = `${alarm.cause} ${alarm.object}`;
  const shown = state.register.alarms.some((one) => one.object === alarm.object && one.cause === alarm.cause);
  if (shown === (alarm.severity !== 'cleared')) return;
  if (state.alarms.has(key) && state.alarms.get(key)?.alarm.severity === alarm.severity) return;
  state.alarms.set(key, { alarm, sentMs: Number.NEGATIVE_INFINITY });
}

export function tendAlarms(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const effects: ClusterEffect[] = [];
  followPulse(state, config);
  for (const [key, waiting] of state.alarms) {
    if (state.role === 'director') {
      state.alarms.delete(key);
      effects.push(...record(state, waiting.alarm));
    } else if (state.director !== 0 && state.director !== config.self && nowMs - waiting.sentMs >= REPEAT_MS) {
      waiting.sentMs = nowMs;
      effects.push({ kind: 'send', to: state.director, message: { kind: 'alarm', alarm: waiting.alarm } });
    }
  }
  return effects;
}

/**
 * What the own pulse sees stands in the register while it sees it. Who raised an alarm clears it; a board that sees the
 * same raises it again.
 */
function followPulse(state: ClusterState, config: ClusterConfig): void {
  const seen = state.report?.alarms ?? [];
  const raisedBy = config.self;
  for (const { cause, object, text } of seen) {
    raise(state, { cause, object, text, severity: 'major', raisedAtMs: 0, raisedBy });
  }
  for (const alarm of state.register.alarms) {
    if (alarm.raisedBy !== raisedBy || !CAUSES.has(alarm.cause)) continue;
    const stands = seen.some(({ cause, object }) => cause === alarm.cause && object === alarm.object);
    if (!stands) raise(state, { ...alarm, severity: 'cleared' });
  }
}

/** Director: one entry for each object and cause (X.733); a cleared one leaves the list. */
export function record(state: ClusterState, alarm: Alarm): ClusterEffect[] {
  if (!state.lead) return [];
  const others = state.register.alarms.filter((one) => one.object !== alarm.object || one.cause !== alarm.cause);
  const known = others.length < state.register.alarms.length;
  const cleared = alarm.severity === 'cleared';
  if (known !== cleared) return [];
  if (!cleared && others.length >= LIMIT) return [{ kind: 'log', event: 'alarm-list-full', fields: { alarm } }];
  amend(state, (register) => ({ ...register, alarms: cleared ? others : [...others, alarm] }));
  return [{ kind: 'log', event: cleared ? 'alarm-cleared' : 'alarm-raised', fields: { ...alarm } }];
}
