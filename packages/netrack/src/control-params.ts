import { alarmSchema } from '@softset/protocol/board-message.js';
import { z } from 'zod';

/** What the methods that applications may call are given: read by these schemas, and described by them. */
const name = z.string().max(1000);

export const pathParams = z.strictObject({ board: name });
export const forceParams = z.strictObject({ cluster: name });
export const alarmParams = z.strictObject({ alarm: alarmSchema });

/** The socket's own bound of a message, 1 MiB, is above it. */
const clusterFileText = z.string().max(512 * 1024);
export const textParams = z.strictObject({ text: clusterFileText });
export const whichParams = z.strictObject({ which: z.enum(['running', 'staged', 'previous']) });
export const resumeParams = z.strictObject({ how: z.enum(['resume', 'abort']) });
/** An hour to look at it is the most. */
export const commitParams = z.strictObject({ confirmMs: z.int().min(0).max(3_600_000) });
