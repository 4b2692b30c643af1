import { assert, unreachable } from '@softset/base';
import { boardById, type Cluster, compareGrants, type NetrackState, type ServiceState } from '@softset/protocol';
import { followChanges, takeChange } from './director-changes.js';
import { fence, fenceTimes, onFenced } from './director-fences.js';
import { onTold, routerTimes, tellRouters } from './director-routers.js';
import type {
  DirectorConfig,
  DirectorEffect,
  DirectorEvent,
  DirectorState,
  Serving,
  Waiting,
} from './director-state.js';
import { planSurvey, survey } from './director-survey.js';
import { answer, type Turn } from './director-turn.js';
import { attemptFailed, forgive, isResting, observe } from './history.js';
import { place, wishDenied } from './placement.js';
import { planFor } from './plan.js';

/**
 * The director's side of REDIRECT: turns NETRACK's state into `serve` requests. It does nothing unless its board's
 * netrackd says `directing`; it never waits for one service before it looks at another.
 *
 *     for each service:
 *
 *            placement wants a move             served                   held by the chosen board
 *     idle ─────────────────────────► asked ──────────────► granted ─────────────────────────────► idle
 *       ▲                               │ refused              │ free again, or held by another
 *       │   a change of state, 50 ms    ▼                      ▼
 *       └──────────────────────────── waiting ◄────────────────┘ 50 ms, 100 ms … 1 s, and that board stands last
 */
export function directorStep(
  state: DirectorState,
  event: DirectorEvent,
  nowMs: number,
  config: DirectorConfig,
): { state: DirectorState; effects: DirectorEffect[] } {
  const turn: Turn = { state, effects: [], nowMs, config };
  take(turn, event);
  expire(turn);
  if (turn.state.seen?.directing === true) decide(turn, turn.state.seen, event.kind === 'tick');
  else stand(turn);
  checkDirector(turn.state, config.cluster);
  return { state: turn.state, effects: turn.effects };
}

function take(turn: Turn, event: DirectorEvent) {
  const { nowMs, config } = turn;
  switch (event.kind) {
    case 'state': {
      const history = observe(turn.state.history, event.state, nowMs, config.limits);
      const waiting = Object.entries(turn.state.waiting).filter(([, wait]) => !wait.untilChange);
      turn.state = { ...turn.state, seen: event.state, history, waiting: Object.fromEntries(waiting) };
      return planSurvey(turn);
    }
    case 'wish':
      return takeWish(turn, event);
    case 'change':
      return takeChange(turn, event);
    case 'told':
      return onTold(turn, event);
    case 'fenced':
      return onFenced(turn, event);
    case 'clock':
      turn.state = { ...turn.state, minuteOfDay: event.minuteOfDay };
      return;
    case 'served': {
      const found = findCall(turn.state, event.call);
      if (found === undefined) return;
      const { move } = found;
      turn.effects.push({ kind: 'journal', move });
      const granted = { kind: 'granted', board: move.to, grant: event.grant, sinceMs: nowMs, seen: false } as const;
      return setServing(turn, move.service, granted);
    }
    case 'refused': {
      const found = findCall(turn.state, event.call);
      if (found === undefined) return;
      setServing(turn, found.move.service, undefined);
      wait(turn, found.move.service, { untilMs: nowMs + config.retryMs, untilChange: true });
      if (found.wish !== undefined && FINAL_REFUSALS.has(event.code)) {
        answer(turn, found.wish, false, `${event.code}: ${event.message}`);
      }
      return;
    }
    case 'netrack-lost': {
      // Its answers will not come any more; a grant that was written is found again in the next state.
      const { seen: _, ...rest } = turn.state;
      turn.state = { ...rest, serving: {} };
      return;
    }
    case 'tick':
      return;
    default:
      return unreachable(event, 'director event');
  }
}

/** Refusals that waiting does not mend. */
const FINAL_REFUSALS: ReadonlySet<string> = new Set(['UNKNOWN_SERVICE', 'NOT_IN_POOL', 'NOT_DIRECTOR']);

