import { assert } from '@softset/base';
import { CLOSE, ERROR, errorName } from '../agentx/errors.js';
import type { Pdu } from '../agentx/pdu.js';
import { ask, backToQueue, settle, type Work } from './asking.js';
import {
  ANSWER_MS,
  type Config,
  type Effect,
  type Event,
  PING_MS,
  PRIORITY,
  QUEUE_MAX,
  REFUSED_MS,
  RETRY_MS,
  type Registration,
  type Request,
  requestKinds,
  type State,
} from './types.js';

/**
 * A session with the master agent (RFC 2741 §7.1), from the subagent's side:
 *
 *                 start, retry              connected           Response to Open
 *      resting ──────────────► connecting ───────────► opening ─────────────────► serving
 *         ▲                        │ lost                 │ refused, late, lost        │ lost, closed by the master,
 *         └────────────────────────┴──────────────────────┴────────────────────────────┘ a late answer, unreadable
 *      any ──stop──► closed
 *
 * In `serving` what is wanted and not held is registered, one Register for each subtree and context; a change of what
 * is wanted unregisters and registers the difference. Requests count only there and only under the session's number:
 * others are answered notOpen. A notification whose answer is lost with the connection is sent again: at least once.
 */
export const initial: State = {
  phase: 'resting',
  session: 0,
  packet: 0,
  pending: new Map(),
  wanted: new Map(),
  held: new Map(),
  refused: new Map(),
  queue: [],
  dropped: 0,
  failures: 0,
  retryMs: Number.POSITIVE_INFINITY,
  heardMs: 0,
};

export const keyOf = ({ context, subtree }: Registration): string => `${subtree.join('.')} ${context}`;

export function step(
  was: State,
  event: Event,
  nowMs: number,
  config: Config,
): { state: State; effects: readonly Effect[] } {
  const work: Work = { state: was, effects: [], nowMs };
  if (was.phase !== 'closed') {
    handle(work, event, config);
    if (work.state.phase === 'serving') serve(work);
  }
  const { state, effects } = work;
  check(state);
  return { state, effects: [...effects, { kind: 'arm', atMs: deadline(state) }] };
}

function handle(work: Work, event: Event, config: Config): void {
  const { state, effects } = work;
  switch (event.kind) {
    case 'start':
      if (state.phase === 'resting') connect(work);
      break;
    case 'connected':
      if (state.phase !== 'connecting') break;
      work.state = { ...state, phase: 'opening', heardMs: work.nowMs };
      ask(work, { kind: 'open' }, { kind: 'open', ...config });
      break;
    case 'lost':
      rest(work, event.why);
      break;
    case 'unreadable':
      effects.push({ kind: 'hang-up' });
      rest(work, event.code);
      break;
    case 'pdu':
      work.state = { ...state, heardMs: work.nowMs };
      hear(work, event.pdu);
      break;
    case 'want': {
      const wanted = new Map(event.registrations.map((one) => [keyOf(one), one]));
      work.state = { ...state, wanted, refused: new Map() };
      break;
    }
    case 'notify': {
      const queue = [...state.queue, event.notification];
      const over = Math.max(queue.length - QUEUE_MAX, 0);
      work.state = { ...state, queue: queue.slice(over), dropped: state.dropped + over };
      break;
    }
    case 'tick':
      tick(work);
      break;
    case 'stop':
      if (state.phase === 'serving') ask(work, { kind: 'close' }, { kind: 'close', reason: CLOSE.shutdown });
      work.effects.push({ kind: 'hang-up' });
      work.state = { ...work.state, phase: 'closed', pending: new Map(), held: new Map() };
      break;
  }
}

function connect(work: Work): void {
  work.state = { ...work.state, phase: 'connecting', retryMs: Number.POSITIVE_INFINITY, heardMs: work.nowMs };
  work.effects.push({ kind: 'connect' });
}

/** Nothing of a session outlives its connection; what was told in vain is told again. */
function rest(work: Work, why: string): void {
  const { state, nowMs, effects } = work;
  if (state.phase === 'resting') return;
  const served = state.phase === 'serving';
  const failures = served ? 0 : state.failures + 1;
  const pauseMs = failures < RETRY_MS.times ? RETRY_MS.first : RETRY_MS.later;
  work.state = {
    ...backToQueue(state),
    phase: 'resting',
    session: 0,
    pending: new Map(),
    held: new Map(),
    refused: new Map(),
    failures,
    retryMs: nowMs + pauseMs,
  };
  effects.push({ kind: 'forget-sets' });
  // The first failure in a row is news; that it goes on is not.
  if (served || failures === 1) effects.push({ kind: 'tell', what: 'down', why });
}

function hear(work: Work, pdu: Pdu): void {
  const { state, effects } = work;
  if (pdu.kind === 'response') {
    answered(work, pdu);
    return;
  }
  if (state.phase === 'serving' && pdu.session === state.session) {
    if (requestKinds.has(pdu.kind)) {
      effects.push({ kind: 'serve', request: pdu as Request });
      return;
    }
    if (pdu.kind === 'close') {
      effects.push({ kind: 'hang-up' });
      rest(work, `closed by the master, reason ${pdu.reason}`);
      return;
    }
  }
  if (pdu.kind === 'cleanup-set' || pdu.kind === 'close') return;
  const known = state.phase === 'serving' && pdu.session === state.session;
  const error = known ? ERROR.processingError : ERROR.notOpen;
  const { session, transaction, packet, order } = pdu;
  const head = { session, transaction, packet, order };
  effects.push({ kind: 'send', pdu: { ...head, kind: 'response', upTimeCs: 0, error, index: 0, varbinds: [] } });
  effects.push({ kind: 'tell', what: 'ignored', why: `${pdu.kind} of session ${pdu.session}` });
}

