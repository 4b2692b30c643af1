import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chassis } from '@softset/cli/demo/chassis.js';
import type { Alarm } from '@softset/protocol';

/** Every deadline is multiplied by it: SOFTSET_PATIENCE=3 on a crowded machine. */
export const patience = Number(process.env.SOFTSET_PATIENCE ?? 1);

const deadlineMs = 15_000 * patience;

/** Waits until `look` finds something; throws with `what` when the time is over. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const untilMs = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > untilMs) throw new Error(`${what}: not within ${deadlineMs / 1000} s`);
    await sleep(20);
  }
}

export async function untilWell(chassis: Chassis): Promise<void> {
  const why = await chassis.waitWell(60_000 * patience);
  if (why !== undefined) throw new Error(`the chassis is not well: ${why}`);
}

/** The cluster's alarms, as the director's register has them. */
export function alarms(chassis: Chassis): readonly Alarm[] {
  const director = chassis.director();
  return (director === undefined ? undefined : chassis.state(director)?.alarms) ?? [];
}

export async function holderOf(chassis: Chassis): Promise<{ holder: string; standby: string }> {
  const holder = await until('a holder of media', () => chassis.holder());
  return { holder, standby: holder === 'cpu-1' ? 'cpu-2' : 'cpu-1' };
}

/** Runs a program of ours here, to its end. */
export function run(
  program: string,
  args: readonly string[],
  limitMs = 20_000,
): { code: number | null; err: string; out: string } {
  const done = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', timeout: limitMs * patience });
  return { code: done.status, err: done.stderr, out: done.stdout };
}
