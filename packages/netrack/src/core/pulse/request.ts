import { compareGrants, type Holding, type Order, type OrderRefusal, type PulseRequest } from '@softset/protocol';
import { adopt, stockOf } from './follow.js';
import { isGone, tellHeir } from './heirs.js';
import { lose, refuse } from './lease.js';
import { ownStamp, persist, sentAt } from './state.js';
import type { Lease, PendingAnswer, PulseConfig, PulseEffect, PulseState } from './types.js';

/** What local daemons ask of the pulse. Which daemon may ask what is the shell's to check, by peer credentials. */
export function handleRequest(
  state: PulseState,
  from: number,
  request: PulseRequest,
  nowMs: number,
  config: PulseConfig,
): PulseEffect[] {
  switch (request.kind) {
    case 'hello':
      // A daemon's new life waits for nothing, though its socket may have the number of the last.
      state.waiters = state.waiters.filter(({ pending }) => pending.from !== from);
      return [];
    case 'alive':
      return [];
    case 'leaving':
      state.leaving = true;
      state.changed = true;
      return [];
    case 'memory':
      if (state.amnesiac === request.amnesiac) return [];
      state.amnesiac = request.amnesiac;
      state.changed = true;
      return [persist(state)];
    case 'follow': {
      const { id, term, director } = request;
      // Within a term a board goes from nobody to one, or gives up (0): never from one to another by request.
      const other = term === state.term && director !== 0 && state.director !== 0 && state.director !== director;
      if (term < state.term || other) return [oldTerm(state, { from, id })];
      // A netrackd that was just started knows of no director: only one that led the term itself gives it up by that.
      const nobody = term === state.term && director === 0 && state.director !== config.self;
      const same = nobody || (term === state.term && director === state.director);
      const effects = same ? [] : adopt(state, term, director);
      return [
        ...effects,
        {
          kind: 'answer',
          to: from,
          answer: {
            kind: 'followed',
            id,
            term,
            director: state.director,
            stock: stockOf(state),
            own: ownStamp(state),
          },
        },
      ];
    }
    case 'lead': {
      const { id, term, deputy } = request;
      if (term !== state.term || state.director !== config.self) return [oldTerm(state, { from, id })];
      if (!state.elected) {
        for (const peer of state.peers.values()) peer.echoedReceiptMs = 0;
        state.vouched = new Set();
      }
      state.elected = true;
      state.deputy = deputy;
      state.changed = true;
      return [
        {
          kind: 'answer',
          to: from,
          answer: { kind: 'followed', id, term, director: config.self, stock: stockOf(state), own: ownStamp(state) },
        },
      ];
    }
    case 'vouch': {
      const { id, term, boards } = request;
      if (term !== state.term || !state.elected) return [oldTerm(state, { from, id })];
      state.vouched = new Set(boards);
      const echoed = [...state.peers.values()].map((peer) => ({ board: peer.board, lastMs: peer.echoedReceiptMs }));
      return [{ kind: 'answer', to: from, answer: { kind: 'vouching', id, term, boards, echoed } }];
    }
    case 'named': {
      const { term, index, grants, voters } = request;
      const { named } = state;
      if (term < named.term || (term === named.term && index < named.index)) return [];
      state.named = { term, index, grants, ...(voters === undefined ? {} : { voters }) };
      // A pulse that comes back with an older index knows less, and renews only what it knows: no harm in that.
      const same =
        term === named.term && sameHoldings(grants, named.grants) && `${voters ?? ''}` === `${named.voters ?? ''}`;
      return same ? [] : [persist(state)];
    }
    case 'create':
      return create(state, { from, id: request.id }, request.order, request.network, nowMs, config);
    case 'release': {
      const { id, service, grant, heir } = request;
      const lease = state.leases.get(service);
      const effects = lease && compareGrants(lease.grant, grant) <= 0 ? giveBack(state, lease) : [];
      refuse(state, service, grant);
      if (heir !== undefined) tellHeir(state, service, grant, heir, config);
      state.changed = true;
      // The refusal is kept before it is told: a delayed order must not create what was confirmed as gone (M2).
      return [
        ...effects,
        persist(state),
        { kind: 'answer', to: from, answer: { kind: 'released', id, service, grant } },
      ];
    }
    case 'rehome': {
      const { id, service, network } = request;
      const lease = state.leases.get(service);
      if (!lease) {
        const message = `${service} is not held here`;
        return [{ kind: 'answer', to: from, answer: { kind: 'refused', id, code: 'PULSE_NOT_HELD', message } }];
      }
      const moved = { ...lease, network };
      state.leases.set(service, moved);
      state.changed = true;
      const effects: PulseEffect[] =
        lease.network === network ? [] : [persist(state), { kind: 'rehome', lease: moved, from: lease.network }];
      return [...effects, { kind: 'answer', to: from, answer: { kind: 'rehomed', id, service, network } }];
    }
    case 'stock':
      return [
        {
          kind: 'answer',
          to: from,
          answer: { kind: 'stocked', id: request.id, term: state.term, stock: stockOf(state) },
        },
      ];
  }
}

