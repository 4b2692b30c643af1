import { z } from 'zod';

/** What boards, services and programs are called in the cluster file. */
export const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and -, beginning with a letter')
  .describe('A name: lower-case letters, digits and -, beginning with a letter, at most 32');
