import { compareGrants, type Network, type Order } from '@softset/protocol';
import { want } from './agent-programs.js';
import { rollBack } from './agent-release.js';
import type { AgentEvent, Answer } from './agent-state.js';
import { nameStranger, watched } from './agent-strangers.js';
import {
  announceAll,
  change,
  clear,
  conclude,
  describe,
  nextRequest,
  refusal,
  setPhase,
  type Turn,
  workOf,
} from './agent-turn.js';

/** An order to take. The same order twice gives the same outcome; an earlier grant than one known here is refused. */
export function onTake(turn: Turn, order: Order) {
  const { service, grant, term } = order;
  const { phase, last } = workOf(turn, service);
  const refuse = (why: string): void => conclude(turn, refusal(order, 'ORDER_REFUSED_BEFORE', why));
  switch (phase.kind) {
    case 'idle':
    case 'lost': {
      const known = phase.kind === 'lost' ? phase.grant : last?.grant;
      if (known !== undefined && compareGrants(grant, known) < 0) return refuse('a later grant was known here');
      if (phase.kind === 'lost' && compareGrants(grant, phase.grant) === 0) return conclude(turn, gone(order));
      if (last !== undefined && compareGrants(last.grant, grant) === 0) {
        return conclude(turn, last.result === 'taken' ? gone(order) : { ...last, term });
      }
      return ask(turn, order);
    }
    case 'asking': {
      const order_ = compareGrants(grant, phase.order.grant);
      if (order_ < 0) return refuse('a later grant is being taken');
      return order_ === 0 ? undefined : ask(turn, order);
    }
    case 'creating': {
      const order_ = compareGrants(grant, phase.order.grant);
      if (order_ < 0) return refuse('a later grant is being taken');
      // While it waits, a newer stamp keeps it from lapsing; and once nobody is waited for it is an order like any other.
      if (order_ === 0) return phase.order.after === undefined ? undefined : create(turn, order, phase.network);
      if (phase.before !== undefined) return create(turn, order, phase.network, phase.before);
      return rollBack(turn, phase.order, refusal(phase.order, 'ORDER_LAPSED', 'a later grant came'), order);
    }
    case 'held': {
      const order_ = compareGrants(grant, phase.grant);
      if (order_ < 0) return refuse('a later grant is held');
      if (order_ === 0) return conclude(turn, { service, grant, term, result: 'taken' });
      // It is here already: nobody else is to be asked, and the address never stops answering.
      return create(turn, order, phase.network, { grant: phase.grant, network: phase.network });
    }
    case 'releasing': {
      if (compareGrants(grant, phase.grant) <= 0) return refuse('this grant is being released');
      if (phase.next !== undefined && compareGrants(grant, phase.next.grant) < 0) return refuse('a later grant waits');
      if (phase.next !== undefined && compareGrants(grant, phase.next.grant) > 0) {
        conclude(turn, refusal(phase.next, 'ORDER_LAPSED', 'a later grant came'));
      }
      return setPhase(turn, service, { ...phase, next: order });
    }
  }
}

/** Only a new grant creates an element (L3): what was taken and is gone does not come back under the old one. */
function gone(order: Order) {
  const why = `${order.service} was taken under this grant and has been lost or released since`;
  return refusal(order, 'ORDER_LAPSED', why);
}

/**
 * M6: asks for the addresses first. Programs may start meanwhile if the one before confirmed that it let go; where it
 * did not, its copy may still run, so that they wait for the answer.
 */
export function ask(turn: Turn, order: Order): void {
  const { service, grant, formerly } = order;
  const { askTries: tries, askMs: waitMs } = turn.config;
  const addresses = describe(turn, service)?.addresses ?? [];
  setPhase(turn, service, { kind: 'asking', order });
  // First, so that it goes on while the asking blocks.
  if (formerly === undefined) want(turn, service, 'start');
  turn.effects.push({ kind: 'ask', service, grant, addresses, tries, waitMs });
}

