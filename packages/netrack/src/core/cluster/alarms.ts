import type { Alarm } from '@softset/protocol';
import { PULSE_ALARMS } from '@softset/protocol/pulse-socket.js';
import { amend } from './register.js';
import type { ClusterConfig, ClusterEffect, ClusterState } from './types.js';

/** Pause between repeats of an alarm that the register does not show yet, ms. */
const REPEAT_MS = 200;
/** So long the register, silent of an alarm, is no proof that one sent and taken back is not still to come, ms. */
const DOUBT_MS = 2000;
const NEVER = Number.NEGATIVE_INFINITY;
/** Alarms that the register keeps at most; a further one is refused and logged, so that old ones are not lost. */
const LIMIT = 256;
const CAUSES: ReadonlySet<string> = new Set(PULSE_ALARMS);

/**
 * An alarm of this board, or its end: kept until the register shows it, so that it survives a change of director. What is
 * taken back before it was sent is forgotten; what was sent may be on its way, and would stand if nothing came after it.
 */
export function raise(state: ClusterState, alarm: Alarm, nowMs: number): void {
  const key = `${alarm.cause} ${alarm.object}`;
  const waiting = state.alarms.get(key);
  if (waiting?.alarm.severity === alarm.severity) return;
  const crosses = waiting !== undefined && (waiting.sentMs !== NEVER || nowMs < waiting.doubtUntilMs);
  if (isSettled(state, alarm) && !crosses) state.alarms.delete(key);
  else state.alarms.set(key, { alarm, sentMs: NEVER, doubtUntilMs: crosses ? nowMs + DOUBT_MS : NEVER });
}

/** Whether the register, as this board has it, says the same. */
function isSettled(state: ClusterState, { object, cause, severity }: Alarm): boolean {
  const shown = state.register.alarms.some((one) => one.object === object && one.cause === cause);
  return shown === (severity !== 'cleared');
}

export function tendAlarms(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const effects: ClusterEffect[] = [];
  followPulse(state, nowMs, config);
  for (const [key, waiting] of state.alarms) {
    if (state.role === 'director') {
      state.alarms.delete(key);
      effects.push(...record(state, waiting.alarm));
    } else if (isSettled(state, waiting.alarm) && nowMs >= waiting.doubtUntilMs) {
      state.alarms.delete(key);
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
function followPulse(state: ClusterState, nowMs: number, config: ClusterConfig): void {
  const seen = state.report?.alarms ?? [];
  const raisedBy = config.self;
  for (const { cause, object, text } of seen) {
    raise(state, { cause, object, text, severity: 'major', raisedAtMs: 0, raisedBy }, nowMs);
  }
  for (const alarm of state.register.alarms) {
    if (alarm.raisedBy !== raisedBy || !CAUSES.has(alarm.cause)) continue;
    const stands = seen.some(({ cause, object }) => cause === alarm.cause && object === alarm.object);
    if (!stands) raise(state, { ...alarm, severity: 'cleared' }, nowMs);
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
