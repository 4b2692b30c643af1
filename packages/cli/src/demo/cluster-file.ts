/** Intervals of a cluster file, in ms. */
export interface Timing {
  readonly intervalMs: number;
  readonly leaseMs: number;
  readonly proofMs: number;
}

/** What an interval of 10 ms needs: real-time scheduling on boards that share two processors. */
export const quickTiming: Timing = { intervalMs: 10, leaseMs: 250, proofMs: 50 };

/** For an ordinary user, whose pulses wait for a processor like everybody else's. */
export const calmTiming: Timing = { intervalMs: 50, leaseMs: 1250, proofMs: 250 };

/** Sections of a cluster file as an operator would write them; checked by the daemons, not here. */
export type Section = Readonly<Record<string, unknown>>;

/**
 * The example's text with other timing, services and programs. The new parts are written as JSON, which YAML includes
 * (YAML 1.2.2 §1.3); boards, networks and comments stay as they are.
 */
export function clusterText(example: string, timing: Timing, services: Section, programs: Section): string {
  const kept: string[] = [];
  let skipping = false;
  for (const line of example.split('\n')) {
    const key = /^([a-z]\w*):/.exec(line)?.[1];
    if (key !== undefined) skipping = key === 'timing' || key === 'services' || key === 'programs';
    if (!skipping) kept.push(line);
  }
  const parts = Object.entries({ timing, services, programs }).map(
    ([key, value]) => `${key}: ${JSON.stringify(value, undefined, 2)}`,
  );
  return `${kept.join('\n').trimEnd()}\n${parts.join('\n')}\n`;
}
