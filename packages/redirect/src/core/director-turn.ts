import type { DirectorConfig, DirectorEffect, DirectorState } from './director-state.js';

/** One step of the director's side in the making: its parts change `state` and add to `effects`. */
export interface Turn {
  state: DirectorState;
  readonly effects: DirectorEffect[];
  readonly nowMs: number;
  readonly config: DirectorConfig;
}

/** Ends a wish, or a change. */
export function answer(turn: Turn, id: string, ok: boolean, message: string): void {
  turn.effects.push({ kind: 'answer-wish', id, ok, message });
  const { wishes, changes } = turn.state;
  turn.state = {
    ...turn.state,
    wishes: wishes.filter((wish) => wish.id !== id),
    changes: changes.filter((change) => change.id !== id),
  };
}
