import type { RuleAction } from '@softset/protocol/rules-actions.js';
import { type ActionWord, actionKinds, actionShape } from '@softset/protocol/rules-actions.js';
import { called, checkShape, entryOf, fieldOf, textOf, textsOf } from './check-shape.js';
import { checkName, type NameKind, type Names } from './fact-path.js';
import type { Entry, Findings, Placed } from './placed.js';
import { readSelector, type Selector } from './selector.js';
import { didYouMean } from './suggest.js';
import { checkVariables } from './template.js';
import { parseDuration } from './words.js';

/** A step as the file has it: its words may hold variables, which are filled in when a plan is made. */
export type Step =
  | { readonly kind: 'choose'; readonly as: string; readonly selector: Selector; readonly at: number }
  /** Every service that the board holds, each as a move of its own. */
  | { readonly kind: 'move-all'; readonly from: string; readonly to: string; readonly at: number }
  | { readonly kind: 'act'; readonly action: RuleAction; readonly at: number };

/** What each field's words name. */
const NAMED: Readonly<Record<string, NameKind>> = {
  service: 'service',
  from: 'board',
  to: 'board',
  program: 'program',
  on: 'board',
  board: 'board',
  network: 'network',
  agent: 'agent',
};

export interface ActionContext {
  readonly names: Names;
  readonly commands: readonly string[];
  /** Actions that redirectd performs itself. */
  readonly native: ReadonlySet<string>;
  readonly rule: string;
  /** What an alarm is about where it does not say. */
  readonly object: string;
}

/** A `do`, `else` or `on_clear`: each step's variables are those of the scope and of the choices before it. */
export function readActions(node: Placed, path: string, context: ActionContext, findings: Findings): readonly Step[] {
  if (node.kind !== 'list') {
    findings.error('ACTION', node.at, `${path}: a list of actions is needed, not ${called(node)}`);
    return [];
  }
  if (node.items.length === 0 || node.items.length > STEPS_MAX) {
    findings.error('ACTION', node.at, `${path}: ${node.items.length} actions; 1 to ${STEPS_MAX} are allowed`);
    return [];
  }
  let variables = context.names.variables;
  return node.items.flatMap((item, index) => {
    const names = { ...context.names, variables };
    const steps = readAction(item, `${path}[${index}]`, { ...context, names }, findings);
    for (const step of steps) if (step.kind === 'choose') variables = { ...variables, [step.as]: 'board' };
    return steps;
  });
}

const STEPS_MAX = 32;

function readAction(node: Placed, path: string, context: ActionContext, findings: Findings): readonly Step[] {
  const wrong = (at: number, message: string): readonly Step[] => {
    findings.error('ACTION', at, message);
    return [];
  };
  const words = Object.keys(actionKinds);
  if (node.kind !== 'map')
    return wrong(
      node.at,
      `${path}: an action is a word and what it takes, such as ${actionKinds.move.example}, not ${called(node)}`,
    );
  const [only, ...more] = node.entries;
  if (only === undefined) return wrong(node.at, `${path}: an action is missing here`);
  if (!Object.hasOwn(actionKinds, only.key))
    return wrong(only.keyAt, `${path}: no action "${only.key}"${didYouMean(only.key, words)}`);
  const [next] = more;
  if (next !== undefined) {
    const field = Object.hasOwn(actionKinds[only.key as ActionWord].fields, next.key);
    const why = field
      ? `: is it meant to stand inside, as in ${actionKinds[only.key as ActionWord].example}`
      : ': begin it with a - of its own';
    return wrong(next.keyAt, `${path}: "${next.key}" stands beside "${only.key}"${why}`);
  }
  return readOne(only, path, context, findings);
}

