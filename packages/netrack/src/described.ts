import type { NetrackMethods, NetrackState } from '@softset/protocol';
import { DAEMONS } from '@softset/protocol/beat.js';
import { alarmSchema, programFactsSchema, registerSchema, rolloutSchema } from '@softset/protocol/board-message.js';
import { ADMINS } from '@softset/protocol/register.js';
import { faultKinds } from '@softset/protocol/rules-facts.js';
import { z } from 'zod';
import { alarmParams, forceParams, pathParams } from './control-params.js';

/**
 * What applications may ask of netrackd's socket, for its description: the daemon reads parameters by the same schemas
 * (control-params.ts), and results are held to the types that it is compiled with. It does not load this itself.
 */
const name = z.string().max(1000);
const network = z.enum(['A', 'B']);
const board = z.int().min(1).max(64);
const ms = z.number();
const noParams = z.strictObject({});
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

interface Described<M extends keyof NetrackMethods> {
  readonly method: M;
  readonly summary: string;
  readonly params: z.ZodType<NetrackMethods[M]['params']>;
  readonly result: z.ZodType<NetrackMethods[M]['result']>;
  /** Codes of its own, beside those of every method. */
  readonly errors: readonly string[];
}

function describe<M extends keyof NetrackMethods>(one: Described<M>): Described<M> {
  return one;
}

export const DESCRIBED = [
  describe({
    method: 'status',
    summary: 'All that this board knows, as one snapshot; the topic "state" streams the same.',
    params: noParams,
    result: netrackState,
    errors: [],
  }),
  describe({
    method: 'register',
    summary: 'What the cluster knows together: members and votes, who holds what, pins, alarms.',
    params: noParams,
    result: registerSchema,
    errors: [],
  }),
  describe({
    method: 'path',
    summary: 'The best way to a board now.',
    params: pathParams,
    result: z.strictObject({ board, network, address: z.string() }),
    errors: ['UNKNOWN_BOARD', 'NO_PATH'],
  }),
  describe({
    method: 'alarm',
    summary: 'Raises an alarm, or with severity "cleared" ends it; it reaches the register by way of the director.',
    params: alarmParams,
    result: noParams,
    errors: [],
  }),
  describe({
    method: 'force',
    summary: 'softset quorum force: takes the votes of all boards that are not there, by this board’s word alone.',
    params: forceParams,
    result: z.strictObject({ message: z.string(), left: z.array(board) }),
    errors: ['WRONG_CLUSTER', 'HAS_QUORUM', 'NO_VOTE', 'NOT_READY'],
  }),
] as const;
