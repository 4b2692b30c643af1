import type { AlarmCause } from '@softset/protocol';
import type { Config, Effect, Event, Request, State, Turn } from './state.js';
import { alarmed, away, journal, keep, type Raised, withRequest } from './turn.js';

type Found = Extract<Event, { kind: 'located' }>;
interface Objection {
  readonly code: string;
  readonly message: string;
  /** Misuse that somebody has to hear of. */
  readonly alarm?: Raised;
}

/** What the switches found, held against the token, the board of that port, and who is up. */
export function judge(was: State, request: Request, found: Found, nowMs: number, config: Config): Turn {
  const objection = objectionTo(was, request, found, nowMs, config);
  if (objection !== undefined) {
    const turn = away(was, request.id, objection.code, objection.message);
    if (objection.alarm === undefined) return turn;
    const raised = alarmed(turn.state, nowMs, `port/${found.place ?? request.address}`, objection.alarm);
    return { state: raised.state, effects: [...turn.effects, ...raised.effects] };
  }
  const place = found.place ?? '';
  const board = found.board ?? '';
  if (request.tokenId === undefined && request.approvedBy === undefined) {
    const state = withRequest(was, { ...request, state: 'waiting', place, board });
    const waiting = state.requests.get(request.id) ?? request;
    return { state, effects: [journal('enrol-waiting', waiting), { kind: 'tell-waiting', id: request.id }] };
  }
  return granted(was, { ...request, state: 'granted', place, board }, nowMs);
}

/** The token is used up before anything leaves: whatever happens then, it is not used twice. */
function granted(was: State, request: Request, nowMs: number): Turn {
  const state = withRequest(was, request);
  const effects: Effect[] = [
    journal('enrol-granted', request),
    { kind: 'deliver', id: request.id, board: request.board ?? '' },
  ];
  const token = request.tokenId === undefined ? undefined : was.tokens.get(request.tokenId);
  if (token === undefined) return { state, effects };
  const used = { ...token, used: { atMs: nowMs, mac: request.mac } };
  const after = { ...state, tokens: new Map(state.tokens).set(token.id, used) };
  return { state: after, effects: [keep(after), ...effects] };
}

function objectionTo(was: State, request: Request, found: Found, nowMs: number, config: Config): Objection | undefined {
  const { place, board, addresses, why } = found;
  const who = `${request.mac} at ${place ?? 'an unknown port'}`;
  const misuse = (code: AlarmCause, message: string): Objection => ({
    code,
    message,
    alarm: { cause: code, text: `${who}: ${message}` },
  });
  if (request.tokenId !== undefined) {
    const token = was.tokens.get(request.tokenId);
    if (token === undefined) return misuse('TOKEN_REVOKED', `token ${request.tokenId} is no more`);
    if (token.used !== undefined)
      return misuse('TOKEN_REUSED', `token ${token.id} was used by ${token.used.mac} already`);
    if (nowMs >= token.untilMs) return misuse('TOKEN_EXPIRED', `token ${token.id} is too old`);
    if (place !== undefined && place !== token.place)
      return misuse('TOKEN_WRONG_PORT', `token ${token.id} is for ${token.place}`);
  }
  if (place === undefined) return { code: 'NOT_LOCATED', message: why };
  if (request.approvedBy !== undefined && place !== request.place)
    return misuse('PORT_CHANGED', `it was approved at ${request.place}`);
  if (board === undefined || !config.boards.has(board))
    return { code: 'NOT_A_BOARD', message: `${place} is the place of no board of the cluster file` };
  if (!addresses.includes(request.address))
    return misuse('ADDRESS_NOT_OF_PORT', `it asks from ${request.address}, the port's is ${addresses.join(', ')}`);
  if (was.up === undefined) return { code: 'NO_VIEW', message: 'no netrackd says here who is up; try again' };
  if (was.up.has(board)) return misuse('BOARD_UP', `${board} is up: there is nothing to replace`);
  const other = [...was.requests.values()].find((one) => one.id !== request.id && one.board === board && busy(one));
  if (other !== undefined) return { code: 'BUSY', message: `another board asks for ${board}` };
  return undefined;
}

const busy = ({ state }: Request): boolean => state === 'waiting' || state === 'granted' || state === 'locating';