function takeWish(turn: Turn, wish: Extract<DirectorEvent, { kind: 'wish' }>) {
  const { config, effects } = turn;
  const { cluster } = config;
  const refuse = (message: string): void => void effects.push({ kind: 'answer-wish', id: wish.id, ok: false, message });
  const service = cluster.services.find((entry) => entry.name === wish.service);
  const board = boardById(cluster, wish.board);
  const seen = turn.state.seen;
  if (service === undefined) return refuse(`UNKNOWN_SERVICE: no service "${wish.service}"`);
  if (board === undefined || !service.pool.includes(wish.board)) {
    return refuse(`NOT_IN_POOL: ${board?.name ?? `board ${wish.board}`} is not in the pool of ${service.name}`);
  }
  if (seen === undefined || !seen.directing) return refuse('NOT_DIRECTOR: this board does not direct now');
  const unfit = wishDenied(cluster, seen, turn.state.history, service, wish.board);
  if (unfit !== undefined) return refuse(`BOARD_UNFIT: ${board.name} cannot take ${service.name}: ${unfit}`);
  const earlier = turn.state.wishes.find((entry) => entry.service === wish.service);
  if (earlier?.id === wish.id) return;
  if (wish.rule !== undefined) {
    const held = seen.services.some((entry) => entry.service === service.name && entry.phase === 'held');
    const rests = held && isResting(turn.state.history, service.name, turn.nowMs, config.limits);
    if (rests)
      return refuse(`RESTS: ${service.name} moved ${config.limits.movesMax} times of late, whatever rules say`);
    if (earlier !== undefined && earlier.rule === undefined) return refuse('BUSY: an operator is moving it');
  }
  if (earlier !== undefined) answer(turn, earlier.id, false, `REPLACED: ${wish.who} wished otherwise`);
  if (turn.state.wishes.length >= config.wishesMax) return refuse('BUSY: too many wishes are waiting');
  const { id, who, rule } = wish;
  const pending = {
    ...{ id, service: service.name, board: wish.board, who, untilMs: turn.nowMs + config.wishMs },
    ...(rule === undefined ? {} : { rule }),
  };
  // An operator's wish also ends a rest: somebody has looked at it.
  turn.state = {
    ...turn.state,
    wishes: [...turn.state.wishes, pending],
    history: rule === undefined ? forgive(turn.state.history, service.name) : turn.state.history,
  };
}

/** Ends what time ends: wishes, waits, moves out of the window. */
function expire(turn: Turn): void {
  const { nowMs } = turn;
  for (const wish of turn.state.wishes) {
    const phase = turn.state.seen?.services.find((entry) => entry.service === wish.service)?.phase ?? 'unknown';
    if (wish.untilMs <= nowMs) answer(turn, wish.id, false, `TIMEOUT: ${wish.service} is ${phase} still`);
  }
  for (const { id, untilMs } of turn.state.changes) {
    if (untilMs <= nowMs) answer(turn, id, false, 'TIMEOUT: no majority has written it down yet; see softset status');
  }
  const waiting = Object.entries(turn.state.waiting).filter(([, entry]) => entry.untilMs > nowMs);
  turn.state = { ...turn.state, waiting: Object.fromEntries(waiting) };
}

function decide(turn: Turn, seen: NetrackState, atLeisure: boolean): void {
  const { config, nowMs, effects } = turn;
  const { cluster } = config;
  for (const service of seen.services) follow(turn, service);
  const { history, wishes, minuteOfDay } = turn.state;
  const under = Object.fromEntries(
    Object.entries(turn.state.serving).map(([name, one]) => [name, one.kind === 'asked' ? one.move.to : one.board]),
  );
  const placement = place(cluster, seen, history, nowMs, wishes, config.limits, {
    under,
    ...(minuteOfDay === undefined ? {} : { minuteOfDay }),
  });
  for (const { service, board, cause, reasons, wish } of placement.serve) {
    if (service in turn.state.serving || service in turn.state.waiting) continue;
    const now = seen.services.find((entry) => entry.service === service);
    const from = now?.holder?.board;
    const call = turn.state.calls + 1;
    turn.state = { ...turn.state, calls: call };
    const move = {
      service,
      ...(from === undefined ? {} : { from }),
      to: board,
      cause: causeOf(turn, wish, cause),
      reasons,
    };
    setServing(turn, service, { kind: 'asked', call, move, ...(wish === undefined ? {} : { wish }) });
    effects.push({ kind: 'serve', call, service, board, cause: move.cause });
  }
  fence(turn, seen);
  tellRouters(turn, seen);
  alarmRest(turn, placement.resting);
  followChanges(turn, seen);
  // Never on news: what it may bring is waited for.
  if (atLeisure) survey(turn, seen, placement);
}

