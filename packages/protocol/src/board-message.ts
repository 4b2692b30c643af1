import { z } from 'zod';
import type { BoardId } from './cluster.js';
import type { Order, OrderOutcome, Stamp, Stock } from './grant.js';
import {
  ADMINS,
  type Alarm,
  type Change,
  type Register,
  ROLLOUT_PHASES,
  type RolloutWish,
  type Version,
} from './register.js';

/**
 * What netrackd says to netrackd, inside relay frames: JSON, checked by `decodeBoardMessage` before a core sees it.
 * All of them may be lost, late, doubled or reordered: each is idempotent, and its sender repeats it.
 */
export type BoardMessage =
  /** A candidate asks for votes; `stamp` is its own newest beat, echoed by each vote (T2). */
  | { readonly kind: 'claim'; readonly term: number; readonly stamp: Stamp; readonly register: Version }
  /** A vote, with the voter's stock and, where newer than the candidate's, its register (R3). */
  | {
      readonly kind: 'vote';
      readonly term: number;
      readonly stamp: Stamp;
      readonly stock: Stock;
      readonly register?: Register;
    }
  | { readonly kind: 'denied'; readonly term: number; readonly reason: string }
  /** A board that follows the director reports its stock under the new term (R3). */
  | { readonly kind: 'report'; readonly term: number; readonly stock: Stock }
  | { readonly kind: 'write'; readonly register: Register }
  | { readonly kind: 'wrote'; readonly term: number; readonly index: number; readonly boot: string }
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'outcome'; readonly outcome: OrderOutcome; readonly boot: string }
  /** An amnesiac board asks whether its new life is known (T5). */
  | { readonly kind: 'remember'; readonly boot: string; readonly incarnation: number }
  | {
      readonly kind: 'remembered';
      readonly boot: string;
      readonly incarnation: number;
      readonly term: number;
      readonly amnesiac: boolean;
      /** Whose votes count is in it; absent from a board that has none. */
      readonly register?: Register;
    }
  /** `softset quorum force`: whose votes count from now on, by an operator's word and no majority's. */
  | { readonly kind: 'force'; readonly register: Register }
  /** What a board says of its programs, whole; the newest (by `sequence` in one boot) counts. */
  | { readonly kind: 'programs'; readonly sequence: number; readonly programs: readonly ProgramFact[] }
  /** Which release of this software a board runs, such as `0.1.0`. */
  | { readonly kind: 'release'; readonly release: string }
  /** To the director: raise this alarm, or clear it (severity `cleared`). */
  | { readonly kind: 'alarm'; readonly alarm: Alarm }
  /** To the director: please do this for an operator who asked here. */
  | { readonly kind: 'wish'; readonly wish: Wish }
  | { readonly kind: 'wished'; readonly id: string; readonly ok: boolean; readonly message: string }
  /** A rule's, from the director: obeyed from the director of one's own term alone, and answered. */
  | ({ readonly kind: 'program-order'; readonly term: number } & ProgramOrder)
  | { readonly kind: 'program-done'; readonly id: string; readonly ok: boolean; readonly message: string }
  /** To the board whose psrmd shall do it, for an operator who asked elsewhere; answered by `wished`. */
  | ({ readonly kind: 'program-wish' } & ProgramWish)
  | ConfigurationMessage
  /** A step of a rotation of keys, or only a question (`ask`); each is answered. */
  | ({ readonly kind: 'key-order'; readonly round: string; readonly who: string } & KeyOrder)
  | {
      readonly kind: 'key-done';
      readonly round: string;
      readonly ok: boolean;
      readonly message: string;
      readonly keys: KeyState;
    };

/** Of a roll-out. */
export type ConfigurationMessage =
  /** A cluster file to be held ready. `round` is answered; `packed` is its text, gzip in base64. */
  | {
      readonly kind: 'config-stage';
      readonly round: string;
      readonly hash: string;
      readonly packed: string;
      readonly who: string;
    }
  /** It is on this board's disk and could run here; or why not. */
  | {
      readonly kind: 'config-staged';
      readonly round: string;
      readonly hash: string;
      readonly ok: boolean;
      readonly message: string;
    }
  /** A board lacks the text that the register names. */
  | { readonly kind: 'config-want'; readonly hash: string }
  | { readonly kind: 'config-text'; readonly hash: string; readonly packed: string };

/**
 * From one key to another, by their fingerprints. `serial` counts rotations, their undoing included: an older one, and
 * another of the same number, is refused. `wrapped`, of `install`: the key itself, sealed with the one that all have.
 */
export interface KeyOrder {
  readonly step: 'ask' | 'install' | 'use' | 'remove';
  readonly serial: number;
  readonly rotation: string;
  readonly into: string;
  readonly outOf: string;
  readonly wrapped?: string;
}

