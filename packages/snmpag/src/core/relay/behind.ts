import type { SnmpAgent } from '@softset/protocol';
import type { Inventory } from '../entity/inventory.js';
import type { Target } from './target.js';

/** What is known of an agent behind this one. Read when it is asked for: counts and ages go on. */
export interface Behind {
  readonly agent: SnmpAgent;
  readonly target: Target;
  readonly counts: Readonly<Record<'asked' | 'answered' | 'silences' | 'refused' | 'notifications', number>>;
  /** Of the last answer. */
  readonly latencyMs: number | undefined;
  /** What was read of it last, however long ago. */
  readonly inventory: Inventory | undefined;
}

/** What is known of it is of before: it does not answer now. */
export const isStale = ({ target }: Behind): boolean => target.phase !== 'answering';