/** A rule's move counts towards the limit like any failure: its cause does not begin as an operator's wish does. */
function causeOf(turn: Turn, wish: string | undefined, cause: string): string {
  const rule = turn.state.wishes.find((entry) => entry.id === wish)?.rule;
  return rule === undefined ? cause : `rule ${rule}`;
}

/** Follows a grant to its end, and tells the wish that it came true. */
function follow(turn: Turn, now: ServiceState) {
  const { nowMs, config } = turn;
  const { service, phase, holder } = now;
  const wish = turn.state.wishes.find((entry) => entry.service === service);
  if (wish !== undefined && phase === 'held' && holder?.board === wish.board) {
    answer(turn, wish.id, true, `${service} is on ${boardById(turn.config.cluster, wish.board)?.name}`);
  }
  const serving = turn.state.serving[service];
  if (serving?.kind !== 'granted') return;
  const reached = (grant: typeof serving.grant | undefined): boolean =>
    grant !== undefined && compareGrants(grant, serving.grant) >= 0;
  const seen = serving.seen || reached(now.next?.grant) || reached(holder?.grant);
  if (phase === 'held' && holder?.board === serving.board && reached(holder.grant)) {
    return setServing(turn, service, undefined);
  }
  // The answer may have overtaken the snapshot that shows the grant: an old snapshot proves nothing for a while.
  const shown = seen || nowMs - serving.sinceMs >= config.retryMs;
  if (!shown || now.next !== undefined || (phase !== 'held' && phase !== 'free')) {
    if (seen !== serving.seen) setServing(turn, service, { ...serving, seen });
    return;
  }
  const history = attemptFailed(turn.state.history, service, serving.board, nowMs);
  turn.state = { ...turn.state, history };
  setServing(turn, service, undefined);
  // Another board of the pool is tried at once; one that failed before is given time, and ever more of it.
  const times =
    history.attempts.find((entry) => entry.service === service && entry.board === serving.board)?.times ?? 1;
  const pauseMs = Math.min(config.retryMs * 2 ** (times - 1), config.retryMsMax);
  if (times > 1) wait(turn, service, { untilMs: nowMs + pauseMs, untilChange: false });
}

/** Not directing: what was under way is another's now. */
function stand(turn: Turn): void {
  for (const { id } of [...turn.state.wishes, ...turn.state.changes])
    answer(turn, id, false, 'NOT_DIRECTOR: this board directs no more');
  if (turn.state.resting.length > 0) turn.state = { ...turn.state, resting: [] };
  // A new director fences anew; what runs here still is answered to nobody.
  if (Object.keys(turn.state.fences).length > 0) turn.state = { ...turn.state, fences: {} };
  if (Object.keys(turn.state.told).length > 0) turn.state = { ...turn.state, told: {} };
  const granted = Object.values(turn.state.serving).some((entry) => entry.kind === 'granted');
  if (granted) {
    // Calls that are unanswered stay, so that a late answer finds its call.
    const asked = Object.entries(turn.state.serving).filter(([, entry]) => entry.kind === 'asked');
    turn.state = { ...turn.state, serving: Object.fromEntries(asked) };
  }
}

