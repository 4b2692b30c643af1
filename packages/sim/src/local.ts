import type { World } from './world.js';

/** Anything at the end of a local connection. */
export interface End {
  readonly alive: boolean;
  /** When the last message to each other end arrives: a connection keeps order. */
  readonly sentUntilMs: Map<object, number>;
}

/**
 * Carries one message between two processes of a board: 0.05 to 1 ms, in order. What was sent before its sender died
 * still arrives; what reaches a dead process is gone.
 */
export function local(world: World, from: End, to: End, deliver: () => void): void {
  const { timeline, random } = world;
  const delayMs = random.chance(0.1) ? 0.05 + random.next() * 0.95 : 0.05 + random.next() * 0.1;
  const atMs = Math.max(timeline.nowMs + delayMs, from.sentUntilMs.get(to) ?? 0);
  from.sentUntilMs.set(to, atMs);
  timeline.at(atMs, () => {
    if (to.alive) deliver();
  });
}
