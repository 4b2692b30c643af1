import { setTimeout as sleep } from 'node:timers/promises';
import type { Chassis } from './chassis.js';
import { whyNotWell } from './well.js';

/** A board whose own loop was late more often than this says that it has too little of the processors. */
const HEALTH_MAX = 1;
const LOOK_MS = 50;

/** Watches the chassis for `forMs`: what was not well, or which board says of itself that it is late. Undefined: nothing. */
export async function whyUnsteady(chassis: Chassis, forMs: number): Promise<string | undefined> {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs) {
    const late = [...chassis.witnesses.values()]
      .flatMap(({ state }) => state?.boards.filter(({ board }) => board === state.board) ?? [])
      .find(({ health }) => health > HEALTH_MAX);
    const why = whyNotWell(chassis) ?? (late && `${late.name} says that its own loop is late`);
    if (why !== undefined) return why;
    await sleep(LOOK_MS);
  }
  return undefined;
}
