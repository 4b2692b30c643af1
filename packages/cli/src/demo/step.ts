import type { Chassis } from './chassis.js';

/** In the order in which they are played. */
export const stepIds = [
  'network-down',
  'network-mute',
  'link-down',
  'crash',
  'return',
  'crash-director',
  'program-restart',
  'program-move',
  'program-hang',
  'daemons-restart',
  'daemons-lost',
  'freeze',
  'planned',
] as const;
export type StepId = (typeof stepIds)[number];

/** What a step is given: the boards as they stand when it begins. */
export interface Scene {
  readonly chassis: Chassis;
  readonly holder: string;
  /** The other board of the pool. */
  readonly standby: string;
}

/** What a step did. */
export interface Acted {
  /** When the fault took effect, CLOCK_MONOTONIC ms. */
  readonly atMs: number;
  /** In the lab's words, such as `crash cpu-1`. */
  readonly fault: string;
  /** When the last of it is over, where that is later than the call's return. */
  readonly done?: Promise<unknown>;
}

export interface Step {
  readonly id: StepId;
  /** Whether the holder changes: to the standby, or nothing moves. */
  readonly moves: boolean;
  /** Median that the design asks for, ms, at the timing of the chassis. */
  budgetMs(chassis: Chassis): number;
  /** Brings about what the step needs beforehand. Undefined, or why it could not. */
  arrange?(chassis: Chassis): Promise<string | undefined>;
  act(scene: Scene): Promise<Acted>;
  /** How long the outside client is watched after the fault, ms: silences that begin later do not count. */
  watchMs(chassis: Chassis): number;
  /** What must hold at the end beside the address being answered where it should. Undefined, or what does not. */
  verify?(scene: Scene): string | undefined;
  /** Undoes what `heal` of the lab does not. */
  mend?(scene: Scene): Promise<void>;
}

/** One step as it is printed and written as JSON. */
export interface StepReport {
  readonly step: StepId;
  readonly fault: string;
  readonly diagnosis: string;
  readonly holderBefore: string;
  readonly holderAfter: string;
  readonly outageMs: number;
  readonly budgetMs: number;
  readonly holdersMax: number;
  readonly ok: boolean;
  /** Why it is not ok. */
  readonly message?: string;
}
