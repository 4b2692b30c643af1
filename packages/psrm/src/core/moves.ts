import { assert } from '@softset/base';
import { describeEnd, type Effect, type End, type Event, type Instance, type Wrapping } from './events.js';
import { countDeath, pauseMs, quietMs } from './pace.js';
import type { State } from './state.js';

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
/** Until its first answer, and while silence is no fault, it is asked this often: ready should be seen when it is. */
const eagerMs = 50;
const never = Number.POSITIVE_INFINITY;

const only = (state: State, ...effects: Effect[]): Step => ({ state, effects });
const calm = { pausedUntilMs: never, killAtMs: never, probeAtMs: never, missed: 0, ended: false } as const;
const cleared = { restarts: 0, deathsMs: [], streak: 0 } as const;

function spawn(state: State): Step {
  assert(state.instance === undefined && !state.spawning, 'a second copy was about to be spawned');
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

function halt(after: State['after'], wanted: boolean): Handler {
  return (state, _, context) => {
    const counts = after === 'start' ? cleared : {};
    const next: State = { ...state, ...counts, wanted, phase: 'stopping', after };
    return state.instance ? ask(next, state.instance, context) : only({ ...next, ...calm });
  };
}

export const stop = halt('stopped', false);
export const renew = halt('start', true);

export const nop: Handler = (state) => only(state);
export const begin: Handler = (state) => spawn({ ...state, ...cleared, wanted: true });
export const unwant: Handler = (state) => only({ ...state, phase: 'stopped', wanted: false });

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

export const run: Handler = (state, event, { config }) => {
  assert(event.kind === 'spawned' || event.kind === 'adopted', 'only a spawn or an adoption brings an instance');
  const { instance } = event;
  const probeAtMs = config.probe ? instance.startedMs + Math.min(config.probe.intervalMs, eagerMs) : never;
  return only({ ...state, ...calm, phase: 'up', spawning: false, instance, number: instance.number, probeAtMs });
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
  const normal = end.kind === 'exit' && end.code === 0 && !hung;
  const quiet = instance !== undefined && nowMs - instance.startedMs >= quietMs;
  const deathsMs = countDeath(state.deathsMs, nowMs, config.giveUp);
  const streak = quiet ? 1 : state.streak + 1;
  const over = config.restart === 'temporary' || (config.restart === 'transient' && normal);
  const next: State = { ...state, ...calm, spawning: false, lastEnd: describeEnd(end), ended: instance !== undefined };
  const clean = (thorough: boolean): Effect[] => (instance ? [{ kind: 'clean', instance, thorough }] : []);
  const close = (after: 'stopped' | 'failed', wanted: boolean, counts: Partial<State>): Step =>
    only({ ...next, ...counts, wanted, after, phase: instance ? 'stopping' : after }, ...clean(true));

  if (over) return normal ? close('stopped', false, {}) : close('failed', true, { deathsMs, streak });
  if (deathsMs.length >= config.giveUp.deaths) return close('failed', true, { deathsMs, streak });
  const again: State = { ...next, phase: 'starting', deathsMs, streak, restarts: state.restarts + 1 };
  return instance ? only(again, ...clean(false)) : pause(again, nowMs);
};

function pause(state: State, nowMs: number): Step {
  const ms = pauseMs(state.streak);
  return ms === 0 ? spawn(state) : only({ ...state, pausedUntilMs: nowMs + ms });
}

export const again: Handler = (state, _, { nowMs }) =>
  state.ended ? pause({ ...state, instance: undefined, ended: false }, nowMs) : only(state);

export const resume: Handler = (state, _, { nowMs }) => (nowMs >= state.pausedUntilMs ? spawn(state) : only(state));

export const well: Handler = (state) => only({ ...state, phase: 'ready', missed: 0 });

/** One miss is trouble (002 ¶0029, failure 3), of which nothing follows; `fall` of them are a hang (failure 2). */
export const ill: Handler = (state, _, context) => {
  const { instance } = state;
  const probe = context.config.probe;
  if (!instance || !probe || context.nowMs < instance.startedMs + probe.graceMs) return only(state);
  const missed = state.missed + 1;
  if (missed < probe.fall) return only({ ...state, phase: 'in-trouble', missed });
  return ask({ ...state, phase: 'not-responding' }, instance, context);
};

export const probe: Handler = (state, _, { nowMs, config }) => {
  const { instance } = state;
  if (!instance || !config.probe || nowMs < state.probeAtMs) return only(state);
  const eager = state.phase === 'up' && nowMs < instance.startedMs + config.probe.graceMs;
  const everyMs = eager ? Math.min(config.probe.intervalMs, eagerMs) : config.probe.intervalMs;
  // From now and not from the last due time: a psrmd that was stalled must not ask in a burst and count each miss.
  return only({ ...state, probeAtMs: nowMs + everyMs }, { kind: 'probe', instance });
};

export const finish: Handler = (state, _, { nowMs }) => {
  const { instance } = state;
  if (!instance || nowMs < state.killAtMs) return only(state);
  return only({ ...state, killAtMs: nowMs + killAgainMs }, { kind: 'kill', instance });
};

/** Orders while it hangs or stops: the signal is on its way already, and so is KILL. Only what follows changes. */
function next(after: State['after'], wanted: boolean): Handler {
  return (state) => only({ ...state, ...(after === 'start' ? cleared : {}), phase: 'stopping', after, wanted });
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
