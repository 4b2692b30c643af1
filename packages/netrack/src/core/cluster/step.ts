import type { BoardId, BoardMessage, OrderOutcome, PulseMessage, PulseReport, Stock } from '@softset/protocol';
import { raise, record, tendAlarms } from './alarms.js';
import { hearRemember, hearRemembered, tendAmnesia } from './amnesia.js';
import { noteWake } from './awake.js';
import { changeRegister } from './change.js';
import { clearAlarm, tendClears } from './clear-alarm.js';
import {
  castWhenReady,
  deputyOf,
  elected,
  hearClaim,
  hearDenied,
  hearVote,
  stand,
  stepDown,
  tendElection,
} from './elect.js';
import { forgetFences, noteFence } from './fence.js';
import { beginForce, hearForce, tendForce } from './force.js';
import { orderReady, orderRefused, serve, tendGrants } from './grants.js';
import { hearReport, tendVouching, vouched } from './lead.js';
import { hearWrite, hearWrote, nameSelf, registerKept, tendWrites } from './register.js';
import { tendRollout, wishRollout } from './rollout.js';
import { agentConfirmed } from './state.js';
import type { ClusterConfig, ClusterEffect, ClusterEvent, ClusterState } from './types.js';
import { directing, phaseOf, viewOf } from './view.js';
import { makeRoom, tendVotes } from './votes.js';

/** A report goes again at least this often, ms, and once an interval until the term's register came. */
const REPORT_EVERY_MS = 250;
/** Program states go again at least this often, ms. */
const PROGRAMS_EVERY_MS = 1000;
/** It changes with an upgrade and never else; whoever comes later hears it soon. */
const RELEASE_EVERY_MS = 5000;

/**
 * netrackd's core: terms and votes (elect.ts), lost memory (amnesia.ts), the register (register.ts), whom the director
 * vouches for (lead.ts), when a board is clear of a service (clear.ts) and the moves (grants.ts). The diagrams stand
 * in those files. `state` is changed in place, as in the pulse; all sends may be lost and are repeated by `tick`.
 *
 * `events` are those that came together: each is taken in turn, and what they make due is looked for once.
 */
export function stepCluster(
  state: ClusterState,
  events: readonly ClusterEvent[],
  nowMs: number,
  config: ClusterConfig,
): ClusterEffect[] {
  noteWake(state, nowMs, config);
  const effects = events.flatMap((event) => handle(state, event, nowMs, config));
  effects.push(...tend(state, nowMs, config));
  const ticked = events.some(({ kind }) => kind === 'tick');
  const publish = state.changed || (ticked && publishDue(state, nowMs, config));
  if (publish) {
    state.changed = false;
    effects.push({ kind: 'publish', state: viewOf(state, nowMs, config) });
  }
  return effects;
}

/** Leases run out and proofs lapse without an event: what time alone changed is looked for on each tick. */
function publishDue(state: ClusterState, nowMs: number, config: ClusterConfig): boolean {
  if (!state.lead) return false;
  const phases = `${directing(state, nowMs)} ${config.cluster.services.map((service) => phaseOf(state, service, nowMs, config)).join()}`;
  const changed = phases !== state.lastPhases;
  state.lastPhases = phases;
  return changed;
}

