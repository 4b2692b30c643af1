import { z } from 'zod';

const window = (meaning: string, ms: number) => z.number().min(1000).default(ms).describe(meaning);

export const escalationSchema = z
  .strictObject({
    boardFailover: z
      .strictObject({
        givenUp: z.int().min(1).default(3).describe('Programs given up in the window after which the board is'),
        withinMs: window('The window, in ms', 600_000),
      })
      .optional()
      .describe(
        'The second rung: so many programs given up say that the board is ill. Every program that belongs to a service is stopped and given up there, so that REDIRECT moves all of them',
      ),
    reboot: z
      .strictObject({
        command: z
          .array(z.string())
          .min(1)
          .describe('What reboots the board, such as [/sbin/reboot]; an absolute path, no shell'),
        failovers: z.int().min(1).default(1).describe('Board failovers in the window after which it is rebooted'),
        withinMs: window('The window of failovers and of reboots, in ms', 3_600_000),
        atMost: z
          .int()
          .min(1)
          .default(2)
          .describe('Reboots in the window; after them the board stays as it is, and it is alarmed'),
      })
      .optional()
      .describe('The third rung, once nothing of the services is left on the board; needs boardFailover'),
  })
  .describe(
    "What follows when programs keep being given up on one board (SA Forum AMF's ladder); without it nothing does",
  );
