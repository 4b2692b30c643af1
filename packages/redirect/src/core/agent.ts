import { assert, unreachable } from '@softset/base';
import type { Network, Order } from '@softset/protocol';
import { onProgram, retryPrograms } from './agent-programs.js';
import { onAnswer, onLost, onReport, rehome } from './agent-pulse.js';
import { endRelease, onRelease, retryRelease, rollBack } from './agent-release.js';
import type { AgentConfig, AgentEffect, AgentEvent, AgentState } from './agent-state.js';
import { onRound } from './agent-strangers.js';
import { ask, notCreated, onAsked, onTake } from './agent-take.js';
import { announce, change, conclude, refusal, setPhase, type Turn, workOf } from './agent-turn.js';
import { chooseHome } from './home-network.js';

/**
 * The agent: performs what the director orders of this board, and nothing else. Lease elements and addresses are the
 * pulse's; whether a move is safe is the grants engine's and the pulse's to say. For each service:
 *
 *             take               nobody, or a stranger          created: announce, outcome taken
 *      idle ────────► asking ───────────────────────► creating ─────────────────────────────────► held
 *       ▲  ▲            │ the former holder answers,     │ refused, no answer,                    │ │ ▲
 *       │  │            │ a newer term, release          │ a newer term, release          release │ │ │ take of a
 *       │  │            ▼                                ▼                                        │ │ │ later grant
 *       │  └─────── releasing ◄──────────────────────────┴────────────────────────────────────────┘ │ │ (creating,
 *       │  gone:     │     ▲                                                                        │ │  still held)
 *       │  outcome   │     │ release           the element ended by itself                          │
 *       │            ▼     └───────────── lost ◄────────────────────────────────────────────────────┘
 *       └─────── next take                  └── take: asking
 *
 * An order that comes after another board is ready, not taken, once the pulse was asked to create: it does so when that
 * board's beat says that it let go (M8), or when the order comes again without that.
 *
 * Programs with `exclusive: program` start with the asking (after it, if the former holder did not confirm) and stop
 * with the releasing; those with `exclusive: address` run everywhere already.
 */
export function agentStep(
  state: AgentState,
  event: AgentEvent,
  nowMs: number,
  config: AgentConfig,
): { state: AgentState; effects: AgentEffect[] } {
  const turn: Turn = { state, effects: [], nowMs, config };
  dispatch(turn, event);
  for (const service of Object.keys(turn.state.services)) {
    const next = endRelease(turn, service);
    if (next !== undefined) ask(turn, next);
  }
  confirm(turn);
  checkAgent(turn.state, turn.effects);
  return { state: turn.state, effects: turn.effects };
}

function dispatch(turn: Turn, event: AgentEvent) {
  switch (event.kind) {
    case 'order':
      return onOrder(turn, event.order);
    case 'term':
      return onTerm(turn, event.term);
    case 'asked':
      return onAsked(turn, event);
    case 'pulse-up':
      turn.state = { ...turn.state, pulse: 'new' };
      return;
    case 'pulse-down':
      turn.state = { ...turn.state, pulse: 'down' };
      return;
    case 'answer':
      return onAnswer(turn, event);
    case 'report':
      return onReport(turn, event.report);
    case 'lost':
      return onLost(turn, event);
    case 'program':
      return onProgram(turn, event);
    case 'macs':
      turn.state = { ...turn.state, macs: event.macs };
      return;
    case 'prefer':
      return onPrefer(turn, event.network);
    case 'round':
      return onRound(turn, event);
    case 'tick':
      return onTick(turn);
    default:
      return unreachable(event, 'agent event');
  }
}

function onOrder(turn: Turn, order: Order) {
  if (!(order.service in turn.state.services)) {
    return conclude(
      turn,
      refusal(order, 'ORDER_UNKNOWN_SERVICE', `no service "${order.service}" in this board's file`),
    );
  }
  if (order.term < turn.state.wantedTerm) {
    return conclude(turn, refusal(order, 'ORDER_OLD_TERM', `this board follows term ${turn.state.wantedTerm}`));
  }
  // An order may overtake the message that names its term.
  if (order.term > turn.state.wantedTerm) onTerm(turn, order.term);
  return order.kind === 'take' ? onTake(turn, order) : onRelease(turn, order);
}

