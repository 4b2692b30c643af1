import {
  alarmSchema,
  changeSchema,
  outcomeSchema,
  PROGRAM_VERBS,
  programFactsSchema,
} from '@softset/protocol/board-message.js';
import { z } from 'zod';

/** What the methods of netrackd's socket are given: read by these schemas, and described by them. */
const name = z.string().max(1000);

export const pathParams = z.strictObject({ board: name });
export const forceParams = z.strictObject({ cluster: name });
export const alarmParams = z.strictObject({ alarm: alarmSchema });
export const serveParams = z.strictObject({ service: name, board: z.int(), cause: name });
export const wishParams = z.strictObject({
  kind: z.enum(['move', 'alarm-clear', 'change']),
  change: changeSchema.exactOptional(),
  service: name.exactOptional(),
  board: name.exactOptional(),
  object: name.exactOptional(),
  cause: name.exactOptional(),
});
export const wishProgramParams = z.strictObject({ board: name, program: name, order: z.enum(PROGRAM_VERBS) });
export const fencedParams = z.strictObject({ board: z.int().min(1).max(64) });
export const amendParams = z.strictObject({ change: changeSchema });
export const wishedParams = z.strictObject({ id: name, ok: z.boolean(), message: name });
export const programsParams = z.strictObject({ programs: programFactsSchema });
export const orderProgramParams = z.strictObject({
  board: name,
  program: name,
  want: z.enum(PROGRAM_VERBS),
  who: name,
});
export const outcomeParams = z.strictObject({ outcome: outcomeSchema });
export const confirmTermParams = z.strictObject({ term: z.int().min(0) });

/** The socket's own bound of a message, 1 MiB, is above it. */
const clusterFileText = z.string().max(512 * 1024);
export const textParams = z.strictObject({ text: clusterFileText });
export const whichParams = z.strictObject({ which: z.enum(['running', 'staged', 'previous']) });
export const resumeParams = z.strictObject({ how: z.enum(['resume', 'abort']) });
/** An hour to look at it is the most. */
export const commitParams = z.strictObject({ confirmMs: z.int().min(0).max(3_600_000) });
