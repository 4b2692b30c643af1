import { assert } from '@softset/base';
import { describeEnd, type Effect, type End, type Event, type Instance, type Wrapping } from './events.js';
import { countDeath, pauseMs } from './pace.js';
import { awaited, becomeReady, eagerMs, reawaited, runningPhase, watchdogOf } from './ready.js';
import type { State } from './state.js';
import { verdictOn } from './verdict.js';

/** What happens in the cells of the table in `step.ts`; each is named there. */
export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export interface Context {
  readonly nowMs: number;
  readonly config: Wrapping;
}
export type Handler = (state: State, event: Event, context: Context) => Step;

/** KILL is repeated this often until it is seen to have worked: a process in an uninterruptible wait takes its time. */
const killAgainMs = 1000;
/** By so much may a program prolong its end or its reloading, ms, whatever it asks for. */
const extendMsMax = 600_000;
const never = Number.POSITIVE_INFINITY;

const only = (state: State, ...effects: Effect[]): Step => ({ state, effects });
/** Nothing is awaited of it: of a life that is not there, or that is to end. */
const calm = {
  ...{ pausedUntilMs: never, killAtMs: never, probeAtMs: never, readyAtMs: never, knockAtMs: never },
  ...{ limitAtMs: never, watchdogAtMs: never, missed: 0, answers: 0, isReady: false, strained: false },
  ...{ overdue: false, ailing: false, ended: false, watched: false },
} as const;
/** Of an earlier life. */
const unsaid = { trouble: undefined, says: undefined } as const;
const cleared = { restarts: 0, deathsMs: [], streak: 0 } as const;

function spawn(state: State): Step {
  assert(state.instance === undefined && !state.spawning, 'a second copy was about to be spawned');
  if (state.held) return only({ ...state, ...calm, phase: 'starting' });
  const number = state.number + 1;
  const next: State = { ...state, ...calm, phase: 'starting', number, spawning: true };
  const sweep: Effect[] = number > 1 ? [{ kind: 'sweep', below: number }] : [];
  return only(next, { kind: 'spawn', number }, ...sweep);
}

/** Asks the instance to end; KILL follows after `stop.timeoutMs`. */
function ask(state: State, instance: Instance, { nowMs, config }: Context): Step {
  const killAtMs = nowMs + config.stop.timeoutMs;
  const signal = `SIG${config.stop.signal}`;
  return only({ ...state, ...calm, killAtMs }, { kind: 'signal', instance, signal });
}

/** What is given up with its board ends in `failed`, whatever is ordered while it ends; but an order to start is trust. */
function forsakenOr({ forsaken }: State, after: State['after']): State['after'] {
  return forsaken && after === 'stopped' ? 'failed' : after;
}

function halt(after: State['after'], wanted: boolean): Handler {
  return (state, _, context) => {
    const counts = after === 'start' ? cleared : {};
    const next: State = { ...state, ...counts, wanted, phase: 'stopping', after: forsakenOr(state, after) };
    return state.instance ? ask(next, state.instance, context) : only({ ...next, ...calm });
  };
}

export const stop = halt('stopped', false);
export const renew = halt('start', true);

export const nop: Handler = (state) => only(state);
export const begin: Handler = (state) => spawn({ ...state, ...cleared, wanted: true, forsaken: false });

/** What its own faults were is forgotten with it, so that REDIRECT may try the board again; a board's faults are not. */
export const unwant: Handler = (state) =>
  only({ ...state, phase: state.forsaken ? 'failed' : 'stopped', wanted: false });

export const clear: Handler = (state) => {
  if (!state.forsaken) return only(state);
  const free: State = { ...state, ...cleared, forsaken: false };
  return state.wanted ? spawn(free) : only({ ...free, phase: 'stopped' });
};

/** In `starting`: where there is nothing to stop yet, it is stopped at once; else what there is must be gone first. */
export const cancel: Handler = (state) => {
  const { instance } = state;
  const next: State = { ...state, wanted: false, after: 'stopped', pausedUntilMs: never };
  if (instance) return only({ ...next, phase: 'stopping' }, { kind: 'clean', instance, thorough: true });
  return only({ ...next, phase: state.spawning ? 'stopping' : 'stopped' });
};

