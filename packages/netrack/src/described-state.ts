import type { NetrackState } from '@softset/protocol';
import { DAEMONS } from '@softset/protocol/beat.js';
import { alarmSchema, programFactsSchema, rolloutSchema } from '@softset/protocol/board-message.js';
import { ADMINS } from '@softset/protocol/register.js';
import { faultKinds } from '@softset/protocol/rules-facts.js';
import { z } from 'zod';

/** A snapshot of netrackd in zod, held to the type that the daemon is compiled with. The daemon does not load this. */
const name = z.string().max(1000);
export const network = z.enum(['A', 'B']);
export const board = z.int().min(1).max(64);
const ms = z.number();
const place = z.strictObject({ board, grant: z.strictObject({ term: z.int(), n: z.int() }) });

const boardState = z.strictObject({
  board,
  name,
  verdict: z
    .enum(['unknown', 'up', 'silent', 'stalled', 'unheard', 'down', 'self'])
    .describe(
      'stalled: its kernel answers, it does not. unheard: another board hears it. self: the board that was asked.',
    ),
  sinceMs: ms,
  path: network.exactOptional().describe('the best network to reach it now'),
  paths: z.strictObject({ A: z.boolean(), B: z.boolean() }),
  daemons: z.array(z.enum(DAEMONS)).describe('those that checked in within a second'),
  amnesiac: z.boolean().describe('it lost its memory of votes, and abstains'),
  leaving: z.boolean(),
  health: z.int().min(0).max(7).describe('0 is well; higher: its own loop was late'),
  programs: programFactsSchema,
  admin: z.enum(ADMINS),
  left: z.literal(true).exactOptional().describe('it left for good: it has no vote'),
  configuration: z
    .string()
    .exactOptional()
    .describe('first 8 hexadecimal digits of the SHA-256 of the cluster file that it runs'),
  release: z.string().exactOptional().describe('of this software, such as 0.1.0'),
  gateway: z.boolean().exactOptional().describe('whether it hears the gateway'),
});

export const netrackState: z.ZodType<NetrackState> = z.strictObject({
  cluster: name,
  board,
  nowMs: ms.describe('monotonic time of the snapshot by this board’s clock, ms; all …Ms below are by the same clock'),
  term: z.int(),
  director: z.int().min(0).max(64).describe('0: nobody directs'),
  deputy: z.int().min(0).max(64),
  role: z.enum(['follower', 'candidate', 'director']),
  directing: z.boolean().describe('this board directs, and its proof of a majority stands'),
  amnesiac: z.boolean(),
  quorum: z.strictObject({ present: z.int(), needed: z.int(), votes: z.int() }),
  pulse: z.boolean().describe('the pulse of this board answers'),
  boards: z.array(boardState),
  faults: z.array(
    z.strictObject({
      kind: z.enum(faultKinds),
      target: name,
      sinceMs: ms,
      evidence: z.string(),
    }),
  ),
  services: z.array(
    z.strictObject({
      service: name,
      phase: z
        .enum(['held', 'moving', 'silent', 'free', 'unknown'])
        .describe('silent: its holder may still answer, nobody vouches for it. free: nobody holds it, and nobody can.'),
      holder: place.exactOptional(),
      next: place.exactOptional(),
      cause: z.string(),
      pin: board.exactOptional(),
    }),
  ),
  register: z.strictObject({ term: z.int(), index: z.int(), committed: z.int().exactOptional() }),
  alarms: z.array(alarmSchema),
  prefers: network.exactOptional().describe('the network that traffic takes while it works; absent: A'),
  rollout: rolloutSchema.exactOptional().describe('what all boards are to run, once it was ever rolled out'),
});
