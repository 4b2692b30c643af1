/**
 * What a rules file may hold, as data: the loader walks it, and the JSON Schema for editors and the reference are made
 * from it, so that the three cannot disagree. A field's meaning, unit and default stand here and nowhere else.
 */
export type Shape =
  | { readonly kind: 'text'; readonly syntax: Syntax; readonly values?: readonly string[] }
  | { readonly kind: 'number'; readonly min: number; readonly max: number }
  /** Any scalar: text, a number, true or false. */
  | { readonly kind: 'scalar' }
  | { readonly kind: 'list'; readonly of: Shape; readonly min: number; readonly max: number }
  | { readonly kind: 'map'; readonly fields: Readonly<Record<string, Field>> }
  /** A map whose keys are the operator's own words; `keys` says what they are. */
  | { readonly kind: 'names'; readonly keys: Syntax; readonly of: Shape; readonly min: number; readonly max: number }
  | { readonly kind: 'condition' }
  | { readonly kind: 'actions' };

export interface Field {
  readonly shape: Shape;
  readonly meaning: string;
  readonly required?: true;
  /** As a person would write it; for the reference. */
  readonly default?: string;
}

/** How a text is read. `word`: one of `values`, or a name of the file or of the cluster. */
export type Syntax =
  | 'word'
  | 'name'
  | 'text'
  | 'duration'
  | 'limit'
  | 'scope'
  | 'selector'
  | 'template'
  | 'fact'
  | 'path'
  | 'expected';

export const text = (syntax: Syntax, values?: readonly string[]): Shape =>
  values === undefined ? { kind: 'text', syntax } : { kind: 'text', syntax, values };
export const list = (of: Shape, min: number, max: number): Shape => ({ kind: 'list', of, min, max });
export const map = (fields: Readonly<Record<string, Field>>): Shape => ({ kind: 'map', fields });
const names = (keys: Syntax, of: Shape, min: number, max: number): Shape => ({ kind: 'names', keys, of, min, max });
const duration = text('duration');
const onLimit = text('word', ['alarm', 'nothing', 'else']);
const unknown = text('word', ['hold', 'fire', 'clear']);

/** More is refused with the reason: who writes so many rules wants a scope. */
export const RULES_MAX = 2000;
export const INSTANCES_MAX = 10_000;
export const TEXT_BYTES_MAX = 1_048_576;

const group = map({
  members: { required: true, shape: list(text('name'), 1, 64), meaning: 'Boards that do the work' },
  spares: { shape: list(text('name'), 0, 64), default: 'none', meaning: 'Boards that stand by for them' },
  policy: {
    shape: text('word', ['2n', 'n+1', 'n+m', 'n-way']),
    default: 'n-way',
    meaning:
      '2n: one member, one spare; n+1: one spare for all; n+m: several; n-way: none, members stand in for each other. ' +
      'It says how many spares there must be',
  },
  prefer: {
    shape: text('word', ['order', 'least-loaded']),
    default: 'order',
    meaning: 'Which of several fit boards is chosen: the first named, or the one that holds the fewest services',
  },
  capacity: {
    shape: { kind: 'number', min: 1, max: 64 },
    default: '1',
    meaning: 'Services that one spare may hold; a full spare is not chosen',
  },
});

const command = map({
  run: {
    required: true,
    shape: list(text('path'), 1, 64),
    meaning: 'An absolute path and its arguments; no shell reads them',
  },
  timeout: { shape: duration, default: '5s', meaning: 'It is killed after this, and the step has failed' },
  user: {
    shape: text('name'),
    default: "redirectd's own",
    meaning: 'User that it runs as, by name; another than our own needs root',
  },
});

