import type { Scenario } from '../scenario.js';

/** Five boards that all vote, a strict service and a fast one: board 1 directs, 2 holds the one and 3 the other. */
export const COMMON: Pick<Scenario, 'boards' | 'services'> = {
  boards: 5,
  services: [
    { pool: [2, 3], takeover: 'strict' },
    { pool: [3, 1, 2], takeover: 'fast' },
  ],
};