function handle(state: ClusterState, event: ClusterEvent, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  switch (event.kind) {
    case 'pulse-up':
      state.pulseUp = true;
      state.changed = true;
      return [
        { kind: 'pulse', request: { kind: 'memory', amnesiac: state.amnesiac } },
        // What the disk knows of terms holds for the pulse too: it must not follow an older one.
        { kind: 'pulse', request: { kind: 'follow', id: state.nextId++, term: state.term, director: state.director } },
        nameSelf(state, config),
      ];
    case 'pulse-down':
      state.pulseUp = false;
      state.pace = undefined;
      state.changed = true;
      return state.role === 'follower' ? [] : [...stepDown(state, state.term, config.self, 'its pulse is gone', nowMs)];
    case 'pulse':
      return hearPulse(state, event.message, nowMs, config);
    case 'message':
      return hearMessage(state, event.from, event.message, nowMs, config);
    case 'agent-up':
      state.agentUp = true;
      state.agentTerm = 0;
      return [{ kind: 'agent', message: { kind: 'term', term: state.term } }];
    case 'agent-down':
      state.agentUp = false;
      return castWhenReady(state, config);
    case 'agent-term':
      state.agentTerm = Math.max(state.agentTerm, event.term);
      return castWhenReady(state, config);
    case 'agent-outcome':
      return ownOutcome(state, event.outcome, nowMs, config);
    case 'vote-kept': {
      const pending = state.pendingVote;
      if (pending && event.memory.term === pending.term && event.memory.candidate === pending.candidate)
        pending.kept = true;
      return castWhenReady(state, config);
    }
    case 'register-kept':
      return registerKept(state, event, config);
    case 'serve':
      return serve(state, event, nowMs, config);
    case 'fenced':
      return noteFence(state, event.board);
    case 'force':
      return beginForce(state, event, nowMs, config);
    case 'amend':
      return changeRegister(state, event.change, config);
    case 'clear-alarm':
      return clearAlarm(state, event);
    case 'rollout':
      return wishRollout(state, event, nowMs, config);
    case 'programs': {
      const before = state.programs.get(config.self);
      const sequence = (before?.sequence ?? 0) + 1;
      const same = before !== undefined && JSON.stringify(before.programs) === JSON.stringify(event.programs);
      if (same) return [];
      state.programs.set(config.self, { sequence, programs: event.programs });
      state.programsSentMs = Number.NEGATIVE_INFINITY;
      state.changed = true;
      return [];
    }
    case 'alarm':
      raise(state, event.alarm, nowMs);
      return [];
    case 'faults':
      state.faults = event.faults;
      state.changed = true;
      return [];
    case 'tick':
      return [];
  }
}

/** Everything that time or a change may have made due. */
function tend(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  if (!state.pulseUp || !state.report) return [];
  const effects = [
    ...tendAmnesia(state, nowMs, config),
    ...tendForce(state, nowMs, config),
    ...tendElection(state, nowMs, config),
    ...tendReport(state, nowMs, config),
    ...tendPrograms(state, nowMs, config),
    ...tendRelease(state, nowMs, config),
    ...tendAlarms(state, nowMs, config),
  ];
  if (state.role !== 'director') return effects;
  effects.push(...tendLead(state, nowMs, config));
  effects.push(...makeRoom(state, nowMs, config), ...tendVotes(state, nowMs, config), ...tendRollout(state));
  // Grants may change the register, the register whom to vouch for, and a written register lets orders leave.
  effects.push(...tendGrants(state, nowMs, config), ...tendVouching(state, config));
  const written = state.dirty;
  effects.push(...tendWrites(state, nowMs, config));
  // An order waits for its own grant's majority (M4), and only for the sending of what was written since.
  if (written) effects.push(...tendGrants(state, nowMs, config));
  effects.push(...tendClears(state));
  return effects;
}

function tendLead(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const { lead, pace } = state;
  if (!lead) return [];
  for (const board of lead.silenced) {
    if ((lead.possible.get(board)?.size ?? 0) === 0) lead.silenced.delete(board);
  }
  if (pace && pace.proofUntilMs > nowMs) lead.proofLostMs = nowMs;
  else if (nowMs - lead.proofLostMs > 2 * config.cluster.timing.leaseMs) {
    // Nobody with a majority hears it: it makes room, so that others need not wait for its death.
    const effects = stepDown(state, state.term, 0, 'no majority hears it', nowMs);
    state.backoffUntilMs = nowMs + config.random.integer(1, 8) * 3 * config.cluster.timing.intervalMs;
    return [
      ...effects,
      { kind: 'pulse', request: { kind: 'follow', id: state.nextId++, term: state.term, director: 0 } },
    ];
  }
  const ahead = state.report?.boards.find((peer) => peer.verdict === 'up' && !peer.amnesiac && peer.term > state.term);
  if (ahead && !state.report?.doubt && nowMs - lead.electedMs > config.cluster.timing.leaseMs) {
    // It stood in vain and cannot go back to an older term: the director comes after it, or it would stay outside.
    const effects = stepDown(state, state.term, 0, `board ${ahead.board} is in term ${ahead.term}`, nowMs);
    state.seenTerm = Math.max(state.seenTerm, ahead.term);
    return [...effects, ...stand(state, nowMs, config)];
  }
  const deputy = deputyOf(state, config);
  if (deputy === lead.deputy) return [];
  lead.deputy = deputy;
  return [{ kind: 'pulse', request: { kind: 'lead', id: state.nextId++, term: state.term, deputy } }];
}

