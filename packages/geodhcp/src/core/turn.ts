import type { Effect } from './events.js';
import type { Turn } from './give.js';
import type { State } from './state.js';

/** How one turn is made of parts: each goes on from the state that the one before left. */
export const nothing = (state: State): Turn => ({ state, effects: [] });

export function then(turn: Turn, next: (state: State) => Turn): Turn {
  const more = next(turn.state);
  return { state: more.state, effects: [...turn.effects, ...more.effects] };
}

/** Asks the switches or the wire, unless somebody asks the same already: one look-up for each MAC in flight. */
export function ask(state: State, what: string, effect: Effect): Turn {
  if (state.asking.has(what)) return nothing(state);
  return { state: { ...state, asking: new Set(state.asking).add(what) }, effects: [effect] };
}

export function withNote(turn: Turn, note: Effect): Turn {
  return { state: turn.state, effects: [note, ...turn.effects] };
}

export function without<K, V>(map: ReadonlyMap<K, V>, gone: (value: V, key: K) => boolean): ReadonlyMap<K, V> {
  const kept = [...map].filter(([key, value]) => !gone(value, key));
  return kept.length === map.size ? map : new Map(kept);
}
