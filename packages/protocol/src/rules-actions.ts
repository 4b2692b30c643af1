import { type Field, list, map, type Shape, text } from './rules-shape.js';

/** What a rule does, with all its words filled in: an effect of the rules engine, performed by the director. */
export type RuleAction =
  | { readonly kind: 'move'; readonly service: string; readonly to: string }
  | { readonly kind: 'start' | 'stop' | 'restart'; readonly program: string; readonly on: string }
  | { readonly kind: 'drain' | 'activate'; readonly board: string }
  | { readonly kind: 'power-cycle'; readonly board: string; readonly confirmMs: number }
  | { readonly kind: 'change-route'; readonly to: string; readonly via: string }
  | { readonly kind: 'prefer-network'; readonly network: 'A' | 'B' }
  | { readonly kind: 'snmp-set'; readonly agent: string; readonly object: string; readonly value: string }
  | {
      readonly kind: 'alarm';
      readonly object: string;
      readonly cause: string;
      readonly severity: 'critical' | 'major' | 'minor' | 'warning';
      readonly text: string;
    }
  | { readonly kind: 'clear-alarm'; readonly object: string; readonly cause: string }
  | { readonly kind: 'run'; readonly command: string; readonly args: readonly string[] };

/** An action as an operator writes it: `choose` has no effect of its own. */
export type ActionWord = RuleAction['kind'] | 'choose';

export interface ActionKind {
  readonly meaning: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** `restart: $program` is short for this field. */
  readonly short?: string;
  readonly example: string;
}

const template = text('template');
const duration = text('duration');
const one = (meaning: string): Field => ({ required: true, shape: template, meaning });
const onBoard: Field = { shape: template, default: '$board', meaning: 'The board' };
const program: ActionKind['fields'] = { program: one('The program'), on: onBoard };
const board: ActionKind['fields'] = { board: one('The board') };
const cause: Shape = text('template');

