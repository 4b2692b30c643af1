import { type alarmSchema, registerSchema, rolloutSchema } from '@softset/protocol/board-message.js';
import { z } from 'zod';
import type { Served } from './control.js';
import {
  alarmParams,
  amendParams,
  commitParams,
  confirmTermParams,
  fencedParams,
  forceParams,
  orderProgramParams,
  outcomeParams,
  pathParams,
  programsParams,
  resumeParams,
  serveParams,
  textParams,
  whichParams,
  wishedParams,
  wishParams,
  wishProgramParams,
} from './control-params.js';
import { board, netrackState, network } from './described-state.js';

/**
 * All that netrackd's socket serves, for its description: the daemon reads parameters by the same schemas
 * (control-params.ts), and results are held to the types that it is compiled with. It does not load this itself. A
 * method that is served and not described does not compile.
 */
interface Described<M extends keyof Served> {
  readonly summary: string;
  /** Who may use it with profit. */
  readonly for: 'everybody' | 'operators' | 'redirectd' | 'psrmd' | 'redirectd and psrmd';
  readonly params: z.ZodType<Served[M]['params']>;
  readonly result: z.ZodType<Served[M]['result']>;
  /** Codes of its own, beside those of every method. */
  readonly errors: readonly string[];
  readonly example: { readonly params: Served[M]['params']; readonly result?: Served[M]['result'] };
}

const none = z.strictObject({});
const said = z.strictObject({ message: z.string() });
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const grant = z.strictObject({ term: z.int(), n: z.int() });
const rotation = z.strictObject({
  message: z.string(),
  boards: z.array(z.strictObject({ board: z.string(), keys: z.array(z.string()) })),
});
const configuration = z.strictObject({
  running: z.strictObject({ hash, version: z.int() }),
  staged: z.strictObject({ hash, who: z.string() }).exactOptional(),
  previous: z.strictObject({ hash }).exactOptional(),
  trialLeftMs: z.number().exactOptional(),
  rollout: rolloutSchema.exactOptional(),
  refused: z.int().exactOptional(),
});

const toDirector = ['NO_DIRECTOR', 'REFUSED', 'TIMEOUT'] as const;
const FILE = 'version: 1\ncluster: { name: chassis, number: 4711, keyFile: chassis.key }\n';
const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const ROTATED = { message: 'every board has the one key', boards: [{ board: 'cpu-1', keys: ['3f2a9c5e71d08b64'] }] };
const alarm: z.infer<typeof alarmSchema> = {
  object: 'board/cpu-1',
  cause: 'FAN_FAILED',
  severity: 'major',
  text: 'its fan stands still',
  raisedAtMs: 1_767_225_600_000,
  raisedBy: 1,
};

