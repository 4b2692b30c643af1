import { type BoardId, compareGrants, type Grant, type Order, type OrderOutcome } from '@softset/protocol';
import { allStopped, want } from './agent-programs.js';
import { change, conclude, describe, nextRequest, raise, refusal, setPhase, type Turn, workOf } from './agent-turn.js';

/**
 * An order to release: address and programs go at the same time, and the outcome is sent when both are gone. It
 * goes to the pulse even when nothing is held here, for the pulse must remember to refuse what is late (M2).
 */
export function onRelease(turn: Turn, order: Order) {
  const { service, grant, term } = order;
  const { phase } = workOf(turn, service);
  const released: OrderOutcome = { service, grant, term, result: 'released' };
  const forHeir = order.heir === undefined ? {} : { heir: order.heir };
  const later = heldOrWanted(phase);
  if (phase.kind === 'releasing') {
    // The same order again: its answer is on its way. A later one includes it.
    if (compareGrants(grant, phase.grant) < 0) return;
    if (compareGrants(grant, phase.grant) === 0 && phase.outcome.result === 'released') return;
    const { next } = phase;
    if (next !== undefined && compareGrants(next.grant, grant) > 0) {
      return beginRelease(turn, service, grant, released, { next, ...forHeir });
    }
    if (next !== undefined)
      conclude(turn, refusal(next, 'ORDER_REFUSED_BEFORE', 'an order to release it came meanwhile'));
    return beginRelease(turn, service, grant, released, forHeir);
  }
  if (later !== undefined && compareGrants(later, grant) > 0) {
    // A late order: what is held now came after it, and a pulse that holds a grant refuses the earlier ones. While a
    // later one is only being taken, the pulse may not know of it yet: the order's repetition is answered then.
    return phase.kind === 'held' ? conclude(turn, released) : undefined;
  }
  beginRelease(turn, service, grant, released, forHeir);
}

function heldOrWanted(phase: ReturnType<typeof workOf>['phase']): Grant | undefined {
  switch (phase.kind) {
    case 'asking':
    case 'creating':
      return phase.order.grant;
    case 'held':
      return phase.grant;
    default:
      return undefined;
  }
}

/** Gives everything up to `grant` back, then answers `outcome`, then goes on with `next`. */
export function beginRelease(
  turn: Turn,
  service: string,
  grant: Grant,
  outcome: OrderOutcome,
  rest: { readonly next?: Order; readonly heir?: BoardId } = {},
): void {
  const { config, nowMs } = turn;
  const request = nextRequest(turn);
  const stopMs = Math.max(0, ...(describe(turn, service)?.programs ?? []).map((program) => program.stopMs));
  const untilMs = nowMs + stopMs + config.stopMarginMs;
  setPhase(turn, service, { kind: 'releasing', grant, request, released: false, untilMs, outcome, ...rest });
  sendRelease(turn, service);
  want(turn, service, 'stop');
}

export function sendRelease(turn: Turn, service: string): void {
  const { phase } = workOf(turn, service);
  if (phase.kind !== 'releasing' || phase.released || turn.state.pulse !== 'up') return;
  const { request: id, grant, heir } = phase;
  const forHeir = heir === undefined ? {} : { heir };
  turn.effects.push({ kind: 'pulse', request: { kind: 'release', id, service, grant, ...forHeir } });
}

/** The pulse could not: address and element may stand, so it is asked until it can. */
export function notReleased(turn: Turn, service: string) {
  const { phase } = workOf(turn, service);
  if (phase.kind !== 'releasing') return;
  setPhase(turn, service, { ...phase, againMs: turn.nowMs + turn.config.retryMs });
}

export function retryRelease(turn: Turn, service: string) {
  const { phase } = workOf(turn, service);
  if (phase.kind !== 'releasing' || phase.againMs === undefined || phase.againMs > turn.nowMs) return;
  const { againMs: _, ...rest } = phase;
  setPhase(turn, service, rest);
  sendRelease(turn, service);
}

/** An unfinished take is rolled back: it ends in a refusal that confirms in the sense of M2. */
export function rollBack(turn: Turn, order: Order, outcome: OrderOutcome, next?: Order): void {
  beginRelease(turn, order.service, order.grant, outcome, next === undefined ? {} : { next });
}

/**
 * Ends a release once all is gone, or once programs have had their time. Returns the take that waited for it.
 * A program that does not stop turns `released` into a refusal: a second copy elsewhere might damage its data.
 */
export function endRelease(turn: Turn, service: string): Order | undefined {
  const { phase } = workOf(turn, service);
  if (phase.kind !== 'releasing' || !phase.released) return undefined;
  const stopped = allStopped(turn, service);
  if (!stopped && turn.nowMs < phase.untilMs) return undefined;
  setPhase(turn, service, { kind: 'idle' });
  if (phase.outcome.result === 'refused') change(turn, service, { last: phase.outcome });
  if (stopped || phase.outcome.result !== 'released') conclude(turn, phase.outcome);
  else {
    const message = `a program of ${service} could not be stopped in time`;
    turn.effects.push({
      kind: 'outcome',
      outcome: { ...phase.outcome, result: 'refused', code: 'ORDER_PROGRAM', message },
    });
    raise(turn, service, 'PROGRAM_NOT_STOPPED', 'critical', message);
  }
  if (phase.next === undefined) return undefined;
  if (stopped) return phase.next;
  conclude(turn, refusal(phase.next, 'ORDER_PROGRAM', `a program of ${service} still runs from before`));
  return undefined;
}