function hearPulse(state: ClusterState, message: PulseMessage, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  switch (message.kind) {
    case 'report':
      return hearPulseReport(state, message.report, nowMs, config);
    case 'pace':
      state.pace = message.pace;
      if (state.claim && message.pace.term === state.claim.term) state.claim.newest = message.pace.own;
      return [];
    case 'followed': {
      const pending = state.pendingVote;
      if (pending?.followId === message.id) {
        pending.stock = message.stock;
        if (state.claim && pending.candidate === config.self) state.claim.newest = message.own;
        return castWhenReady(state, config);
      }
      if (state.claim && state.claim.leadId === message.id) return elected(state, message.stock, nowMs, config);
      return [];
    }
    case 'vouching':
      vouched(state, message);
      return [];
    case 'refused':
      // The pulse follows a higher term: its report says so and everything else follows from that.
      return [];
    default:
      return [];
  }
}

function hearPulseReport(
  state: ClusterState,
  report: PulseReport,
  nowMs: number,
  config: ClusterConfig,
): ClusterEffect[] {
  state.report = report;
  state.changed = true;
  forgetFences(state);
  const effects: ClusterEffect[] = [];
  const newer = report.term > state.term;
  const otherDirector =
    report.term === state.term &&
    report.director !== state.director &&
    report.director !== 0 &&
    report.director !== config.self;
  if (newer || otherDirector) {
    effects.push(...stepDown(state, report.term, report.director, 'heard of it', nowMs));
    // Adopting is no vote (T1), but the agent must obey nothing older before this board reports (T3).
    if (state.agentUp) effects.push({ kind: 'agent', message: { kind: 'term', term: report.term } });
  } else if (report.term === state.term && state.role === 'follower' && report.director !== state.director) {
    state.director = report.director;
    state.directorSinceMs = nowMs;
  }
  if (state.role === 'director' && report.term === state.term)
    hearReport(state, config.self, stockFrom(report), config);
  return effects;
}

function stockFrom(report: PulseReport): Stock {
  return {
    boot: report.boot,
    held: report.held.map(({ service, grant }) => ({ service, grant })),
    refused: report.refusedGrants,
  };
}

/** A follower tells its director what it holds, under the director's term, once its agent confirmed it (R3, T3). */
function tendReport(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const { report, director } = state;
  if (!report || state.role !== 'follower' || director === 0 || director === config.self) return [];
  if (state.amnesiac && !config.without.has('T4')) return [];
  if (report.term !== state.term || report.director !== director || !agentConfirmed(state, state.term)) return [];
  const stock = stockFrom(report);
  const text = JSON.stringify(stock);
  const { reportSent } = state;
  // What reached a mere candidate was not taken in: its first write shows that it directs now.
  const directed = state.register.term === state.term;
  const news = reportSent.term !== state.term || reportSent.stock !== text || reportSent.directed !== directed;
  const pauseMs = directed ? REPORT_EVERY_MS : config.cluster.timing.intervalMs;
  if (!news && nowMs - reportSent.atMs < pauseMs) return [];
  state.reportSent = { stock: text, term: state.term, directed, atMs: nowMs };
  const index = directed && state.unkept === undefined ? state.register.index : 0;
  return [
    { kind: 'send', to: director, message: { kind: 'report', term: state.term, stock } },
    { kind: 'send', to: director, message: { kind: 'wrote', term: state.term, index, boot: report.boot } },
  ];
}

function tendPrograms(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  const own = state.programs.get(config.self);
  if (!own || nowMs - state.programsSentMs < PROGRAMS_EVERY_MS) return [];
  state.programsSentMs = nowMs;
  return [{ kind: 'send', to: 'all', message: { kind: 'programs', ...own } }];
}