export const DESCRIBED: { readonly [M in keyof Served]: Described<M> } = {
  status: {
    summary: 'All that this board knows, as one snapshot; the topic "state" streams the same.',
    for: 'everybody',
    params: none,
    result: netrackState,
    errors: [],
    example: { params: {} },
  },
  register: {
    summary: 'What the cluster knows together: members and votes, who holds what, pins, alarms.',
    for: 'everybody',
    params: none,
    result: registerSchema,
    errors: [],
    example: { params: {} },
  },
  path: {
    summary: 'The best way to a board now.',
    for: 'everybody',
    params: pathParams,
    result: z.strictObject({ board, network, address: z.string() }),
    errors: ['UNKNOWN_BOARD', 'NO_PATH'],
    example: { params: { board: 'cpu-2' }, result: { board: 2, network: 'A', address: '10.1.1.2' } },
  },
  alarm: {
    summary: 'Raises an alarm, or with severity "cleared" ends it; it reaches the register by way of the director.',
    for: 'everybody',
    params: alarmParams,
    result: none,
    errors: [],
    example: { params: { alarm }, result: {} },
  },
  metrics: {
    summary: 'Counters and gauges in Prometheus text form.',
    for: 'everybody',
    params: none,
    result: z.string(),
    errors: [],
    example: { params: {}, result: '' },
  },
  wish: {
    summary: 'An operator’s wish, carried to the director and answered when a majority has it.',
    for: 'operators',
    params: wishParams,
    result: said,
    errors: ['UNKNOWN_BOARD', ...toDirector],
    example: { params: { kind: 'move', service: 'media', board: 'cpu-2' }, result: { message: 'media is on cpu-2' } },
  },
  wishProgram: {
    summary: 'An order for a program of any board that is up, carried to its psrmd and answered when that has done it.',
    for: 'operators',
    params: wishProgramParams,
    result: said,
    errors: ['FORBIDDEN', 'UNKNOWN_BOARD', 'UNKNOWN_PROGRAM', 'NO_PATH', 'REFUSED', 'TIMEOUT'],
    example: {
      params: { board: 'io-1', program: 'media', order: 'restart' },
      result: { message: 'media is restarted' },
    },
  },
  force: {
    summary: 'softset quorum force: takes the votes of all boards that are not there, by this board’s word alone.',
    for: 'operators',
    params: forceParams,
    result: z.strictObject({ message: z.string(), left: z.array(board) }),
    errors: ['WRONG_CLUSTER', 'HAS_QUORUM', 'NO_VOTE', 'NOT_READY'],
    example: { params: { cluster: 'chassis' }, result: { message: 'a quorum is forced', left: [2, 3] } },
  },
  configuration: {
    summary: 'What this board runs and holds ready, and what all boards are to run.',
    for: 'everybody',
    params: none,
    result: configuration,
    errors: [],
    example: { params: {}, result: { running: { hash: HASH, version: 1 } } },
  },
  configurationText: {
    summary: 'One of its texts: a cluster file, whole.',
    for: 'everybody',
    params: whichParams,
    result: z.strictObject({ hash, text: z.string() }),
    errors: ['NO_CONFIGURATION'],
    example: { params: { which: 'running' }, result: { hash: HASH, text: FILE } },
  },
  configurationCheck: {
    summary: 'Whether a cluster file is good, and may replace what runs here while boards run.',
    for: 'operators',
    params: textParams,
    result: z.strictObject({ hash }),
    errors: ['CONFIG_REFUSED'],
    example: { params: { text: FILE }, result: { hash: HASH } },
  },
  configurationPush: {
    summary: 'Every board that is up checks it and holds it ready, or none counts; nothing runs it.',
    for: 'operators',
    params: textParams,
    result: z.strictObject({ hash, boards: z.array(z.string()), away: z.array(z.string()) }),
    errors: ['CONFIG_REFUSED', 'CONFIG_TOO_LARGE', 'CONFIG_BUSY'],
    example: { params: { text: FILE }, result: { hash: HASH, boards: ['cpu-1', 'cpu-2'], away: ['cpu-3'] } },
  },
  configurationCommit: {
    summary: 'All boards run what was pushed, one after another, and go back after confirmMs unless it is confirmed.',
    for: 'operators',
    params: commitParams,
    result: z.strictObject({ message: z.string(), hash }),
    errors: ['CONFIG_NOT_STAGED', 'CONFIG_SAME', 'CONFIG_REFUSED', 'CONFIG_TOO_LARGE', 'CONFIG_BUSY', ...toDirector],
    example: { params: { confirmMs: 120_000 }, result: { message: 'version 2', hash: HASH } },
  },
  configurationConfirm: {
    summary: 'Keeps what is on trial, once every board that is there runs it.',
    for: 'operators',
    params: none,
    result: said,
    errors: toDirector,
    example: { params: {}, result: { message: 'version 2 is kept' } },
  },
  configurationRollback: {
    summary: 'Brings back what ran before, on trial or not; later than that on a board that has its text.',
    for: 'operators',
    params: none,
    result: said,
    errors: ['NO_CONFIGURATION', ...toDirector],
    example: { params: {}, result: { message: 'version 3 brings back what ran before version 2' } },
  },
  keyStatus: {
    summary: 'Which keys each board has, by their fingerprints; the first is what it seals with.',
    for: 'operators',
    params: none,
    result: rotation,
    errors: ['KEY_BOARD_SILENT', 'KEY_UNDER_WAY'],
    example: { params: {}, result: ROTATED },
  },
  keyRotate: {
    summary: 'A new key on all boards: installed, used, the old one removed, each acknowledged by all.',
    for: 'operators',
    params: none,
    result: rotation,
    errors: ['KEY_BOARD_SILENT', 'KEY_UNDER_WAY', 'KEY_DISKLESS', 'KEY_STOPPED'],
    example: { params: {}, result: ROTATED },
  },
  keyResume: {
    summary: 'Goes on with a rotation that stopped, or takes it back.',
    for: 'operators',
    params: resumeParams,
    result: rotation,
    errors: ['KEY_BOARD_SILENT', 'KEY_UNDER_WAY', 'KEY_NOTHING', 'KEY_NOT_HERE', 'KEY_STOPPED'],
    example: { params: { how: 'resume' }, result: ROTATED },
  },
  serve: {
    summary: 'On the director alone: hands a service to a board, safely.',
    for: 'redirectd',
    params: serveParams,
    result: z.strictObject({ grant }),
    errors: ['NOT_DIRECTOR', 'UNKNOWN_SERVICE', 'NOT_IN_POOL', 'BUSY', 'BOARD_UNFIT'],
    example: { params: { service: 'media', board: 2, cause: 'operator' }, result: { grant: { term: 3, n: 17 } } },
  },
  orderProgram: {
    summary:
      'On the director alone: a rule has a board’s psrmd start, stop or restart a program; answered when it is done.',
    for: 'redirectd',
    params: orderProgramParams,
    result: said,
    errors: ['NOT_DIRECTOR', 'UNKNOWN_BOARD', 'NOT_DONE', 'TIMEOUT'],
    example: {
      params: { board: 'io-1', program: 'echo', want: 'restart', who: 'rule program keeps dying' },
      result: { message: '' },
    },
  },
  programDone: {
    summary: 'What became of an order of the topic "programOrders", for the director.',
    for: 'redirectd',
    params: wishedParams,
    result: none,
    errors: [],
    example: { params: { id: '5f0c2a', ok: true, message: '' }, result: {} },
  },
  fenced: {
    summary: 'The power of a board that is down was taken away: it holds nothing any more.',
    for: 'redirectd',
    params: fencedParams,
    result: none,
    errors: [],
    example: { params: { board: 2 }, result: {} },
  },
  amend: {
    summary: 'On the director: changes the register as an operator or a rule wished.',
    for: 'redirectd',
    params: amendParams,
    result: none,
    errors: [],
    example: { params: { change: { kind: 'pin', service: 'media', board: 2 } }, result: {} },
  },
  wished: {
    summary: 'What became of a wish, or of an order for a program, for the board where it was uttered.',
    for: 'redirectd and psrmd',
    params: wishedParams,
    result: none,
    errors: [],
    example: { params: { id: '6f1c', ok: true, message: 'media is on cpu-2' }, result: {} },
  },
  outcome: {
    summary: 'What became of an order of the director.',
    for: 'redirectd',
    params: outcomeParams,
    result: none,
    errors: [],
    example: {
      params: { outcome: { service: 'media', grant: { term: 3, n: 17 }, term: 3, result: 'taken' } },
      result: {},
    },
  },
  confirmTerm: {
    summary: 'Orders of older terms are no longer obeyed here.',
    for: 'redirectd',
    params: confirmTermParams,
    result: none,
    errors: [],
    example: { params: { term: 3 }, result: {} },
  },
  programs: {
    summary: 'What the programs of this board do, whole; told on to all boards.',
    for: 'psrmd',
    params: programsParams,
    result: none,
    errors: [],
    example: {
      params: { programs: [{ program: 'echo', state: 'ready', sinceMs: 120_500, restarts: 0 }] },
      result: {},
    },
  },
};
