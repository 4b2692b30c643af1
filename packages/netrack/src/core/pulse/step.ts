import type { DaemonName } from '@softset/protocol';
import { alarm, clearAlarms } from './alarms.js';
import { paceOf } from './direct.js';
import { hear } from './hear.js';
import { judge } from './judge.js';
import { lose, tendLeases } from './lease.js';
import { matters, noteLater } from './news.js';
import { inDoubt, reportOf } from './report.js';
import { handleRequest } from './request.js';
import { daemonsAlive, say } from './say.js';
import { count } from './state.js';
import type { PulseConfig, PulseEffect, PulseEvent, PulseState } from './types.js';

/** A tick later than this many intervals is a stall of our own. */
const STALL_AFTER = 2;
/** Clean intervals after which the health score falls by one. */
const HEALTH_STEP = 10;

/**
 * The pulse: beats out, beats in, verdicts, leases. Each part has its own state diagram: judge.ts (boards), lease.ts
 * (addresses), follow.ts (terms).
 *
 * `state` is changed in place and effects are returned: beats come a thousand times a second, and copying the state
 * for each made garbage collections that were longer than a beat's interval.
 *
 * The shell delivers every datagram that waits in its sockets before it says `tick`, and only `tick` judges, renews and
 * sends: drain before judging. Effects are performed in order; `persist` comes before what it must outlive.
 */
export function stepPulse(state: PulseState, event: PulseEvent, nowMs: number, config: PulseConfig): PulseEffect[] {
  switch (event.kind) {
    case 'beat':
      return hear(state, event, nowMs, config);
    case 'refused':
      count(state, event.code);
      if (event.code === 'BEAT_FORGED')
        alarm(state, 'FORGED', 'beats', 'a datagram with a wrong HMAC came in: wrong key, or a forgery', nowMs);
      if (event.code === 'BEAT_FOREIGN_CLUSTER')
        alarm(state, 'FOREIGN_CLUSTER', 'beats', 'another cluster beats on our networks', nowMs);
      return [];
    case 'answer': {
      const peer = state.peers.get(event.board);
      // Only the known MAC counts: proxies and strangers answer for others.
      if (peer && peer.macs[event.network] === event.mac) peer.answeredMs[event.network] = nowMs;
      else count(state, 'ANSWER_UNKNOWN_MAC');
      return [];
    }
    case 'port-closed': {
      const peer = state.peers.get(event.board);
      if (peer) {
        peer.pulseDead = true;
        peer.answeredMs.A = Math.max(peer.answeredMs.A, nowMs);
        state.changed = true;
      }
      return [];
    }
    case 'carrier':
      state.carrier[event.network] = event.up;
      state.changed = true;
      // Told at once: a link that goes and comes back before the next tick was gone all the same.
      return event.up ? [] : [{ kind: 'tell', message: { kind: 'report', report: reportOf(state, nowMs, config) } }];
    case 'flushed': {
      alarm(
        state,
        'RULESET_FLUSHED',
        `board/${config.self}`,
        `the lease table was changed by ${event.by}; it was put back, and what was held is given up`,
        nowMs,
      );
      return [...state.leases.values()].flatMap((lease) => lose(state, lease, 'flushed'));
    }
    case 'request': {
      const { request } = event;
      if (request.kind === 'hello' && request.daemon !== 'watch') checkIn(state, request.daemon, nowMs);
      if (request.kind === 'alive' && event.daemon !== 'watch') checkIn(state, event.daemon, nowMs);
      return handleRequest(state, event.from, request, nowMs, config);
    }
    case 'made': {
      const { service, grant, untilMs } = event.lease;
      if (!event.answer) return [];
      return [
        {
          kind: 'answer',
          to: event.answer.from,
          answer: { kind: 'created', id: event.answer.id, service, grant, untilMs },
        },
      ];
    }
    case 'unmade': {
      const { service, grant } = event.lease;
      if (event.code === 'LEASE_LATE') alarm(state, 'LEASE_LATE', `board/${config.self}`, event.message, nowMs);
      const standing = state.leases.get(service);
      const same = standing !== undefined && standing.grant.term === grant.term && standing.grant.n === grant.n;
      const effects = same ? lose(state, event.lease, 'kernel') : [];
      if (!event.answer) return effects;
      const { from, id } = event.answer;
      return [
        ...effects,
        { kind: 'answer', to: from, answer: { kind: 'refused', id, code: 'ORDER_KERNEL', message: event.message } },
      ];
    }
    case 'tick':
      return tick(state, nowMs, config);
  }
}