/** T3: nothing of an older term is begun any more, and what is unfinished is rolled back before the term is confirmed. */
function onTerm(turn: Turn, term: number): void {
  if (term < turn.state.wantedTerm) return;
  if (term === turn.state.term) turn.effects.push({ kind: 'confirm-term', term });
  turn.state = { ...turn.state, wantedTerm: term };
  for (const service of Object.keys(turn.state.services)) {
    const { phase } = workOf(turn, service);
    if (phase.kind === 'releasing' && phase.next !== undefined && phase.next.term < term) {
      const { next, ...rest } = phase;
      setPhase(turn, service, rest);
      conclude(turn, refusal(next, 'ORDER_OLD_TERM', `term ${term} began`));
    }
    // A holder that is being granted anew goes on holding; the pulse's answer is awaited instead.
    const mayStay = phase.kind === 'creating' && phase.before !== undefined && turn.state.pulse === 'up';
    if ((phase.kind !== 'asking' && phase.kind !== 'creating') || mayStay || phase.order.term >= term) continue;
    const outcome = refusal(phase.order, 'ORDER_OLD_TERM', `term ${term} began`);
    if (phase.kind === 'asking') rollBack(turn, phase.order, outcome);
    else notCreated(turn, service, outcome);
  }
}

function confirm(turn: Turn): void {
  const { term, wantedTerm, services } = turn.state;
  if (wantedTerm === term) return;
  const busy = Object.values(services).some(
    ({ phase }) =>
      (phase.kind === 'creating' && phase.order.term < wantedTerm) ||
      (phase.kind === 'releasing' && !phase.released && phase.outcome.term < wantedTerm),
  );
  if (busy) return;
  turn.state = { ...turn.state, term: wantedTerm };
  turn.effects.push({ kind: 'persist-term', term: wantedTerm }, { kind: 'confirm-term', term: wantedTerm });
}

/** Another network is preferred: since when that one has been good is not known, so that it has to prove itself first. */
function onPrefer(turn: Turn, network: Network): void {
  if (network === turn.state.prefers) return;
  turn.state = { ...turn.state, prefers: network, home: { network: turn.state.home.network } };
  settle(turn);
}

function settle(turn: Turn): void {
  const { report, home, prefers } = turn.state;
  if (report === undefined) return;
  turn.state = { ...turn.state, home: chooseHome(home, report, turn.nowMs, turn.config.homeMs, prefers) };
  rehome(turn);
}

function onTick(turn: Turn): void {
  settle(turn);
  for (const service of Object.keys(turn.state.services)) {
    retryPrograms(turn, service);
    retryRelease(turn, service);
    announceDue(turn, service);
    const { phase } = workOf(turn, service);
    if (phase.kind === 'creating' && phase.untilMs !== undefined && phase.untilMs <= turn.nowMs) {
      const why = `the pulse did not answer within ${turn.config.createMs} ms`;
      notCreated(turn, service, refusal(phase.order, 'ORDER_KERNEL', why));
    }
  }
}

/** Rounds that are due make one announcement, and only while the pulse says that the element stands. */
function announceDue(turn: Turn, service: string): void {
  const { phase, rounds } = workOf(turn, service);
  const due = rounds.filter((round) => round <= turn.nowMs);
  if (due.length === 0) return;
  change(turn, service, { rounds: rounds.slice(due.length) });
  const stands = turn.state.pulse === 'up' && turn.state.report?.held.some((entry) => entry.service === service);
  if (phase.kind === 'held' && stands) announce(turn, service, phase.network);
}

/** When the next `tick` is due: monotonic ms, possibly past; undefined when only events can change anything. */
export function agentWakeMs(state: AgentState, config: AgentConfig): number | undefined {
  const times = Object.values(state.services).flatMap(({ phase, programs, rounds }) => [
    ...rounds.slice(0, 1),
    ...Object.values(programs).flatMap((work) => (work.state === 'waiting' ? [work.againMs] : [])),
    ...(phase.kind === 'creating' && phase.untilMs !== undefined ? [phase.untilMs] : []),
    ...(phase.kind === 'releasing' && phase.againMs !== undefined && state.pulse === 'up' ? [phase.againMs] : []),
    // Past its time a release waits for the pulse alone, which is an event.
    ...(phase.kind === 'releasing' && phase.released ? [phase.untilMs] : []),
    ...(phase.kind === 'held' && phase.rehome !== undefined && state.pulse === 'up' ? [phase.rehome.againMs] : []),
  ]);
  const { network, goodSinceMs } = state.home;
  if (network !== state.prefers && goodSinceMs !== undefined) times.push(goodSinceMs + config.homeMs);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** What must hold after each step, in production too. */
function checkAgent(state: AgentState, effects: readonly AgentEffect[]): void {
  assert(state.term <= state.wantedTerm, 'a confirmed term was wanted');
  for (const [service, { phase, programs, rounds }] of Object.entries(state.services)) {
    assert(rounds.length === 0 || phase.kind === 'held', `${service} is announced only while it is held`);
    const started = Object.values(programs).some((work) => work.want === 'start');
    assert(!started || phase.kind !== 'releasing', `${service} starts nothing while it is being released`);
  }
  for (const effect of effects) {
    const created = effect.kind === 'pulse' && effect.request.kind === 'create' ? effect.request.order.term : undefined;
    assert(created === undefined || created >= state.wantedTerm, 'nothing is created for an older term');
  }
}
