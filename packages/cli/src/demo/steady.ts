import { setTimeout as sleep } from 'node:timers/promises';
import type { Chassis } from './chassis.js';
import { whyNotWell } from './well.js';

/** A board whose own loop was late more often than this says that it has too little of the processors. */
const HEALTH_MAX = 1;
/** A probe that goes unanswered once is no weather; what stays wrong for so long is, ms. */
const PASSES_MS = 1000;
const LOOK_MS = 50;

/** Watches the chassis for `forMs`: what was wrong and did not pass, or which board says that it is late. Undefined: nothing. */
export async function whyUnsteady(chassis: Chassis, forMs: number): Promise<string | undefined> {
  const untilMs = performance.now() + forMs;
  let wrongSinceMs: number | undefined;
  while (performance.now() < untilMs) {
    const late = [...chassis.witnesses.values()]
      .flatMap(({ state }) => state?.boards.filter(({ board }) => board === state.board) ?? [])
      .find(({ health }) => health > HEALTH_MAX);
    const why = (late && `${late.name} says that its own loop is late`) ?? whyNotWell(chassis);
    const nowMs = performance.now();
    wrongSinceMs = why === undefined ? undefined : (wrongSinceMs ?? nowMs);
    if (wrongSinceMs !== undefined && nowMs - wrongSinceMs >= PASSES_MS) return why;
    await sleep(LOOK_MS);
  }
  return undefined;
}
