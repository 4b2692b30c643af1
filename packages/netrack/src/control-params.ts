import { alarmSchema } from '@softset/protocol/board-message.js';
import { z } from 'zod';

/** What the methods that applications may call are given: read by these schemas, and described by them. */
const name = z.string().max(1000);

export const pathParams = z.strictObject({ board: name });
export const forceParams = z.strictObject({ cluster: name });
export const alarmParams = z.strictObject({ alarm: alarmSchema });