/** Of one board: fingerprints of its keys, the one that it seals with first; and the last rotation that it heard of. */
export interface KeyState {
  readonly ring: readonly string[];
  readonly serial: number;
  readonly rotation: string;
  readonly into: string;
  readonly outOf: string;
}

/** What a board's psrmd is to do with a program of its own. */
export interface ProgramOrder {
  readonly id: string;
  readonly program: string;
  readonly want: ProgramVerb;
  /** Who asked, for the journal. */
  readonly who: string;
}

export interface ProgramFact {
  readonly program: string;
  readonly state: ProgramState;
  readonly sinceMs: number;
  readonly restarts: number;
}

/** (002 ¶0029): the states of Fig. 9's failures, and those around them. */
export type ProgramState =
  | 'stopped'
  | 'starting'
  | 'up'
  | 'ready'
  | 'in-trouble'
  | 'not-responding'
  | 'stopping'
  | 'failed';

export interface Wish {
  readonly id: string;
  readonly kind: 'move' | 'alarm-clear' | 'change' | 'rollout';
  readonly change?: Change;
  readonly rollout?: RolloutWish;
  readonly service?: string;
  readonly board?: BoardId;
  readonly object?: string;
  readonly cause?: string;
  /** Who asked, for the journal. */
  readonly who: string;
}

/** What rules order of a program, and operators wish. */
export const PROGRAM_VERBS = ['start', 'stop', 'restart'] as const;
export type ProgramVerb = (typeof PROGRAM_VERBS)[number];

/** What an operator who asked elsewhere wants of a program of this board. */
export interface ProgramWish {
  readonly id: string;
  readonly program: string;
  readonly order: ProgramVerb;
  /** Who asked, and where, for the program's history. */
  readonly who: string;
}

const id = z.int().min(1).max(64);
const count = z.int().min(0).max(0xffffffff);
const text = z.string().max(200);
const boot = z.string().regex(/^[0-9a-f]{16}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** A key's fingerprint; empty where there is none. */
const print = z.string().regex(/^(?:[0-9a-f]{16})?$/);
/** What a relay frame has room for beside the rest of the message. */
export const PACKED_MAX = 56_000;
const packed = z.base64().max(PACKED_MAX);
const grant = z.strictObject({ term: count, n: count });
const holding = z.strictObject({ service: text, grant });
const stamp = z.strictObject({ boot, incarnation: count, sequence: count });
const stock = z.strictObject({ boot, held: z.array(holding).max(64), refused: z.array(holding).max(64) });
const version = z.strictObject({ term: count, index: count });
const place = z.strictObject({ board: id, grant });

export const alarmSchema = z.strictObject({
  object: text,
  cause: text,
  severity: z.enum(['critical', 'major', 'minor', 'warning', 'cleared']),
  text: z.string().max(1000),
  raisedAtMs: z.number(),
  raisedBy: id,
  acknowledgedBy: text.exactOptional(),
});

export const rolloutSchema = z.strictObject({
  version: count,
  hash: sha256,
  before: sha256,
  phase: z.enum(ROLLOUT_PHASES),
  confirmMs: count,
  who: z.string().max(1000),
});

export const registerSchema = z.strictObject({
  cluster: count,
  term: count,
  index: count,
  members: z
    .array(
      z.strictObject({ board: id, vote: z.boolean(), admin: z.enum(ADMINS), left: z.literal(true).exactOptional() }),
    )
    .max(64),
  services: z
    .array(
      z.strictObject({
        service: text,
        holder: place.exactOptional(),
        next: place.exactOptional(),
        abandoned: z.array(place).max(64),
        pin: id.exactOptional(),
        cause: z.string().max(1000),
      }),
    )
    .max(64),
  alarms: z.array(alarmSchema).max(256),
  prefers: z.enum(['A', 'B']).exactOptional(),
  rollout: rolloutSchema.exactOptional(),
});

const rolloutWishSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('commit'), hash: sha256, before: sha256, confirmMs: count }),
  z.strictObject({ kind: z.literal('confirm') }),
  z.strictObject({ kind: z.literal('rollback') }),
]);

export const changeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pin'), service: text, board: id }),
  z.strictObject({ kind: z.literal('unpin'), service: text }),
  z.strictObject({ kind: z.literal('admin'), board: id, admin: z.enum(ADMINS) }),
  z.strictObject({ kind: z.literal('prefer'), network: z.enum(['A', 'B']) }),
  z.strictObject({ kind: z.literal('leave'), board: id }),
  z.strictObject({ kind: z.literal('return'), board: id }),
]);

