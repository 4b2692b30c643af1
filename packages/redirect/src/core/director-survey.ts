import { boardById, type Cluster, type NetrackState, type PlacementReason } from '@softset/protocol';
import { drainsThatEnded, preferencesThatEnded } from './director-changes.js';
import type { DirectorAlarm } from './director-state.js';
import type { Turn } from './director-turn.js';
import { explain, type Placement } from './placement.js';

type Alarm = Omit<DirectorAlarm, 'kind'>;

/** After a change it is looked for what no board can take: a while later, so that no move ever waits for it. */
export function planSurvey(turn: Turn): void {
  const surveyMs = turn.state.surveyMs ?? turn.nowMs + turn.config.surveyMs;
  turn.state = { ...turn.state, surveyMs };
}

/**
 * Raises an alarm for what was found twice, a survey apart, and clears those of the register that are true no more,
 * whoever raised them: the director who did may be gone.
 */
export function survey(turn: Turn, seen: NetrackState, placement: Placement): void {
  const { surveyMs, found: before } = turn.state;
  if (surveyMs === undefined || surveyMs > turn.nowMs) return;
  const alarms = [...withoutBoard(turn.config.cluster, seen, placement), ...withoutSpare(turn, seen)];
  const found = alarms.map(keyOf);
  const stands = (alarm: { object: string; cause: string }): boolean =>
    seen.alarms.some((one) => keyOf(one) === keyOf(alarm));
  for (const alarm of alarms) {
    if (before.includes(keyOf(alarm)) && !stands(alarm)) turn.effects.push({ kind: 'alarm', ...alarm });
  }
  for (const object of drainsThatEnded(turn, seen)) {
    turn.effects.push({
      kind: 'alarm',
      ...{ object, cause: 'DRAINED_BY_RULE', severity: 'cleared', text: `${object} is drained no more` },
    });
  }
  for (const object of preferencesThatEnded(turn, seen)) {
    const text = `${object} is preferred no more`;
    turn.effects.push({ kind: 'alarm', object, cause: 'PREFERRED_BY_RULE', severity: 'cleared', text });
  }
  const resting = placement.resting.map((service) => `service/${service}`);
  for (const { object, cause } of seen.alarms) {
    const ours = cause === 'NO_BOARD' || cause === 'NO_SPARE' || cause === 'SERVICE_RESTS';
    if (!ours || found.includes(keyOf({ object, cause }))) continue;
    if (cause === 'SERVICE_RESTS' && resting.includes(object)) continue;
    turn.effects.push({ kind: 'alarm', object, cause, severity: 'cleared', text: `${object}: ${cause} is over` });
  }
  const again = alarms.some((alarm) => !before.includes(keyOf(alarm)));
  const { surveyMs: _, ...rest } = turn.state;
  turn.state = { ...rest, found, ...(again ? { surveyMs: turn.nowMs + turn.config.surveyMs } : {}) };
}

function keyOf({ object, cause }: { readonly object: string; readonly cause: string }): string {
  return `${cause} ${object}`;
}

function withoutBoard(cluster: Cluster, seen: NetrackState, { unplaced }: Placement): Alarm[] {
  return unplaced.map(({ service, why, reasons }): Alarm => {
    const now = seen.services.find((entry) => entry.service === service);
    const nobody = now?.phase === 'free';
    const what = nobody ? `${service} is held by nobody` : `${service} stays where it is`;
    const boards = reasons.length === 0 ? '' : `; ${listed(cluster, reasons)}`;
    const text = `${what}: ${why}${boards}`.slice(0, 1000);
    return { object: `service/${service}`, cause: 'NO_BOARD', severity: nobody ? 'critical' : 'major', text };
  });
}

/** Held, and the next failure of its holder would leave it without a board. */
function withoutSpare({ config: { cluster }, state: { history } }: Turn, seen: NetrackState): Alarm[] {
  return cluster.services.flatMap((service): Alarm[] => {
    const now = seen.services.find((entry) => entry.service === service.name);
    if (now?.phase !== 'held' || service.pool.length < 2) return [];
    const { board, reasons } = explain(cluster, seen, history, service, now);
    if (board !== undefined) return [];
    const others = reasons.filter((reason) => reason.board !== now.holder?.board);
    const text = `no other board can take ${service.name}: ${listed(cluster, others)}`.slice(0, 1000);
    return [{ object: `service/${service.name}`, cause: 'NO_SPARE', severity: 'minor', text }];
  });
}

function listed(cluster: Cluster, reasons: readonly PlacementReason[]): string {
  return reasons.map(({ board, why }) => `${boardById(cluster, board)?.name ?? board}: ${why}`).join('; ');
}