function answered(work: Work, pdu: Extract<Pdu, { kind: 'response' }>): void {
  const asked = settle(work, pdu.packet);
  const { effects } = work;
  // Late, doubled or forged: nobody waits for it.
  if (asked === undefined) return;
  if (pdu.error === ERROR.notOpen) {
    effects.push({ kind: 'hang-up' });
    rest(work, 'the master does not know the session');
    return;
  }
  switch (asked.kind) {
    case 'open':
      if (pdu.error !== ERROR.noError) {
        effects.push({ kind: 'hang-up' });
        rest(work, `the master refuses: ${errorName(pdu.error)}`);
        return;
      }
      work.state = { ...work.state, phase: 'serving', session: pdu.session, failures: 0 };
      effects.push({ kind: 'tell', what: 'up', why: `session ${pdu.session}` });
      return;
    case 'register': {
      const key = keyOf(asked.registration);
      if (pdu.error === ERROR.noError) {
        work.state = { ...work.state, held: new Map(work.state.held).set(key, asked.registration) };
        return;
      }
      work.state = { ...work.state, refused: new Map(work.state.refused).set(key, work.nowMs + REFUSED_MS) };
      effects.push({ kind: 'tell', what: 'refused', why: `${key}: ${errorName(pdu.error)}` });
      return;
    }
    default:
      return;
  }
}

/** In `serving`: asks for what is missing, gives back what is not wanted any more, and sends what waits. */
function serve(work: Work): void {
  const { wanted, held, refused, pending } = work.state;
  const asking = new Set(
    [...pending.values()].flatMap(({ asked }) => ('registration' in asked ? [keyOf(asked.registration)] : [])),
  );
  for (const [key, registration] of wanted) {
    if (held.has(key) || asking.has(key) || (refused.get(key) ?? 0) > work.nowMs) continue;
    const { context, subtree } = registration;
    const where = context === '' ? {} : { context };
    const region = { subtree, priority: registration.priority ?? PRIORITY };
    const waiting = new Map(work.state.refused);
    waiting.delete(key);
    work.state = { ...work.state, refused: waiting };
    ask(work, { kind: 'register', registration }, { kind: 'register', timeoutS: 0, region, instance: false, ...where });
  }
  for (const [key, registration] of held) {
    if (wanted.has(key)) continue;
    const { subtree, context } = registration;
    const where = context === '' ? {} : { context };
    const region = { subtree, priority: registration.priority ?? PRIORITY };
    const others = new Map(work.state.held);
    others.delete(key);
    work.state = { ...work.state, held: others };
    ask(work, { kind: 'unregister', registration }, { kind: 'unregister', region, ...where });
  }
  for (const notification of work.state.queue) {
    const { context, varbinds } = notification;
    const where = context === '' ? {} : { context };
    ask(work, { kind: 'notify', notification }, { kind: 'notify', varbinds, ...where });
  }
  work.state = { ...work.state, queue: [] };
}

function tick(work: Work): void {
  const { state, nowMs, effects } = work;
  if (state.phase === 'resting') {
    if (nowMs >= state.retryMs) connect(work);
    return;
  }
  const late = [...state.pending.values()].some(({ sentMs }) => nowMs - sentMs >= ANSWER_MS);
  if (late || (state.phase === 'connecting' && nowMs - state.heardMs >= ANSWER_MS)) {
    effects.push({ kind: 'hang-up' });
    rest(work, `no answer within ${ANSWER_MS} ms`);
    return;
  }
  const pinging = [...state.pending.values()].some(({ asked }) => asked.kind === 'ping');
  if (state.phase === 'serving' && !pinging && nowMs - state.heardMs >= PING_MS) {
    ask(work, { kind: 'ping' }, { kind: 'ping' });
  }
}

/** When the next `tick` can do something; early or needless ones do no harm. */
function deadline(state: State): number {
  if (state.phase === 'resting') return state.retryMs;
  if (state.phase === 'closed') return Number.POSITIVE_INFINITY;
  if (state.phase === 'connecting') return state.heardMs + ANSWER_MS;
  const answers = [...state.pending.values()].map(({ sentMs }) => sentMs + ANSWER_MS);
  const ping = state.phase === 'serving' ? state.heardMs + PING_MS : Number.POSITIVE_INFINITY;
  const pinging = [...state.pending.values()].some(({ asked }) => asked.kind === 'ping');
  return Math.min(...answers, ...state.refused.values(), pinging ? Number.POSITIVE_INFINITY : ping);
}

function check(state: State): void {
  const live = state.phase === 'opening' || state.phase === 'serving';
  assert(live || state.pending.size === 0, `${state.phase}, yet answers are awaited`);
  assert(state.phase === 'serving' || state.held.size === 0, `${state.phase}, yet something is registered`);
  assert(state.queue.length <= QUEUE_MAX, 'more notifications wait than may');
}
