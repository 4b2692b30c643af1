import type { StepId } from '../../demo/step.js';

/** Cases that are a step of the demonstration, by the step's id. */
export const stepCases = {
  crash: 'crash',
  'crash-director': 'crash-director',
  link: 'link-down',
  network: 'network-down',
  mute: 'network-mute',
  program: 'program-restart',
  planned: 'planned',
  'daemons-restart': 'daemons-restart',
} as const satisfies Record<string, StepId>;
export type StepCase = keyof typeof stepCases;

export const isStepCase = (id: string): id is StepCase => id in stepCases;

/**
 * In the order of the rows. `drain`: an operator drains the holder. `strict`: crash of a holder whose service waits for
 * proof. `floor`: the move alone.
 * `pulse-restart`: pulse killed → first renewal of the lease by its successor. `program-restart`: program killed → first
 * instruction of its successor, beside a bare spawn.
 */
export const cases = [
  ...(Object.keys(stepCases) as StepCase[]),
  'drain',
  'strict',
  'floor',
  'pulse-restart',
  'program-restart',
] as const;
export type Case = (typeof cases)[number];

/** "no outage", as far as a prober that asks each millisecond can tell on one machine for all boards. */
export const strictAllowanceMs = 75;
export const pulseRestartMs = 150;
/** Of a bare spawn's median. */
export const programRestartRatio = 1.2;