const order = z.strictObject({
  kind: z.enum(['take', 'release']),
  service: text,
  grant,
  term: count,
  director: id,
  stamp,
  formerly: id.exactOptional(),
  after: place.exactOptional(),
  heir: id.exactOptional(),
  cause: z.string().max(1000),
});

export const outcomeSchema = z.strictObject({
  service: text,
  grant,
  term: count,
  result: z.enum(['taken', 'released', 'refused', 'ready']),
  code: z
    .enum([
      'ORDER_OLD_TERM',
      'ORDER_LAPSED',
      'ORDER_REFUSED_BEFORE',
      'ORDER_AMNESIAC',
      'ORDER_ADDRESS_IN_USE',
      'ORDER_KERNEL',
      'ORDER_PROGRAM',
      'ORDER_UNKNOWN_SERVICE',
    ])
    .exactOptional(),
  message: z.string().max(1000).exactOptional(),
});

const programState = z.enum([
  'stopped',
  'starting',
  'up',
  'ready',
  'in-trouble',
  'not-responding',
  'stopping',
  'failed',
]);

export const programFactsSchema = z
  .array(z.strictObject({ program: text, state: programState, sinceMs: z.number(), restarts: count }))
  .max(256);

const boardMessageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('claim'), term: count, stamp, register: version }),
  z.strictObject({ kind: z.literal('vote'), term: count, stamp, stock, register: registerSchema.exactOptional() }),
  z.strictObject({ kind: z.literal('denied'), term: count, reason: text }),
  z.strictObject({ kind: z.literal('report'), term: count, stock }),
  z.strictObject({ kind: z.literal('write'), register: registerSchema }),
  z.strictObject({ kind: z.literal('wrote'), term: count, index: count, boot }),
  z.strictObject({ kind: z.literal('order'), order }),
  z.strictObject({ kind: z.literal('outcome'), outcome: outcomeSchema, boot }),
  z.strictObject({ kind: z.literal('remember'), boot, incarnation: count }),
  z.strictObject({
    kind: z.literal('remembered'),
    boot,
    incarnation: count,
    term: count,
    amnesiac: z.boolean(),
    register: registerSchema.exactOptional(),
  }),
  z.strictObject({ kind: z.literal('force'), register: registerSchema }),
  z.strictObject({
    kind: z.literal('programs'),
    sequence: count,
    programs: programFactsSchema,
  }),
  z.strictObject({ kind: z.literal('release'), release: z.string().max(40) }),
  z.strictObject({ kind: z.literal('alarm'), alarm: alarmSchema }),
  z.strictObject({
    kind: z.literal('wish'),
    wish: z.strictObject({
      id: text,
      kind: z.enum(['move', 'alarm-clear', 'change', 'rollout']),
      change: changeSchema.exactOptional(),
      rollout: rolloutWishSchema.exactOptional(),
      service: text.exactOptional(),
      board: id.exactOptional(),
      object: text.exactOptional(),
      cause: text.exactOptional(),
      who: text,
    }),
  }),
  z.strictObject({ kind: z.literal('wished'), id: text, ok: z.boolean(), message: z.string().max(1000) }),
  z.strictObject({
    kind: z.literal('program-order'),
    term: count,
    id: text,
    program: text,
    want: z.enum(PROGRAM_VERBS),
    who: text,
  }),
  z.strictObject({ kind: z.literal('program-done'), id: text, ok: z.boolean(), message: z.string().max(1000) }),
  z.strictObject({
    kind: z.literal('program-wish'),
    id: text,
    program: text,
    order: z.enum(PROGRAM_VERBS),
    who: text,
  }),
  z.strictObject({ kind: z.literal('config-stage'), round: text, hash: sha256, packed, who: text }),
  z.strictObject({
    kind: z.literal('config-staged'),
    round: text,
    hash: sha256,
    ok: z.boolean(),
    message: z.string().max(2000),
  }),
  z.strictObject({ kind: z.literal('config-want'), hash: sha256 }),
  z.strictObject({ kind: z.literal('config-text'), hash: sha256, packed }),
  z.strictObject({
    kind: z.literal('key-order'),
    round: text,
    who: text,
    step: z.enum(['ask', 'install', 'use', 'remove']),
    serial: count,
    rotation: text,
    into: print,
    outOf: print,
    wrapped: z.base64().max(200).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('key-done'),
    round: text,
    ok: z.boolean(),
    message: z.string().max(1000),
    keys: z.strictObject({
      ring: z.array(print).max(2),
      serial: count,
      rotation: text,
      into: print,
      outOf: print,
    }),
  }),
]);

/** `undefined` when `value` is no message of ours. */
export function decodeBoardMessage(value: unknown): BoardMessage | undefined {
  const parsed = boardMessageSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
