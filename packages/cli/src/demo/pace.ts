import { calmTiming, quickTiming, type Timing } from './cluster-file.js';

/** Processors that seven boards, their programs and the probes need for beats of 10 ms; with fewer, programs wait. */
export const PROCESSORS_MIN = 4;

export interface Machine {
  readonly realTime: boolean;
  readonly processors: number;
}

/** What the operator said: `--calm`, `--quick`, or neither. */
export interface Wanted {
  readonly calm?: boolean;
  readonly quick?: boolean;
}

/** The timing to play at, and why it is not the quick one. Without real-time scheduling `--quick` helps nobody. */
export function paceFor(machine: Machine, wanted: Wanted): { readonly timing: Timing; readonly why?: string } {
  if (!machine.realTime) {
    const why = 'no root, so no real-time scheduling: the pulses wait for a processor like everybody else';
    return { timing: calmTiming, why };
  }
  if (wanted.calm) return { timing: calmTiming, why: 'calm, as you wished' };
  if (wanted.quick || machine.processors >= PROCESSORS_MIN) return { timing: quickTiming };
  const have = machine.processors === 1 ? 'one processor' : `${machine.processors} processors`;
  return { timing: calmTiming, why: `seven boards share ${have} (--quick plays at 10 ms all the same)` };
}