/** One that says hello goes on loading: that it was heard does not shorten the time that it has for that. */
function checkIn(state: PulseState, daemon: DaemonName, nowMs: number): void {
  state.aliveMs[daemon] = Math.max(state.aliveMs[daemon], nowMs);
}

function tick(state: PulseState, nowMs: number, config: PulseConfig): PulseEffect[] {
  const { intervalMs } = config.timing;
  const lateMs = nowMs - state.lastTickMs;
  state.lastTickMs = nowMs;
  const effects: PulseEffect[] = [];
  if (lateMs > STALL_AFTER * intervalMs && !config.without.has('drain')) {
    // It did not listen, so it knows nothing: silences count afresh (Lifeguard's idea, with our deadlines).
    state.judgeFromMs = nowMs;
    state.health = Math.min(7, state.health + 1);
    state.healthStepMs = nowMs;
    state.changed = true;
    effects.push({ kind: 'log', event: 'stalled-self', fields: { lateMs: Math.round(lateMs), health: state.health } });
  } else if (state.health > 0 && nowMs - state.healthStepMs > HEALTH_STEP * intervalMs) {
    state.health--;
    state.healthStepMs = nowMs;
    noteLater(state, nowMs, config);
  }
  clearAlarms(state, nowMs);
  effects.push(...judge(state, nowMs, config), ...tendLeases(state, nowMs, config));
  const sends = say(state, nowMs, config);
  effects.push(...sends);
  if (state.director === config.self && sends.length > 0)
    effects.push({ kind: 'tell', message: { kind: 'pace', pace: paceOf(state, nowMs, config) } });
  const doubt = inDoubt(state, nowMs, config);
  // A daemon that checks in late, or no more, is news to its own board too.
  const daemons = daemonsAlive(state, nowMs).length;
  const due = state.changed || nowMs >= state.reportDueMs;
  if (due || doubt !== state.doubt || daemons !== state.daemonsTold) {
    state.changed = false;
    state.reportDueMs = Number.POSITIVE_INFINITY;
    state.doubt = doubt;
    state.daemonsTold = daemons;
    effects.push({ kind: 'tell', message: { kind: 'report', report: reportOf(state, nowMs, config) } });
  }
  return effects;
}

/** When the next tick is due at the latest, monotonic ms. */
export function nextDeadlineMs(state: PulseState, nowMs: number, config: PulseConfig): number {
  let deadline = state.nextBeatMs;
  const half = config.timing.intervalMs / 2;
  for (const peer of state.peers.values()) {
    // The steps at which a silent board is asked and judged: half intervals of its silence.
    const quietMs = nowMs - Math.max(peer.heardMs.A, peer.heardMs.B, state.judgeFromMs);
    const steps = Math.max(4, Math.floor(quietMs / half) + 1);
    const at = nowMs - quietMs + steps * half;
    if (steps <= 6 && at < deadline) deadline = at;
  }
  for (const lease of state.leases.values()) if (lease.untilMs < deadline) deadline = lease.untilMs;
  return deadline;
}

/** Intervals after which a verdict that waits for others is settled as far as this goes. */
const ALERT_INTERVALS = 10;

/** While somebody is judged, beats are taken in handfuls of this part of an interval: a wake costs more than a beat. */
const HANDFULS = 10;
/** And in larger ones by a board that was late itself: to look more often than it can would make it later still. */
const LATE_HANDFULS = 2;

/**
 * How long beats that are due may wait in their sockets, ms. Infinity in calm weather: until this board has a reason to
 * look. Less while somebody is silent and not judged for good, and this board is one that acts on it, for each may decide.
 * A board that stays down alerts nobody.
 */
export function handfulMs(state: PulseState, nowMs: number, config: PulseConfig): number {
  if (!alert(state, nowMs, config)) return Number.POSITIVE_INFINITY;
  return config.timing.intervalMs / (state.health === 0 ? HANDFULS : LATE_HANDFULS);
}

function alert(state: PulseState, nowMs: number, config: PulseConfig): boolean {
  for (const { board, verdict, asked, sinceMs } of state.peers.values()) {
    if (!matters(state, board, config)) continue;
    if (verdict === 'silent' || (verdict === 'up' && asked > 0)) return true;
    if (verdict === 'unheard' && nowMs - sinceMs < ALERT_INTERVALS * config.timing.intervalMs) return true;
  }
  return false;
}
