import { record } from './alarms.js';
import type { ClusterEffect, ClusterEvent, ClusterState } from './types.js';

/**
 * An operator clears an alarm. It is answered when a majority has the register without it: a director that comes after
 * this one must not bring back what somebody was told is gone (R1). Whoever sees its cause still may raise it anew.
 *
 *     wish ──► stands it? ── no ──► refused, NO_ALARM
 *                  │ yes
 *                  ▼ written ──► a majority has it ──► answered
 *                     └── the lead ends first: nobody answers, and whoever wished hears that it may yet be done
 */
export function clearAlarm(
  state: ClusterState,
  { id, object, cause, who }: Extract<ClusterEvent, { kind: 'clear-alarm' }>,
): ClusterEffect[] {
  const refuse = (message: string): ClusterEffect[] => [{ kind: 'answer-wish', id, ok: false, message }];
  const { lead } = state;
  if (!lead) return refuse('NOT_DIRECTOR: this board does not direct now');
  const standing = state.register.alarms.find((one) => one.object === object && one.cause === cause);
  if (standing === undefined) return refuse(`NO_ALARM: no alarm ${cause} of ${object} stands`);
  const effects = record(state, { ...standing, severity: 'cleared' });
  lead.clears.set(id, {
    index: state.register.index,
    message: `${cause} of ${object} is cleared; whoever sees it still raises it anew`,
  });
  return [...effects, { kind: 'log', event: 'alarm-cleared-by', fields: { object, cause, who } }];
}

/** Answers the clears that a majority has. */
export function tendClears({ lead }: ClusterState): ClusterEffect[] {
  if (!lead) return [];
  const done = [...lead.clears].filter(([, { index }]) => index <= lead.committed);
  for (const [id] of done) lead.clears.delete(id);
  return done.map(([id, { message }]) => ({ kind: 'answer-wish', id, ok: true, message }));
}
