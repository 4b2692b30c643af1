import { assert } from '@softset/base';
import { sameRelease } from '@softset/protocol/enrolment.js';
import { judge } from './judge.js';
import {
  type Config,
  type Effect,
  type Event,
  FORGET_MS,
  REQUESTS_MAX,
  type Request,
  type State,
  TOKEN_MEMORY_MS,
  TOKENS_MAX,
  type Turn,
  WAIT_MS,
} from './state.js';
import { alarmed, away, journal, keep, without, withRequest } from './turn.js';

/**
 * Enrolment of a new board. One request for a connection:
 *
 *            asked               located, no token          approved by its code
 *   (none) ───────► locating ─────────────────────► waiting ─────────────────────► locating (approved)
 *                      │                               │                               │
 *                      │ located, token good           │ refused, an hour              │ located, same port
 *                      ▼                               ▼                               ▼
 *                   granted ◄───────────────────────────────────────────────────────────
 *                      │        (token used up on disk) cluster file and key go out
 *                      │ tested
 *                      ▼          its board is up
 *                   joined ──────────────────────► standby ──► (none)
 *
 *   locating, waiting ── closed ──► (none)          granted ── closed ──► (none), alarm: the key went out
 *   locating ── anything wrong ──► turned away; alarmed where a token or a board's identity is misused
 *
 * The port decides which board it becomes (002 ¶0052), as the switches say at that moment; nothing that the newcomer
 * says about itself does. What an operator approved is located once more: it may have been plugged elsewhere since.
 */
export function step(was: State, event: Event, nowMs: number, config: Config): Turn {
  const turn = handle(was, event, nowMs, config);
  assert(turn.state.requests.size <= REQUESTS_MAX && turn.state.tokens.size <= TOKENS_MAX, 'enrolment is bounded');
  return turn;
}

function handle(was: State, event: Event, nowMs: number, config: Config): Turn {
  switch (event.kind) {
    case 'asked': {
      const { kind: _, ...said } = event;
      if (was.requests.size >= REQUESTS_MAX) return away(was, event.id, 'BUSY', 'too many boards ask at once');
      if (!sameRelease(event.version, config.version))
        return away(was, event.id, 'VERSION_DIFFERS', `it has ${event.version}, the cluster ${config.version}`);
      if (event.mac === '')
        return away(
          was,
          event.id,
          'NOT_LOCATED',
          `${event.address} is no neighbour: it has to be on a network of ours`,
        );
      const state = withRequest(was, { ...said, state: 'locating', sinceMs: nowMs });
      return { state, effects: [{ kind: 'locate', id: event.id, mac: event.mac }] };
    }
    case 'forged':
      return alarmed(was, nowMs, `enrolment/${event.address}`, {
        cause: 'TOKEN_FORGED',
        text: `${event.address} (${event.mac || 'unknown MAC'}) named a token that it does not have`,
      });
    case 'located': {
      const request = was.requests.get(event.id);
      return request?.state === 'locating' ? judge(was, request, event, nowMs, config) : { state: was, effects: [] };
    }
    case 'approve': {
      const request = waitingOf(was, event.code);
      if (request === undefined) return { state: was, effects: [] };
      const state = withRequest(was, { ...request, state: 'locating', approvedBy: event.who });
      return {
        state,
        effects: [journal('enrol-approved', request), { kind: 'locate', id: request.id, mac: request.mac }],
      };
    }
    case 'refuse': {
      const request = waitingOf(was, event.code);
      return request === undefined
        ? { state: was, effects: [] }
        : away(was, request.id, 'REFUSED', 'an operator refused it');
    }
    case 'token': {
      const { psk: _, ...shown } = event.token;
      const state = { ...was, tokens: new Map(was.tokens).set(event.token.id, event.token) };
      return { state, effects: [keep(state), { kind: 'journal', what: 'enrol-token', fields: shown }] };
    }
    case 'revoke': {
      if (!was.tokens.has(event.id)) return { state: was, effects: [] };
      const state = { ...was, tokens: without(was.tokens, event.id) };
      return { state, effects: [keep(state), { kind: 'journal', what: 'enrol-revoked', fields: { id: event.id } }] };
    }
    case 'tested':
      return tested(was, event.id, event.faults, nowMs);
    case 'closed':
      return closed(was, event.id, nowMs);
    case 'view':
      return viewed(was, event.up, nowMs);
    case 'tick':
      return tick(was, nowMs);
  }
}