/** A restart that was ordered does not wait for the pause of a repeat. */
export const hurry: Handler = (state) =>
  state.pausedUntilMs === never ? only({ ...state, ...cleared }) : spawn({ ...state, ...cleared });

export const run: Handler = (state, event, { nowMs, config }) => {
  assert(event.kind === 'spawned' || event.kind === 'adopted', 'only a spawn or an adoption brings an instance');
  const { instance } = event;
  const isReady = event.kind === 'adopted' && state.isReady;
  const fresh = { ...calm, ...unsaid, ...awaited(instance, isReady, nowMs, config) };
  const next: State = { ...state, ...fresh, spawning: false, instance, number: instance.number };
  // What it requires went while it was being spawned, or while psrmd was away.
  if (next.held?.must) return ask({ ...next, phase: 'stopping', after: 'start' }, instance, { nowMs, config });
  return only({ ...next, phase: runningPhase(next) });
};

/** Adopted though not wanted any more: psrmd went down between the order and its end. */
export const adopt: Handler = (state, event, context) => {
  if (state.wanted && state.phase !== 'failed') return run(state, event, context);
  assert(event.kind === 'adopted', 'only an adoption is adopted');
  const after = state.phase === 'failed' ? 'failed' : 'stopped';
  const { instance } = event;
  return ask({ ...state, phase: 'stopping', after, instance, number: instance.number }, instance, context);
};

/** A spawn that was answered after the order to stop. */
export const stray: Handler = (state, event, context) => {
  assert(event.kind === 'spawned', 'only a spawn is late');
  const { instance } = event;
  return ask({ ...state, phase: 'stopping', spawning: false, instance }, instance, context);
};

/** A death: nobody ordered it. Decides between another start, the end, and giving up. */
export const dead: Handler = (state, event, { nowMs, config }) => {
  assert(event.kind === 'exited' || event.kind === 'spawn-failed', 'only an end is a death');
  const end: End = event.kind === 'exited' ? event.end : { kind: 'not-started', reason: event.reason };
  const { instance } = state;
  const hung = state.phase === 'not-responding';
  const verdict = hung && state.after === 'failed' ? 'failed' : verdictOn(end, !hung, config);
  const counted = count(state, nowMs, config);
  const next: State = { ...state, ...calm, spawning: false, lastEnd: describeEnd(end), ended: instance !== undefined };
  const clean = (thorough: boolean): Effect[] => (instance ? [{ kind: 'clean', instance, thorough }] : []);
  const close = (after: 'stopped' | 'failed', wanted: boolean, counts: Partial<State>): Step =>
    only({ ...next, ...counts, wanted, after, phase: instance ? 'stopping' : after }, ...clean(true));

  if (verdict === 'stopped') return close('stopped', false, {});
  if (verdict === 'failed' || counted.deathsMs.length >= config.giveUp.deaths) return close('failed', true, counted);
  const again: State = { ...next, ...counted, phase: 'starting', restarts: state.restarts + 1 };
  return instance ? only(again, ...clean(false)) : pause(again, nowMs, config);
};

/** One death more. Having run quietly, it is a first one again. */
function count({ instance, deathsMs, streak }: State, nowMs: number, { giveUp, pause }: Wrapping) {
  const quiet = instance !== undefined && nowMs - instance.startedMs >= pause.quietMs;
  return { deathsMs: countDeath(deathsMs, nowMs, giveUp), streak: quiet ? 1 : streak + 1 };
}

function pause(state: State, nowMs: number, config: Wrapping): Step {
  const ms = pauseMs(state.streak, config.pause);
  return ms === 0 ? spawn(state) : only({ ...state, pausedUntilMs: nowMs + ms });
}

export const again: Handler = (state, _, { nowMs, config }) =>
  state.ended ? pause({ ...state, instance: undefined, ended: false }, nowMs, config) : only(state);

export const resume: Handler = (state, _, { nowMs }) => (nowMs >= state.pausedUntilMs ? spawn(state) : only(state));

/** Before the pause of a repeat is over it is of no use; and what is on its way already goes on. */
const waits = ({ phase, instance, spawning, pausedUntilMs }: State): boolean =>
  phase === 'starting' && instance === undefined && !spawning && pausedUntilMs === never;