export const ruleFields: Readonly<Record<string, Field>> = {
  name: { required: true, shape: text('text'), meaning: 'Unique in all files; alarms, journal and `why` name it' },
  scope: {
    shape: text('scope'),
    default: 'one instance',
    meaning: 'One instance of the rule for each: `each board`, `each board in GROUP`, `each service`, `each program`',
  },
  when: { required: true, shape: { kind: 'condition' }, meaning: 'What must be true' },
  for: { shape: duration, default: '0ms', meaning: 'It must be true so long without a break before anything is done' },
  clear_after: {
    shape: duration,
    default: '0ms',
    meaning: 'It must be false so long without a break before the rule is armed again; unknown does not count as false',
  },
  unknown: {
    shape: unknown,
    default: 'hold',
    meaning:
      'What an unknown answer means: hold, neither begins nor ends anything; fire, as true; clear, as false. ' +
      'fire is the only way in which not knowing can move something',
  },
  priority: {
    shape: { kind: 'number', min: -1000, max: 1000 },
    default: '0',
    meaning: 'Of rules that come true together the higher is decided first; equals in the order of the files',
  },
  key: {
    shape: text('template'),
    default: 'none',
    meaning: 'One plan at a time for each key; a second waits, and is dropped when it is no longer true by then',
  },
  limit: {
    shape: text('limit'),
    default: '3 per 10m',
    meaning: 'How often one instance may act; `none`: no limit. The limit of 3 moves of a service stands all the same',
  },
  on_limit: {
    shape: onLimit,
    default: 'alarm',
    meaning: 'At the limit: raise RULE_LIMIT, do nothing, or perform `else`',
  },
  do: {
    required: true,
    shape: { kind: 'actions' },
    meaning: 'Steps in order; each waits until the one before is done',
  },
  else: {
    shape: { kind: 'actions' },
    default: 'nothing',
    meaning: 'Steps when `choose` finds nothing or a step fails',
  },
  on_clear: {
    shape: { kind: 'actions' },
    default: 'nothing',
    meaning: 'Steps when the rule is armed again. Alarms that it raised are cleared then by themselves',
  },
};

const test = map({
  name: { required: true, shape: text('text'), meaning: 'What is shown' },
  facts: {
    required: true,
    shape: names('duration', names('fact', { kind: 'scalar' }, 0, 1000), 1, 1000),
    meaning:
      'What becomes true when, on a virtual clock. Before it all is well: boards up, services held by the first of ' +
      'their pool, programs ready, no alarm. `unknown` takes a fact away',
  },
  expect: {
    required: true,
    shape: names('duration', list(text('expected'), 0, 100), 1, 1000),
    meaning:
      'Actions decided since the time before, in order, as `MOVE SERVICE BOARD`; words at the end may be left out',
  },
  fail: {
    shape: list(text('expected'), 0, 100),
    default: 'none',
    meaning: 'Actions that fail in this test, written alike',
  },
});

export const rulesFileShape = map({
  version: { required: true, shape: { kind: 'number', min: 1, max: 1 }, meaning: 'Version of this format' },
  defaults: {
    shape: map({
      limit: { shape: text('limit'), default: '3 per 10m', meaning: 'For rules of this file without their own' },
      on_limit: { shape: onLimit, default: 'alarm', meaning: 'Likewise' },
      unknown: { shape: unknown, default: 'hold', meaning: 'Likewise' },
      clear_after: { shape: duration, default: '0ms', meaning: 'Likewise' },
    }),
    meaning: 'For all rules of this file',
  },
  groups: {
    shape: names('name', group, 0, 64),
    default: 'none',
    meaning: 'Boards that stand in for each other; known in all files of the set',
  },
  commands: {
    shape: names('name', command, 0, 64),
    default: 'none',
    meaning: 'Programs that rules may run; nothing else is ever run',
  },
  rules: {
    shape: list(map(ruleFields), 0, RULES_MAX),
    default: 'none',
    meaning: 'The rules',
  },
  tests: { shape: list(test, 0, 1000), default: 'none', meaning: 'Stories that `softset rules test` plays' },
});