export const actionKinds: Readonly<Record<ActionWord, ActionKind>> = {
  choose: {
    meaning:
      'Finds a board and keeps it under a name of yours: `spare of GROUP`, `member of GROUP`, `peer of BOARD`, ' +
      '`pool of SERVICE`. Only a board that is up and not in maintenance, for certain, is ever chosen. With none, `else`',
    fields: { target: { required: true, shape: text('selector'), meaning: 'Where to look' } },
    example: 'choose: { target: spare of media }',
  },
  move: {
    meaning:
      'Hands a service, or all that a board holds, to another board: through the grants and the limit of 3 moves',
    fields: {
      service: { shape: template, default: 'see from', meaning: 'The service' },
      from: { shape: template, default: 'see service', meaning: 'All services that this board holds or held last' },
      to: one('The board'),
    },
    example: 'move: { service: media-1, to: $target }',
  },
  start: {
    meaning:
      'Has PSRM of that board run a program; one that runs on one board at a time only where its service is held',
    fields: program,
    short: 'program',
    example: 'start: $program',
  },
  stop: { meaning: 'Has PSRM stop a program', fields: program, short: 'program', example: 'stop: $program' },
  restart: { meaning: 'Has PSRM restart a program', fields: program, short: 'program', example: 'restart: $program' },
  drain: {
    meaning:
      'Moves all services away and gives it none, as `softset board drain` does; done when a majority has it on disk. ' +
      'Alarmed as DRAINED_BY_RULE until the board is given work again. Not in maintenance: that is an operator’s',
    fields: board,
    short: 'board',
    example: 'drain: $board',
  },
  activate: {
    meaning: 'Gives it work again, where a rule drained it; what an operator drained or maintains stays his',
    fields: board,
    short: 'board',
    example: 'activate: $board',
  },
  'power-cycle': {
    meaning: 'Takes its power and gives it back; done when that is confirmed',
    fields: { ...board, confirm: { shape: duration, default: '2s', meaning: 'How long to wait for the confirmation' } },
    short: 'board',
    example: 'power-cycle: { board: $board, confirm: 2s }',
  },
  'change-route': {
    meaning: 'Leads a prefix another way on all boards',
    fields: { to: one('Prefix, or default'), via: one('Address of the next hop') },
    example: 'change-route: { to: default, via: 192.0.2.254 }',
  },
  'prefer-network': {
    meaning:
      'Public addresses stand on this network, and traffic between boards takes it, while it works. Done when a majority ' +
      'has it on disk; alarmed as PREFERRED_BY_RULE until A is preferred again. What an operator prefers stays his',
    fields: { network: one('A or B') },
    short: 'network',
    example: 'prefer-network: B',
  },
  'snmp-set': {
    meaning:
      'Sets a variable of an agent of `snmp.agents`, from the director’s board, in the type that the agent has for it; done ' +
      'when it was read back so',
    fields: {
      agent: one('Board or switch'),
      object: one(
        '`ifAdminStatus.12`, likewise `ifAlias`, `ifLinkUpDownTrapEnable`, `ifPromiscuousMode`, `sysContact`, `sysLocation`, ' +
          '`sysName`; a name of the agent’s `facts`; or an OID in digits',
      ),
      value: { required: true, shape: { kind: 'scalar' }, meaning: 'The value; of states the word, such as `down`' },
    },
    example: 'snmp-set: { agent: switch-a, object: ifAdminStatus.12, value: down }',
  },
  alarm: {
    meaning: 'Raises an alarm; it is cleared when the rule is armed again',
    fields: {
      severity: {
        shape: text('word', ['critical', 'major', 'minor', 'warning']),
        default: 'major',
        meaning: 'How bad',
      },
      text: { required: true, shape: text('text'), meaning: 'For people' },
      cause: { shape: cause, default: 'RULE', meaning: 'Stable code: capitals, digits and _' },
      object: { shape: template, default: "the scope's own, else rule/NAME", meaning: 'What it is about' },
    },
    short: 'text',
    example: 'alarm: { severity: critical, text: "no spare left for $board" }',
  },
  'clear-alarm': {
    meaning: 'Clears an alarm, whoever raised it',
    fields: { object: one('What it is about'), cause: { shape: cause, default: 'RULE', meaning: 'Its cause' } },
    example: 'clear-alarm: { object: board/$board, cause: RULE }',
  },
  run: {
    meaning: "Runs a program of the file's `commands` on the director's board",
    fields: {
      command: { required: true, shape: text('name'), meaning: 'Its name there' },
      args: { shape: list(text('text'), 0, 32), default: 'none', meaning: 'Arguments behind its own, one word each' },
    },
    short: 'command',
    example: 'run: { command: page, args: [$board] }',
  },
};

/**
 * What redirectd performs itself. Any other action is performed by the declared command of its name (`commands:
 * { power-cycle: … }`), which gets the action's words as arguments; without one the file is refused.
 */
export const NATIVE_ACTIONS: ReadonlySet<string> = new Set<ActionWord>([
  'choose',
  'move',
  'start',
  'stop',
  'restart',
  'drain',
  'activate',
  'prefer-network',
  'snmp-set',
  'alarm',
  'clear-alarm',
  'run',
]);

/** All of an action's fields, or the short form; the loader asks for the shape of one. */
export function actionShape(word: ActionWord): Shape {
  return word === 'choose'
    ? { kind: 'names', keys: 'name', of: text('selector'), min: 1, max: 8 }
    : map(actionKinds[word].fields);
}

/** As tests, plans and journals write it: `move media-1 io-3`. */
export function actionText(action: RuleAction): string {
  switch (action.kind) {
    case 'move':
      return `move ${action.service} ${action.to}`;
    case 'start':
    case 'stop':
    case 'restart':
      return `${action.kind} ${action.program} ${action.on}`;
    case 'drain':
    case 'activate':
    case 'power-cycle':
      return `${action.kind} ${action.board}`;
    case 'change-route':
      return `change-route ${action.to} ${action.via}`;
    case 'prefer-network':
      return `prefer-network ${action.network}`;
    case 'snmp-set':
      return `snmp-set ${action.agent} ${action.object} ${action.value}`;
    case 'alarm':
      return `alarm ${action.severity} ${action.object} ${action.cause} ${action.text}`;
    case 'clear-alarm':
      return `clear-alarm ${action.object} ${action.cause}`;
    case 'run':
      return ['run', action.command, ...action.args].join(' ');
  }
}
