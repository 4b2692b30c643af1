import { assert } from '@softset/base';
import type { Event, Phase, Wrapping } from './events.js';
import * as move from './moves.js';
import type { State } from './state.js';

/**
 * One program (002 ¶0028–0030, Fig. 9):
 *
 *                  start            spawned          answered
 *     stopped ──────────► starting ─────────► up ─────────────► ready ◄────► in-trouble
 *        ▲                 ▲  ▲ (cleans, pauses, spawns)          │ missed, answered │
 *        │ gone            │  └──── exited (a death) ─────────────┴──────────────────┤
 *     stopping ◄── stop ───┼── any that runs                                         │ missed `fall` times
 *        │ gone, K deaths  └── exited (a death) ────────── not-responding ◄──────────┘
 *        ▼                                                 (stop signal, then KILL)
 *      failed ── start ──► starting
 *
 * An end is a death unless it was ordered. A death is restarted at once, repeats after a pause, and the K-th within
 * the window leads through `stopping` to `failed`: only what is gone for real is called stopped or failed, for REDIRECT
 * may start it on another board then. No answer may come for a probe before the program is up, so silence counts only
 * after the grace. A hang that is let be (`hang.action: nothing`) is trouble and no more; one that moves leads through
 * `stopping` to `failed`. `up`, `ready` and `in-trouble` share a row: which of them it is follows from what is known of it
 * (`runningPhase`): trouble is a missed probe or too much of what is measured; ready is what the configuration calls so.
 * News of an earlier life (another `number`) is dropped before the table is asked. One that is ready and answers is
 * `watched`: the shell goes on asking it, and only a miss is an event (`unwatch`).
 *
 *                     start      stop      restart    spawned  spawn-failed  exited  gone   answered  missed
 *     stopped         begin      unwant    begin      nop      nop           nop     nop    nop       nop
 *     starting        nop        cancel    hurry      run      dead          nop     again  nop       nop
 *     up              nop        stop      renew      nop      nop           dead    nop    well      ill
 *     ready           nop        stop      renew      nop      nop           dead    nop    well      ill
 *     in-trouble      nop        stop      renew      nop      nop           dead    nop    well      ill
 *     not-responding  nop        thenStop  thenStart  nop      nop           dead    nop    nop       nop
 *     stopping        thenStart  thenStop  thenStart  stray    gone          clean   gone   nop       nop
 *     failed          begin      unwant    begin      nop      nop           nop     nop    nop       nop
 *
 *                     opened     notified  strained   moved    tick          adopted  held     released  give-up  clear  reconfigured
 *     stopped         nop        nop       nop        nop      nop           adopt    hold     release   forsake  clear  nop
 *     starting        nop        nop       nop        nop      resume        nop      hold     release   forsake  nop    nop
 *     up              opened     hear      strain     move     tick          nop      yieldTo  release   forsake  nop    adapt
 *     ready           opened     hear      strain     move     tick          nop      yieldTo  release   forsake  nop    adapt
 *     in-trouble      opened     hear      strain     move     tick          nop      yieldTo  release   forsake  nop    adapt
 *     not-responding  nop        nop       nop        move     finish        nop      hold     release   forsake  nop    nop
 *     stopping        nop        prolong   nop        move     finish        nop      hold     release   forsake  nop    nop
 *     failed          nop        nop       nop        nop      nop           adopt    hold     release   forsake  clear  nop
 *
 * What is `held` spawns nothing, whatever asks for it: it waits in `starting` until it is released.
 */
type Row = Readonly<Record<Event['kind'], move.Handler>>;

const resting: Row = {
  start: move.begin,
  stop: move.unwant,
  restart: move.begin,
  spawned: move.nop,
  'spawn-failed': move.nop,
  exited: move.nop,
  gone: move.nop,
  answered: move.nop,
  missed: move.nop,
  opened: move.nop,
  notified: move.nop,
  strained: move.nop,
  moved: move.nop,
  tick: move.nop,
  adopted: move.adopt,
  held: move.hold,
  released: move.release,
  'give-up': move.forsake,
  clear: move.clear,
  reconfigured: move.nop,
};

const starting: Row = {
  start: move.nop,
  stop: move.cancel,
  restart: move.hurry,
  spawned: move.run,
  'spawn-failed': move.dead,
  exited: move.nop,
  gone: move.again,
  answered: move.nop,
  missed: move.nop,
  opened: move.nop,
  notified: move.nop,
  strained: move.nop,
  moved: move.nop,
  tick: move.resume,
  adopted: move.nop,
  held: move.hold,
  released: move.release,
  'give-up': move.forsake,
  clear: move.nop,
  reconfigured: move.nop,
};

const running: Row = {
  start: move.nop,
  stop: move.stop,
  restart: move.renew,
  spawned: move.nop,
  'spawn-failed': move.nop,
  exited: move.dead,
  gone: move.nop,
  answered: move.well,
  missed: move.ill,
  opened: move.opened,
  notified: move.hear,
  strained: move.strain,
  moved: move.move,
  tick: move.tick,
  adopted: move.nop,
  held: move.yieldTo,
  released: move.release,
  'give-up': move.forsake,
  clear: move.nop,
  reconfigured: move.adapt,
};

