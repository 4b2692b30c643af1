import type { Scenario } from './scenario.js';
import { t4 } from './t4-amnesiac-abstains.js';

export const t5: Scenario = {
  ...t4,
  name: 'T5: memory comes back after two leases and the answers of a majority',
  rule: 'T5',
  story: 'As in T4, but the board believes at once that it knows everything, and helps the director that it had left.',
};
