import { z } from 'zod';
import { name } from './name-schema.js';

/** In which order the programs of one board start and stop. */
export const orderSchema = {
  after: z
    .array(name)
    .default([])
    .describe(
      'Programs that must be ready before this one starts, where they are to run on the same board; stopped after it',
    ),
  requires: z
    .array(name)
    .default([])
    .describe('As `after`, and it may not run without them: it is stopped before they are, and once they are given up'),
};