export const hold: Handler = (state, event) => {
  assert(event.kind === 'held', 'only a hold holds');
  const { by, must } = event;
  return only({ ...state, held: { by, must } });
};

/** What it requires is gone: it ends too, and begins again once that is back. No death of its own. */
export const yieldTo: Handler = (state, event, context) => {
  const { state: held } = hold(state, event, context);
  if (!held.held?.must || !held.instance) return only(held);
  return ask({ ...held, phase: 'stopping', after: 'start' }, held.instance, context);
};

export const release: Handler = (state) => {
  const next: State = { ...state, held: undefined };
  return waits(next) ? spawn(next) : only(next);
};

/** Not wanted or wanted: nothing of it may be started on this board. */
export const forsake: Handler = (state, event, context) => {
  assert(event.kind === 'give-up', 'only a board that is given up forsakes');
  const { instance, spawning, phase } = state;
  const next: State = { ...state, trouble: event.why, pausedUntilMs: never, forsaken: true };
  if (!instance && !spawning) return only({ ...next, phase: 'failed' });
  const ending: State = { ...next, phase: 'stopping', after: 'failed' };
  if (!instance || phase === 'not-responding' || phase === 'stopping') return only(ending);
  if (state.ended) return only(ending, { kind: 'clean', instance, thorough: true });
  return ask(ending, instance, context);
};

/** In its phase, by all that is known of it. */
function settle(state: State): Step {
  const phase = runningPhase(state);
  return only({ ...state, phase, trouble: phase === 'in-trouble' ? state.trouble : undefined });
}

export const well: Handler = (state, _, { nowMs, config }) => {
  const answers = state.answers + 1;
  const healed = state.missed === 0 || answers >= (config.probe?.rise ?? 1);
  const counts = healed ? { missed: 0, answers: 0 } : { answers };
  const byProbe = config.ready === undefined || config.ready.by === 'probe';
  return settle({ ...(byProbe && healed ? becomeReady(state, nowMs) : state), ...counts });
};

/** One miss is trouble (002 ¶0029, failure 3), of which nothing follows; `fall` of them are a hang (failure 2). */
export const ill: Handler = (state, _, context) => {
  const { instance } = state;
  const probe = context.config.probe;
  if (!instance || !probe || context.nowMs < instance.startedMs + probe.graceMs) return only(state);
  const missed = Math.min(state.missed + 1, probe.fall);
  const trouble = missed < probe.fall ? (state.trouble ?? 'misses probes') : `missed ${missed} probes`;
  if (missed < probe.fall || isLetBe(context.config)) return settle({ ...state, missed, answers: 0, trouble });
  return hang(state, trouble, context);
};

/** A hang of it is told, and nothing follows. */
const isLetBe = ({ hang }: Wrapping): boolean => hang?.action === 'nothing';

/** It runs, and does not do what it should: it is stopped for real, unless its configuration lets it be. */
function hang(state: State, trouble: string, { nowMs, config }: Context): Step {
  const { instance } = state;
  assert(instance !== undefined, 'only what runs can hang');
  if (isLetBe(config)) return settle({ ...state, trouble, overdue: true, watchdogAtMs: never, limitAtMs: never });
  const after = config.hang?.action === 'move' ? 'failed' : 'start';
  const asked = ask({ ...state, trouble, after, phase: 'not-responding' }, instance, { nowMs, config });
  if (config.stop.dump === undefined) return asked;
  const killAtMs = asked.state.killAtMs + config.stop.dump.timeoutMs;
  return only({ ...asked.state, killAtMs }, { kind: 'dump', instance }, ...asked.effects);
}

export const opened: Handler = (state, _, { nowMs, config }) =>
  config.ready?.by === 'port' ? settle(becomeReady(state, nowMs)) : only(state);