function tested(was: State, id: number, faults: readonly string[], nowMs: number): Turn {
  const request = was.requests.get(id);
  if (request?.state !== 'granted') return { state: was, effects: [] };
  const joined = withRequest(was, { ...request, state: 'joined', sinceMs: nowMs });
  const effects: Effect[] = [journal('enrol-tested', request, { faults }), { kind: 'tell-done', id }];
  if (faults.length === 0) return { state: joined, effects };
  const raised = alarmed(joined, nowMs, `board/${request.board}`, {
    cause: 'ENROLLED_WITH_FAULTS',
    severity: 'warning',
    text: `softset doctor found there: ${faults.join(', ')}`,
  });
  return { state: raised.state, effects: [...effects, ...raised.effects] };
}

function closed(was: State, id: number, nowMs: number): Turn {
  const request = was.requests.get(id);
  // Who joined is waited for: it restarts its daemons, and needs no connection for that.
  if (request === undefined || request.state === 'joined' || request.state === 'standby')
    return { state: was, effects: [] };
  const state = { ...was, requests: without(was.requests, id) };
  if (request.state !== 'granted') return { state, effects: [journal('enrol-left', request)] };
  return alarmed(state, nowMs, `port/${request.place}`, {
    cause: 'ENROLMENT_BROKEN',
    text: `${request.mac} was given the key as ${request.board}, and left without a word`,
  });
}

function viewed(was: State, up: State['up'], nowMs: number): Turn {
  const arrived = [...was.requests.values()].filter(
    ({ state, board }) => state === 'joined' && board !== undefined && up?.has(board) === true,
  );
  const requests = new Map(was.requests);
  for (const request of arrived) requests.set(request.id, { ...request, state: 'standby', sinceMs: nowMs });
  return { state: { ...was, up, requests }, effects: arrived.map((request) => journal('enrol-standby', request)) };
}

function tick(was: State, nowMs: number): Turn {
  const late = [...was.requests.values()].filter(
    ({ state, sinceMs }) => state === 'waiting' && nowMs - sinceMs > WAIT_MS,
  );
  const over = [...was.requests.values()].filter(
    ({ state, sinceMs }) => (state === 'joined' || state === 'standby') && nowMs - sinceMs > FORGET_MS,
  );
  const old = [...was.tokens.values()].filter(({ untilMs }) => nowMs - untilMs > TOKEN_MEMORY_MS);
  const quiet = [...was.alarms].filter(([, { sinceMs }]) => nowMs - sinceMs > FORGET_MS);
  const state: State = {
    ...was,
    requests: without(was.requests, ...[...late, ...over].map(({ id }) => id)),
    tokens: without(was.tokens, ...old.map(({ id }) => id)),
    alarms: without(was.alarms, ...quiet.map(([key]) => key)),
  };
  const effects: Effect[] = [
    ...(old.length === 0 ? [] : [keep(state)]),
    ...late.map(
      ({ id }) =>
        ({ kind: 'turn-away', id, code: 'NOT_APPROVED', message: 'nobody approved it within an hour' }) as const,
    ),
    ...quiet.map(
      ([, { object, cause }]) =>
        ({ kind: 'alarm', object, cause, severity: 'cleared', text: 'not seen again' }) as const,
    ),
  ];
  return { state, effects };
}

const waitingOf = (state: State, code: string): Request | undefined =>
  [...state.requests.values()].find((one) => one.state === 'waiting' && one.code === code);
