import { unreachable } from '@softset/base';
import { type BoardId, compareGrants, type OrderRefusal, type PulseReport } from '@softset/protocol';
import { want } from './agent-programs.js';
import { notReleased, sendRelease } from './agent-release.js';
import type { AgentEvent, Looked } from './agent-state.js';
import { notCreated, sendCreate, taken } from './agent-take.js';
import { announceAll, change, clear, nextRequest, raise, refusal, setPhase, type Turn, workOf } from './agent-turn.js';
import { chooseHome } from './home-network.js';

/**
 * An answer belongs to the request whose number it names; answers to requests given up are ignored. So are those that come
 * while the pulse is away: what waits for it then was not asked of it yet.
 */
export function onAnswer(turn: Turn, { answer }: Extract<AgentEvent, { kind: 'answer' }>) {
  if (turn.state.pulse !== 'up') return;
  const found = Object.entries(turn.state.services).find(
    ([, { phase }]) =>
      ((phase.kind === 'creating' || phase.kind === 'releasing') && phase.request === answer.id) ||
      (phase.kind === 'held' && phase.rehome?.request === answer.id),
  );
  if (found === undefined) return;
  const [service, { phase }] = found;
  switch (answer.kind) {
    case 'created':
      return taken(turn, service);
    case 'released':
      return phase.kind === 'releasing' ? setPhase(turn, service, { ...phase, released: true }) : undefined;
    case 'rehomed':
      if (phase.kind !== 'held') return undefined;
      setPhase(turn, service, { kind: 'held', grant: phase.grant, network: answer.network });
      return announceAll(turn, service, answer.network);
    case 'refused':
      // A refused rehoming is tried again by the clock.
      if (phase.kind === 'releasing') return notReleased(turn, service);
      if (phase.kind !== 'creating') return;
      return notCreated(turn, service, refusal(phase.order, orderCode(answer.code), answer.message));
    case 'followed':
    case 'vouching':
    case 'stocked':
      return undefined;
    default:
      return unreachable(answer, 'pulse answer');
  }
}

function orderCode(code: OrderRefusal | 'PULSE_OLD_TERM' | 'PULSE_NOT_HELD'): OrderRefusal {
  if (code === 'PULSE_OLD_TERM') return 'ORDER_OLD_TERM';
  return code === 'PULSE_NOT_HELD' ? 'ORDER_KERNEL' : code;
}

/** The pulse is the owner of the facts: what it reports as held is held, and nothing else. */
export function onReport(turn: Turn, report: Looked): void {
  const returned = boardsReturned(turn.state.report?.boards ?? [], report.boards);
  const fresh = turn.state.pulse !== 'up';
  const { carrier, boards, held } = report;
  const home = chooseHome(turn.state.home, report, turn.nowMs, turn.config.homeMs, turn.state.prefers);
  turn.state = { ...turn.state, pulse: 'up', report: { carrier, boards, held }, home };
  for (const service of Object.keys(turn.state.services)) {
    const entry = held.find((holding) => holding.service === service);
    const { phase } = workOf(turn, service);
    if (entry === undefined) {
      if (phase.kind === 'held') lose(turn, service, 'it is not among what the pulse holds');
      if (phase.kind === 'creating' && phase.before !== undefined) {
        const { before: _, ...rest } = phase;
        setPhase(turn, service, rest);
      }
    } else if (phase.kind === 'idle' || phase.kind === 'lost') {
      // This daemon was restarted, or had missed the beginning: it goes on where it stood.
      setPhase(turn, service, { kind: 'held', grant: entry.grant, network: entry.network });
      announceAll(turn, service, entry.network);
      want(turn, service, 'start');
      clear(turn, service, 'LEASE_LOST', `${service} is held again`);
    } else if (phase.kind === 'held' && phase.rehome === undefined) {
      setPhase(turn, service, { kind: 'held', grant: entry.grant, network: entry.network });
    } else if (phase.kind === 'creating' && fresh && compareGrants(entry.grant, phase.order.grant) === 0) {
      // The answer was lost with the socket.
      taken(turn, service);
    }
    if (fresh) {
      sendCreate(turn, service);
      sendRelease(turn, service);
    }
  }
  if (returned) heal(turn);
  rehome(turn);
}

/** Whether a board is up now that was not: it, or we, may have missed announcements while it was away. */
export function boardsReturned(before: PulseReport['boards'], after: PulseReport['boards']): boolean {
  const up = (boards: PulseReport['boards']): BoardId[] =>
    boards.filter((board) => board.verdict === 'up').map((board) => board.board);
  const known = up(before);
  return up(after).some((board) => !known.includes(board));
}

/** One more round for everything held, soon: not at once for each of many boards that come back together. */
function heal(turn: Turn): void {
  for (const [service, work] of Object.entries(turn.state.services)) {
    if (work.phase.kind !== 'held') continue;
    const dueMs = Math.max(turn.nowMs, work.announcedMs + turn.config.healMs);
    if (work.rounds.some((round) => round >= dueMs && round <= dueMs + turn.config.healMs)) continue;
    change(turn, service, { rounds: [...work.rounds, dueMs].sort((a, b) => a - b) });
  }
}

/** Moves held addresses to the home network (M7). */
export function rehome(turn: Turn): void {
  if (turn.state.pulse !== 'up') return;
  const { network } = turn.state.home;
  for (const [service, { phase }] of Object.entries(turn.state.services)) {
    if (phase.kind !== 'held') continue;
    if (phase.network === network && phase.rehome === undefined) continue;
    const under = phase.rehome;
    if (under !== undefined && under.network === network && turn.nowMs < under.againMs) continue;
    const request = nextRequest(turn);
    const againMs = turn.nowMs + turn.config.retryMs;
    setPhase(turn, service, { ...phase, rehome: { request, network, againMs } });
    turn.effects.push({ kind: 'pulse', request: { kind: 'rehome', id: request, service, network } });
  }
}

/** Programs keep running: the director grants anew, here or elsewhere, and an order to release stops them. */
export function onLost(turn: Turn, event: Extract<AgentEvent, { kind: 'lost' }>): void {
  const phase = turn.state.services[event.service]?.phase;
  if (phase?.kind !== 'held' || compareGrants(phase.grant, event.grant) > 0) return;
  lose(turn, event.service, event.why);
}

function lose(turn: Turn, service: string, why: string): void {
  const { phase } = workOf(turn, service);
  if (phase.kind !== 'held') return;
  setPhase(turn, service, { kind: 'lost', grant: phase.grant });
  raise(turn, service, 'LEASE_LOST', 'major', `this board lost ${service}: ${why}`);
}