function sameHoldings(a: readonly Holding[], b: readonly Holding[]): boolean {
  const text = (holdings: readonly Holding[]): string =>
    holdings.map(({ service, grant }) => `${service} ${grant.term}.${grant.n}`).join();
  return text(a) === text(b);
}

/** A release by order is no loss: nobody is told but who asked. */
function giveBack(state: PulseState, lease: Lease): PulseEffect[] {
  return lose(state, lease, 'not-named').filter((effect) => effect.kind === 'delete');
}

/** Those that waited, and need not any longer. */
export function createWaiting(state: PulseState, nowMs: number, config: PulseConfig): PulseEffect[] {
  const due = state.waiters.filter(({ order }) => isGone(state, order, config));
  if (due.length === 0) return [];
  state.waiters = state.waiters.filter((waiter) => !due.includes(waiter));
  return due.flatMap(({ pending, order, network }) => create(state, pending, order, network, nowMs, config));
}

function create(
  state: PulseState,
  pending: PendingAnswer,
  order: Order,
  network: Lease['network'],
  nowMs: number,
  config: PulseConfig,
): PulseEffect[] {
  state.waiters = state.waiters.filter((waiter) => waiter.order.service !== order.service);
  const refusal = refusalOf(state, order, nowMs, config);
  if (refusal !== undefined) {
    const [code, message] = refusal;
    return [{ kind: 'answer', to: pending.from, answer: { kind: 'refused', id: pending.id, code, message } }];
  }
  const { service, grant } = order;
  const standing = state.leases.get(service);
  if (!isGone(state, order, config)) {
    state.waiters = [...state.waiters, { pending, order, network }];
    return [];
  }
  if (standing && compareGrants(standing.grant, grant) === 0) {
    const { untilMs } = standing;
    return [{ kind: 'answer', to: pending.from, answer: { kind: 'created', id: pending.id, service, grant, untilMs } }];
  }
  // L1: a new element, too, ends by this board's own send time of the beat that the director heard.
  const base = config.without.has('M5') ? nowMs : sentAt(state, order.stamp.sequence);
  const lease: Lease = { service, grant, network, untilMs: base + config.timing.leaseMs };
  state.leases.set(service, lease);
  state.changed = true;
  const effects: PulseEffect[] = standing ? [{ kind: 'delete', lease: standing }] : [];
  return [...effects, persist(state), { kind: 'create', lease, answer: pending }];
}

/** M5, M2, T4: why this order is not obeyed, if it is not. */
function refusalOf(
  state: PulseState,
  order: Order,
  nowMs: number,
  config: PulseConfig,
): [OrderRefusal, string] | undefined {
  const { service, grant, stamp } = order;
  const { without } = config;
  if (!config.services.includes(service)) return ['ORDER_UNKNOWN_SERVICE', `no service ${service} in the cluster file`];
  if (state.amnesiac && !without.has('T4')) return ['ORDER_AMNESIAC', 'this board lost its memory and abstains'];
  if (order.term !== state.term || order.director !== state.director) {
    return [
      'ORDER_OLD_TERM',
      `order of board ${order.director}, term ${order.term}; this board follows board ${state.director}, term ${state.term}`,
    ];
  }
  if (!without.has('M5')) {
    const sameLife = stamp.boot === state.boot && stamp.incarnation === state.incarnation;
    const sentMs = sameLife ? sentAt(state, stamp.sequence) : Number.NEGATIVE_INFINITY;
    if (!(sentMs + config.timing.leaseMs > nowMs)) {
      return ['ORDER_LAPSED', `the order names beat ${stamp.sequence} of life ${stamp.incarnation}, which is too old`];
    }
  }
  const refused = state.refused.get(service);
  if (!without.has('M2') && refused && compareGrants(grant, refused) <= 0) {
    return ['ORDER_REFUSED_BEFORE', `grant ${grant.term}.${grant.n} of ${service} was given back already`];
  }
  const standing = state.leases.get(service);
  if (standing && compareGrants(standing.grant, grant) > 0) {
    return ['ORDER_REFUSED_BEFORE', `a later grant of ${service} stands`];
  }
  return undefined;
}

function oldTerm(state: PulseState, { from, id }: PendingAnswer): PulseEffect {
  const message = `this board follows board ${state.director} in term ${state.term}`;
  return { kind: 'answer', to: from, answer: { kind: 'refused', id, code: 'PULSE_OLD_TERM', message } };
}