export function onAsked(turn: Turn, event: Extract<AgentEvent, { kind: 'asked' }>) {
  const phase = turn.state.services[event.service]?.phase;
  if (phase?.kind !== 'asking' || compareGrants(phase.order.grant, event.grant) !== 0) return;
  const { order } = phase;
  const { macs } = turn.state;
  const { after } = order;
  const foreign = event.answers.filter((answer) => !macs.own.includes(answer.mac));
  // A MAC that moves with the service says no more than that a board still holds it: the former one, where there is one.
  const moved = describe(turn, event.service)?.mac;
  // Who holds it until it is this board's turn may answer (M8).
  const others = foreign.filter(
    (answer) => after === undefined || (answer.mac !== moved && ownerOf(turn, answer) !== after.board),
  );
  const former = others.find(
    (answer) => order.formerly !== undefined && (answer.mac === moved || ownerOf(turn, answer) === order.formerly),
  );
  if (former !== undefined) {
    const why = `${former.ip} still answers on network ${former.network} from ${former.mac}, the former holder`;
    return rollBack(turn, order, refusal(order, 'ORDER_ADDRESS_IN_USE', why));
  }
  for (const answer of others) {
    const owner = ownerOf(turn, answer);
    const whose = owner === undefined ? 'no board of the cluster' : `board ${owner}, which should not hold it`;
    nameStranger(turn, event.service, answer, whose);
  }
  if (order.formerly !== undefined) want(turn, event.service, 'start');
  create(turn, order, turn.state.home.network);
}

function ownerOf(turn: Turn, answer: Answer): number | undefined {
  return turn.state.macs.boards.find((entry) => entry.mac === answer.mac)?.board;
}

function create(
  turn: Turn,
  order: Order,
  network: Network,
  before?: { readonly grant: Order['grant']; readonly network: Network },
): void {
  const request = nextRequest(turn);
  const rest = before === undefined ? {} : { before };
  const until = order.after === undefined ? { untilMs: turn.nowMs + turn.config.createMs } : {};
  setPhase(turn, order.service, { kind: 'creating', order, network, request, ...until, ...rest });
  sendCreate(turn, order.service);
}

export function sendCreate(turn: Turn, service: string) {
  const { phase } = workOf(turn, service);
  if (phase.kind !== 'creating' || turn.state.pulse !== 'up') return;
  const { order, network, request } = phase;
  // Sent late, after the pulse was away: a term that began meanwhile forbids it.
  if (order.term < turn.state.wantedTerm) {
    const why = `term ${turn.state.wantedTerm} began`;
    return notCreated(turn, service, refusal(order, 'ORDER_OLD_TERM', why));
  }
  turn.effects.push({ kind: 'pulse', request: { kind: 'create', id: request, order, network } });
  if (order.after !== undefined) conclude(turn, { service, grant: order.grant, term: order.term, result: 'ready' });
}

/** The element stands and the address is on the device: tell the segment first, then the director. */
export function taken(turn: Turn, service: string): void {
  const { phase } = workOf(turn, service);
  if (phase.kind !== 'creating') return;
  const { order, network } = phase;
  setPhase(turn, service, { kind: 'held', grant: order.grant, network });
  announceAll(turn, service, network);
  const outcome = { service, grant: order.grant, term: order.term, result: 'taken' } as const;
  change(turn, service, { last: outcome, watch: watched() });
  conclude(turn, outcome);
  if (phase.before !== undefined) want(turn, service, 'start');
  clear(turn, service, 'LEASE_LOST', `${service} is held again`);
}

/** The pulse would not create it, or did not say in time. */
export function notCreated(turn: Turn, service: string, outcome: ReturnType<typeof refusal>) {
  const { phase } = workOf(turn, service);
  if (phase.kind !== 'creating') return;
  if (phase.before === undefined) return rollBack(turn, phase.order, outcome);
  setPhase(turn, service, { kind: 'held', ...phase.before });
  conclude(turn, outcome);
}