const hanging: Row = {
  start: move.nop,
  stop: move.thenStop,
  restart: move.thenStart,
  spawned: move.nop,
  'spawn-failed': move.nop,
  exited: move.dead,
  gone: move.nop,
  answered: move.nop,
  missed: move.nop,
  opened: move.nop,
  notified: move.nop,
  strained: move.nop,
  moved: move.move,
  tick: move.finish,
  adopted: move.nop,
  held: move.hold,
  released: move.release,
  'give-up': move.forsake,
  clear: move.nop,
  reconfigured: move.nop,
};

const stopping: Row = {
  start: move.thenStart,
  stop: move.thenStop,
  restart: move.thenStart,
  spawned: move.stray,
  'spawn-failed': move.gone,
  exited: move.clean,
  gone: move.gone,
  answered: move.nop,
  missed: move.nop,
  opened: move.nop,
  notified: move.prolong,
  strained: move.nop,
  moved: move.move,
  tick: move.finish,
  adopted: move.nop,
  held: move.hold,
  released: move.release,
  'give-up': move.forsake,
  clear: move.nop,
  reconfigured: move.nop,
};

const table: Readonly<Record<Phase, Row>> = {
  stopped: resting,
  starting,
  up: running,
  ready: running,
  'in-trouble': running,
  'not-responding': hanging,
  stopping,
  failed: resting,
};

/** News of another life than the one at hand: late, or doubled. */
function stale(state: State, event: Event): boolean {
  switch (event.kind) {
    case 'spawned':
      return !state.spawning || event.instance.number !== state.number;
    case 'spawn-failed':
      return !state.spawning || event.number !== state.number;
    case 'exited':
      return state.ended || event.number !== state.instance?.number;
    case 'gone':
      return !state.ended || event.number !== state.instance?.number;
    case 'moved':
      return state.ended || event.instance.number !== state.instance?.number;
    case 'answered':
    case 'missed':
    case 'opened':
    case 'notified':
    case 'strained':
      return event.number !== state.instance?.number;
    default:
      return false;
  }
}

function deadline(state: State): number {
  const { pausedUntilMs, killAtMs, probeAtMs, readyAtMs, knockAtMs, limitAtMs, watchdogAtMs } = state;
  return Math.min(pausedUntilMs, killAtMs, probeAtMs, readyAtMs, knockAtMs, limitAtMs, watchdogAtMs);
}

/** True where psrmd, killed now, would do the wrong thing with what it kept before. */
function mustPersist(was: State, is: State): boolean {
  return (
    was.wanted !== is.wanted ||
    was.number !== is.number ||
    (was.instance !== is.instance && is.instance !== undefined) ||
    (is.isReady && !was.isReady) ||
    (was.phase !== is.phase && (is.phase === 'failed' || is.phase === 'stopped')) ||
    (is.phase === 'stopping' && (was.phase !== 'stopping' || was.after !== is.after)) ||
    (is.phase === 'not-responding' && was.phase !== 'not-responding' && is.after === 'failed')
  );
}

/** Pure: the caller performs the effects in order. Throws `InvariantError` when its own rules are broken. */
export function step(was: State, event: Event, nowMs: number, config: Wrapping): move.Step {
  if (stale(was, event)) return { state: was, effects: [] };
  const context = { nowMs, config };
  const { state: next, effects } = table[was.phase][event.kind](was, event, context);
  const is = move.unwatch(next, event, context);
  const state = is.phase === was.phase ? is : { ...is, sinceMs: nowMs };
  check(state, config);
  const { phase, instance, wanted, says, trouble, restarts } = state;
  const changed = phase !== was.phase || instance !== was.instance || wanted !== was.wanted;
  const told = changed || says !== was.says || trouble !== was.trouble || restarts !== was.restarts;
  const waits = phase === 'starting' && state.held?.by !== was.held?.by;
  // A tick does what is due first, one thing; for another that is due as well it comes again.
  const due = event.kind === 'tick' && deadline(state) <= nowMs;
  return {
    state,
    effects: [
      ...(mustPersist(was, state) ? [{ kind: 'persist' } as const] : []),
      ...effects,
      ...(deadline(state) === deadline(was) && !due ? [] : [{ kind: 'arm', atMs: deadline(state) } as const]),
      ...(told || waits ? [{ kind: 'report' } as const] : []),
    ],
  };
}

function check(state: State, config: Wrapping): void {
  const { phase, instance, spawning } = state;
  const runs = phase === 'up' || phase === 'ready' || phase === 'in-trouble' || phase === 'not-responding';
  assert(!runs || (instance !== undefined && !spawning), `${phase} without an instance`);
  assert(
    (phase !== 'stopped' && phase !== 'failed') || (instance === undefined && !spawning),
    `${phase}, yet something runs`,
  );
  assert(!(instance !== undefined && spawning), 'two lives at once');
  assert(phase !== 'stopping' || instance !== undefined || spawning, 'stopping what is not there');
  assert(!state.watched || (state.isReady && state.missed === 0 && !state.ended), 'watched, though it does not answer');
  assert(state.deathsMs.length <= config.giveUp.deaths, 'more deaths counted than needed to give up');
}