/** The deadlines of a program that runs; of several that are due, the gravest. */
export const tick: Handler = (state, event, context) => {
  const { nowMs } = context;
  if (nowMs >= state.limitAtMs) return hang(state, 'took too long to be ready, to reload or to end', context);
  if (nowMs >= state.watchdogAtMs) return hang(state, `said no WATCHDOG=1 for ${state.watchdogMs} ms`, context);
  if (nowMs >= state.readyAtMs) return settle(becomeReady(state, nowMs));
  if (nowMs >= state.knockAtMs) return knock(state, nowMs);
  return probe(state, event, context);
};

/** Its entry is another now: what that asks for is awaited at once, and not by the next life only. */
export const adapt: Handler = (state, _, { nowMs, config }) => {
  const { instance } = state;
  assert(instance !== undefined, 'only what runs can be asked otherwise');
  // What is measured is measured anew, and a probe that is asked no more cannot be missed.
  const watchdogAtMs = state.overdue ? watchdogOf(state.isReady, state.watchdogMs, nowMs) : state.watchdogAtMs;
  const anew = { strained: false, overdue: false, watchdogAtMs, ...(config.probe ? {} : { missed: 0, answers: 0 }) };
  const next: State = { ...state, ...anew };
  // It ends by itself (STOPPING=1), and owes no answers any more.
  if (state.isReady && state.limitAtMs !== never) return settle(next);
  return settle({ ...next, ...reawaited(next, instance, nowMs, config) });
};

function knock(state: State, nowMs: number): Step {
  const { instance } = state;
  return instance ? only({ ...state, knockAtMs: nowMs + eagerMs }, { kind: 'knock', instance }) : only(state);
}

/** Nothing but a miss would change what is known of it. */
const answers = ({ isReady, missed }: State): boolean => isReady && missed === 0;

/** What is not watched any more, for it missed a question or is not ready again, is asked one by one. */
export function unwatch(state: State, event: Event, { nowMs, config }: Context): State {
  if (!state.watched || answers(state)) return state;
  const tookMs = event.kind === 'missed' ? (event.tookMs ?? 0) : 0;
  const probeAtMs = Math.max(nowMs, nowMs - tookMs + (config.probe?.retryMs ?? never));
  return { ...state, watched: false, probeAtMs };
}

const probe: Handler = (state, _, { nowMs, config }) => {
  const { instance } = state;
  // It may have been taken out of the configuration meanwhile.
  if (!instance || !config.probe) return only({ ...state, probeAtMs: never });
  if (nowMs < state.probeAtMs) return only(state);
  const eager = !state.isReady && state.phase === 'up' && nowMs < instance.startedMs + config.probe.graceMs;
  const { intervalMs, retryMs } = config.probe;
  const everyMs = eager ? Math.min(intervalMs, eagerMs) : state.missed > 0 ? retryMs : intervalMs;
  if (answers(state)) {
    const watch: Effect = { kind: 'watch', instance, everyMs: intervalMs };
    return only({ ...state, probeAtMs: never, watched: true }, watch);
  }
  // From now and not from the last due time: a psrmd that was stalled must not ask in a burst and count each miss.
  return only({ ...state, probeAtMs: nowMs + everyMs }, { kind: 'probe', instance });
};

/** What it says of itself (sd_notify(3)). */
export const hear: Handler = (state, event, context) => {
  assert(event.kind === 'notified', 'only a notice is heard');
  const { nowMs, config } = context;
  const { notice } = event;
  if (notice.watchdog === 'trigger') return hang(state, 'asked for it by WATCHDOG=trigger', context);
  const watchdogMs = notice.watchdogMs ?? state.watchdogMs;
  let next: State = { ...state, says: notice.says ?? state.says, watchdogMs };
  if (notice.ailment !== undefined) {
    const ailing = notice.ailment !== '';
    next = { ...next, ailing, trouble: ailing ? notice.ailment : state.trouble };
  }
  if (notice.ask !== undefined) {
    const why = notice.ailment || `asked to be ${notice.ask === 'move' ? 'moved' : 'restarted'}`;
    return endFor({ ...next, trouble: why }, notice.ask, context);
  }
  const counts = config.ready === undefined || config.ready.by === 'notify';
  if (notice.reloading && counts) {
    const limitMs = config.ready?.timeoutMs ?? 0;
    next = { ...next, isReady: false, watchdogAtMs: never, limitAtMs: limitMs > 0 ? nowMs + limitMs : never };
  }
  if (notice.ready && counts) next = becomeReady(next, nowMs);
  if (notice.watchdog === 'alive') next = { ...next, overdue: false };
  if (notice.watchdog === 'alive' || notice.watchdogMs !== undefined)
    next = { ...next, watchdogAtMs: watchdogOf(next.isReady, watchdogMs, nowMs) };
  // It ends by itself: it owes no answers any more, only the end.
  if (notice.stopping)
    next = {
      ...next,
      probeAtMs: never,
      watched: false,
      knockAtMs: never,
      watchdogAtMs: never,
      limitAtMs: nowMs + config.stop.timeoutMs,
    };
  if (notice.extendMs !== undefined && next.limitAtMs !== never)
    next = { ...next, limitAtMs: nowMs + Math.min(notice.extendMs, extendMsMax) };
  return settle(next);
};