function readOne(entry: Entry, path: string, context: ActionContext, findings: Findings): readonly Step[] {
  const word = entry.key as ActionWord;
  const kind = actionKinds[word];
  const { names } = context;
  const before = findings.list.length;
  if (!context.native.has(word) && !context.commands.includes(word)) {
    const message = `${path}: redirectd performs no ${word} itself yet: declare a command for it, commands: { ${word}: { run: [/PATH] } }`;
    findings.error('CANNOT_PERFORM', entry.keyAt, message);
  }
  const fields = kind.short !== undefined && entry.value.kind === 'scalar' ? short(entry, kind.short) : entry.value;
  if (!checkShape(fields, actionShape(word), `${path}.${word}`, findings)) return [];
  if (fields.kind !== 'map') return [];
  if (word === 'choose') {
    return fields.entries.flatMap(({ key, keyAt, value }): Step[] => {
      if (value.kind !== 'scalar') return [];
      if (Object.hasOwn(names.variables, key)) {
        findings.error('VARIABLE_UNKNOWN', keyAt, `${path}.choose: "$${key}" stands for something else already`);
      }
      const selector = readSelector({ text: value.text, at: value.inside }, names, findings);
      return selector === undefined ? [] : [{ kind: 'choose', as: key, selector, at: keyAt }];
    });
  }
  for (const { key, value } of fields.entries) {
    const texts = value.kind === 'list' ? value.items : [value];
    for (const text of texts) {
      if (text.kind !== 'scalar' || text.text === '') continue;
      const at = { text: text.text, at: text.inside };
      checkVariables(at, Object.keys(names.variables), findings);
      // The object of `change-route: to` is a prefix, and no board.
      const named = word === 'change-route' ? undefined : NAMED[key];
      if (named !== undefined) checkName(at, named, names, findings);
    }
  }
  const step = build(word, entry, fields, path, context, findings);
  return step === undefined || findings.list.length > before ? [] : [step];
}

function short(entry: Entry, field: string): Placed {
  return { kind: 'map', at: entry.value.at, entries: [{ key: field, keyAt: entry.keyAt, value: entry.value }] };
}

function build(
  word: Exclude<ActionWord, 'choose'>,
  entry: Entry,
  fields: Placed,
  path: string,
  { names, commands, object }: Omit<ActionContext, 'native'>,
  findings: Findings,
): Step | undefined {
  const at = entry.keyAt;
  const act = (action: RuleAction): Step => ({ kind: 'act', action, at });
  const wrong = (where: number, message: string): undefined =>
    findings.error('ACTION', where, `${path}.${word}: ${message}`);
  const get = (key: string): string => textOf(fields, key) ?? '';
  switch (word) {
    case 'move': {
      const { service, from } = { service: entryOf(fields, 'service'), from: entryOf(fields, 'from') };
      if ((service === undefined) === (from === undefined)) {
        return wrong(
          from?.keyAt ?? at,
          service ? 'service and from exclude each other' : 'service or from is missing: what to move',
        );
      }
      if (service !== undefined) return act({ kind: 'move', service: get('service'), to: get('to') });
      return { kind: 'move-all', from: get('from'), to: get('to'), at };
    }
    case 'start':
    case 'stop':
    case 'restart': {
      const on = textOf(fields, 'on') ?? ('board' in names.variables ? '$board' : undefined);
      if (on === undefined) return wrong(at, '"on" is missing: this rule has no $board to take');
      return act({ kind: word, program: get('program'), on });
    }
    case 'drain':
    case 'activate':
      return act({ kind: word, board: get('board') });
    case 'power-cycle':
      return act({ kind: word, board: get('board'), confirmMs: parseDuration(textOf(fields, 'confirm') ?? '2s') ?? 0 });
    case 'change-route':
      return act({ kind: word, to: get('to'), via: get('via') });
    case 'prefer-network': {
      const network = get('network');
      if (network === 'A' || network === 'B') return act({ kind: word, network });
      return wrong(fieldOf(fields, 'network')?.at ?? at, `A or B, not "${network}"`);
    }
    case 'snmp-set':
      return act({ kind: word, agent: get('agent'), object: get('object'), value: get('value') });
    case 'alarm': {
      const cause = textOf(fields, 'cause') ?? 'RULE';
      checkCause(cause, fields, path, findings);
      const severity = (textOf(fields, 'severity') ?? 'major') as Extract<RuleAction, { kind: 'alarm' }>['severity'];
      return act({ kind: word, object: textOf(fields, 'object') ?? object, cause, severity, text: get('text') });
    }
    case 'clear-alarm': {
      const cause = textOf(fields, 'cause') ?? 'RULE';
      checkCause(cause, fields, path, findings);
      return act({ kind: word, object: get('object'), cause });
    }
    case 'run': {
      const command = get('command');
      if (commands.includes(command)) return act({ kind: word, command, args: textsOf(fieldOf(fields, 'args')) });
      const where = fieldOf(fields, 'command')?.at ?? at;
      return findings.error(
        'NAME_UNKNOWN',
        where,
        `${path}.run: no command "${command}"${didYouMean(command, commands)}`,
      );
    }
  }
}

function checkCause(cause: string, fields: Placed, path: string, findings: Findings): void {
  if (/^[A-Z][A-Z0-9_]{1,39}$/.test(cause)) return;
  const at = fieldOf(fields, 'cause')?.at ?? fields.at;
  findings.error('VALUE_UNKNOWN', at, `${path}: a cause is a stable code of capitals, digits and _, not "${cause}"`);
}