function tendRelease(state: ClusterState, nowMs: number, { release }: ClusterConfig): ClusterEffect[] {
  if (release === undefined || nowMs - state.releaseSentMs < RELEASE_EVERY_MS) return [];
  state.releaseSentMs = nowMs;
  return [{ kind: 'send', to: 'all', message: { kind: 'release', release } }];
}

function hearMessage(
  state: ClusterState,
  from: BoardId,
  message: BoardMessage,
  nowMs: number,
  config: ClusterConfig,
): ClusterEffect[] {
  switch (message.kind) {
    case 'claim':
      return hearClaim(state, from, message, nowMs, config);
    case 'vote':
      return hearVote(state, from, message, nowMs, config);
    case 'denied':
      hearDenied(state, message.term);
      return [];
    case 'report':
      if (message.term === state.term) hearReport(state, from, message.stock, config);
      return [];
    case 'write':
      return hearWrite(state, from, message.register, config);
    case 'wrote':
      return hearWrote(state, from, message, config);
    case 'order': {
      const { order } = message;
      const mine = from === order.director && order.director === state.director && order.term === state.term;
      if (!mine || (state.amnesiac && !config.without.has('T4'))) return [];
      if (state.agentUp) return [{ kind: 'agent', message: { kind: 'order', order } }];
      // Without an agent nothing is taken, but what is to be let go is let go.
      if (order.kind === 'take') return [];
      return [
        { kind: 'pulse', request: { kind: 'release', id: state.nextId++, service: order.service, grant: order.grant } },
      ];
    }
    case 'outcome':
      return hearOutcome(state, from, message.outcome, message.boot, nowMs, config);
    case 'remember':
      return hearRemember(state, from, message);
    case 'remembered':
      hearRemembered(state, from, message, config);
      return [];
    case 'force':
      return hearForce(state, message.register, nowMs, config);
    case 'programs': {
      const before = state.programs.get(from);
      if (before && before.sequence >= message.sequence && before.sequence - message.sequence < 1000) return [];
      state.programs.set(from, { sequence: message.sequence, programs: message.programs });
      state.changed = true;
      return [];
    }
    case 'release':
      if (state.releases.get(from) === message.release) return [];
      state.releases.set(from, message.release);
      state.changed = true;
      return [];
    case 'alarm':
      return record(state, message.alarm);
    case 'wish':
    case 'wished':
    case 'program-wish':
    case 'program-order':
    case 'program-done':
    case 'config-stage':
    case 'config-staged':
    case 'config-want':
    case 'config-text':
    case 'key-order':
    case 'key-done':
      return [];
  }
}

function ownOutcome(state: ClusterState, outcome: OrderOutcome, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  if (!state.report || outcome.term !== state.term) return [];
  if (state.role === 'director') return hearOutcome(state, config.self, outcome, state.report.boot, nowMs, config);
  if (state.director === 0 || state.director === config.self) return [];
  return [{ kind: 'send', to: state.director, message: { kind: 'outcome', outcome, boot: state.report.boot } }];
}

/** An outcome is news of what the board holds: the same knowledge as its reports, a little sooner. */
function hearOutcome(
  state: ClusterState,
  from: BoardId,
  outcome: OrderOutcome,
  boot: string,
  nowMs: number,
  config: ClusterConfig,
): ClusterEffect[] {
  const before = state.lead?.reports.get(from);
  if (!before || outcome.term !== state.term || before.boot !== boot) return [];
  const { service, grant, result } = outcome;
  const others = {
    held: before.held.filter((one) => one.service !== service),
    refused: before.refused.filter((one) => one.service !== service),
  };
  if (result === 'taken') {
    hearReport(state, from, { ...before, held: [...others.held, { service, grant }] }, config);
    return [];
  }
  if (result === 'ready') {
    return orderReady(state, from, service, grant, nowMs);
  }
  if (result === 'released') {
    hearReport(state, from, { boot, held: others.held, refused: [...others.refused, { service, grant }] }, config);
    return [];
  }
  return orderRefused(state, from, service, grant, `${outcome.code ?? ''} ${outcome.message ?? ''}`);
}
