import type { EffectHandlers } from '@softset/runtime/step-runner.js';
import type { Effect } from './core/events.js';

/** Told before and after each effect: tests end the process there. */
export type EffectWatch = (when: 'before' | 'after', kind: Effect['kind']) => void;

/** The same handlers, with `onEffect` told before and after each. */
export function watched(handlers: EffectHandlers<Effect>, onEffect: EffectWatch): EffectHandlers<Effect> {
  const wrapped = Object.entries(handlers).map(([kind, handle]) => [
    kind,
    (effect: Effect) => {
      onEffect('before', effect.kind);
      const done = (handle as (effect: Effect) => void | Promise<void>)(effect);
      onEffect('after', effect.kind);
      return done;
    },
  ]);
  return Object.fromEntries(wrapped) as EffectHandlers<Effect>;
}