/** While it stops, only more time is of interest. */
export const prolong: Handler = (state, event, { nowMs }) => {
  assert(event.kind === 'notified', 'only a notice prolongs');
  const { extendMs, says } = event.notice;
  const next = says === undefined ? state : { ...state, says };
  if (extendMs === undefined || state.killAtMs === never) return only(next);
  // Not for ever: what never ends must be seen to never end.
  const latestMs = state.sinceMs + extendMsMax;
  return only({ ...next, killAtMs: Math.max(state.killAtMs, Math.min(nowMs + extendMs, latestMs)) });
};

/** What was measured of it (002 ¶0029, failure 3). Stopping it for that counts as a death, so that the ladder goes on. */
export const strain: Handler = (state, event, context) => {
  assert(event.kind === 'strained', 'only a measurement strains');
  const { config } = context;
  const strained = event.level !== 'none';
  const next: State = strained ? { ...state, strained, trouble: event.why } : { ...state, strained };
  const action = event.level === 'act' ? (config.trouble?.action ?? 'nothing') : 'nothing';
  return action === 'nothing' ? settle(next) : endFor(next, action, context);
};

/** It runs, and is ended for its trouble or at its own wish. */
function endFor(state: State, action: 'restart' | 'move', context: Context): Step {
  const { instance } = state;
  assert(instance !== undefined, 'only what runs can be ended');
  const { nowMs, config } = context;
  const counted = count(state, nowMs, config);
  const over = action === 'move' || counted.deathsMs.length >= config.giveUp.deaths;
  const restarts = over ? state.restarts : state.restarts + 1;
  return ask(
    { ...state, ...counted, restarts, phase: 'stopping', after: over ? 'failed' : 'start' },
    instance,
    context,
  );
}

export const move: Handler = (state, event) => {
  assert(event.kind === 'moved', 'only a move moves');
  return only({ ...state, instance: event.instance });
};

export const finish: Handler = (state, _, { nowMs }) => {
  const { instance } = state;
  if (!instance || nowMs < state.killAtMs) return only(state);
  return only({ ...state, killAtMs: nowMs + killAgainMs }, { kind: 'kill', instance });
};

/** Orders while it hangs or stops: the signal is on its way already, and so is KILL. Only what follows changes. */
function next(after: State['after'], wanted: boolean): Handler {
  return (state) => {
    const counts = after === 'start' ? { ...cleared, forsaken: false } : {};
    return only({ ...state, ...counts, phase: 'stopping', after: forsakenOr(state, after), wanted });
  };
}
export const thenStart = next('start', true);
export const thenStop = next('stopped', false);

export const clean: Handler = (state, event) => {
  assert(event.kind === 'exited', 'only what ended is cleaned');
  const { instance } = state;
  const next: State = { ...state, ...calm, ended: true, lastEnd: describeEnd(event.end) };
  return instance ? only(next, { kind: 'clean', instance, thorough: true }) : only(next);
};

export const gone: Handler = (state, event) => {
  // A hasty cleaning was meant for a restart; what is called stopped must be gone for real.
  if (event.kind === 'gone' && !event.thorough) return only(state);
  const empty: State = { ...state, ...calm, instance: undefined, spawning: false };
  return state.after === 'start' ? spawn(empty) : only({ ...empty, phase: state.after });
};