function alarmRest(turn: Turn, resting: readonly string[]): void {
  const { limits } = turn.config;
  const alarm = (service: string, severity: 'major' | 'cleared', text: string): void => {
    turn.effects.push({ kind: 'alarm', object: `service/${service}`, cause: 'SERVICE_RESTS', severity, text });
  };
  const minutes = limits.windowMs / 60_000;
  for (const service of resting.filter((name) => !turn.state.resting.includes(name))) {
    const text = `${service} failed ${limits.movesMax} times in ${minutes} minutes and stays where it is: see why, then move it`;
    alarm(service, 'major', text);
  }
  for (const service of turn.state.resting.filter((name) => !resting.includes(name))) {
    alarm(service, 'cleared', `${service} may move again`);
  }
  turn.state = { ...turn.state, resting };
}

function findCall(state: DirectorState, call: number): Extract<Serving, { kind: 'asked' }> | undefined {
  return Object.values(state.serving).find((entry) => entry.kind === 'asked' && entry.call === call) as
    | Extract<Serving, { kind: 'asked' }>
    | undefined;
}

function setServing(turn: Turn, service: string, serving: Serving | undefined): void {
  const { [service]: _, ...others } = turn.state.serving;
  turn.state = { ...turn.state, serving: serving === undefined ? others : { ...others, [service]: serving } };
}

function wait(turn: Turn, service: string, waiting: Waiting): void {
  turn.state = { ...turn.state, waiting: { ...turn.state.waiting, [service]: waiting } };
}

/** When the next `tick` is due: monotonic ms after `nowMs`, or undefined when only events can change anything. */
export function directorWakeMs(state: DirectorState, nowMs: number, config: DirectorConfig): number | undefined {
  const { limits, retryMs } = config;
  const times = [
    ...[...state.wishes, ...state.changes].map((wish) => wish.untilMs),
    ...(state.surveyMs === undefined || state.seen?.directing !== true ? [] : [Math.max(state.surveyMs, nowMs + 1)]),
    ...(state.seen?.directing === true ? [...fenceTimes(state, config), ...routerTimes(state)] : []),
    ...config.cluster.services.flatMap(({ pool, failback, failbackStableMs = 0 }) =>
      failback === 'auto'
        ? pool.map((board) => (state.history.wellSinceMs[board] ?? Number.NEGATIVE_INFINITY) + failbackStableMs)
        : [],
    ),
    ...Object.values(state.waiting).map((entry) => entry.untilMs),
    ...Object.values(state.serving).flatMap((entry) => (entry.kind === 'granted' ? [entry.sinceMs + retryMs] : [])),
    ...state.history.missing.map((entry) => entry.sinceMs + limits.daemonGraceMs),
    ...state.history.moves.map((move) => move.atMs + limits.windowMs),
  ].filter((time) => time > nowMs);
  return times.length === 0 ? undefined : Math.min(...times);
}

function checkDirector(state: DirectorState, cluster: Cluster): void {
  const known = new Set(cluster.services.map((service) => service.name));
  for (const service of Object.keys(state.serving)) assert(known.has(service), `a serve of unknown service ${service}`);
  const served = state.wishes.map((wish) => wish.service);
  assert(new Set(served).size === served.length, 'one wish at most waits for each service');
  assert(
    Object.keys(state.serving).length === 0 || state.seen !== undefined,
    'nothing is under way without a state to judge by',
  );
}

/** What a wish would do now; undefined before NETRACK's state is known. */
export function planned(
  { seen, history, minuteOfDay }: DirectorState,
  wanted: Parameters<typeof planFor>[4],
  nowMs: number,
  { cluster }: DirectorConfig,
): ReturnType<typeof planFor> | undefined {
  const aside = minuteOfDay === undefined ? {} : { minuteOfDay };
  return seen && planFor(cluster, seen, history, nowMs, wanted, aside);
}

/** Services that rest now; for status. */
export function restingNow(state: DirectorState, nowMs: number, config: DirectorConfig): string[] {
  const names = config.cluster.services.map((service) => service.name);
  return names.filter((name) => isResting(state.history, name, nowMs, config.limits));
}
