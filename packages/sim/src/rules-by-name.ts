import type { Rule } from '@softset/netrack/core/rules.js';

/** Every rule that can be left out. */
export const RULES: readonly Rule[] = ['T4', 'T5', 'R3', 'L1', 'L2', 'L3', 'L5', 'M2', 'M3', 'M5', 'M8', 'R4', 'drain'];
export type { Rule };
