import type { AlarmCause } from '@softset/protocol';
import { type Effect, REQUESTS_MAX, type Request, type State, type Turn } from './state.js';

export function withRequest(state: State, request: Request): State {
  return { ...state, requests: new Map(state.requests).set(request.id, request) };
}

export function without<K, V>(map: ReadonlyMap<K, V>, ...keys: readonly K[]): ReadonlyMap<K, V> {
  if (keys.every((key) => !map.has(key))) return map;
  return new Map([...map].filter(([key]) => !keys.includes(key)));
}

export const keep = (state: State): Effect => ({ kind: 'keep', tokens: [...state.tokens.values()] });

export function journal(what: string, request: Request, more: Readonly<Record<string, unknown>> = {}): Effect {
  // Every line of the log has a board already: the one that wrote it.
  const { id: _, state: __, sinceMs: ___, board: asBoard, ...fields } = request;
  return { kind: 'journal', what, fields: { ...fields, ...(asBoard === undefined ? {} : { asBoard }), ...more } };
}

/** Its request is over, and it is told why. */
export function away(was: State, id: number, code: string, message: string): Turn {
  const request = was.requests.get(id);
  const state = { ...was, requests: without(was.requests, id) };
  const told = request === undefined ? [] : [journal('enrol-refused', request, { code })];
  return { state, effects: [...told, { kind: 'turn-away', id, code, message }] };
}

export interface Raised {
  readonly cause: AlarmCause;
  readonly severity?: 'major' | 'warning';
  readonly text: string;
}

export function alarmed(was: State, nowMs: number, object: string, { cause, severity = 'major', text }: Raised): Turn {
  const key = `${object} ${cause}`;
  const alarms = new Map(was.alarms).set(key, { object, cause, sinceMs: nowMs });
  const [oldest] = alarms.keys();
  if (alarms.size > REQUESTS_MAX && oldest !== undefined) alarms.delete(oldest);
  return { state: { ...was, alarms }, effects: [{ kind: 'alarm', object, cause, severity, text }] };
}
