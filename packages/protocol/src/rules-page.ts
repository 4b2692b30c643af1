import { type ActionWord, actionKinds, NATIVE_ACTIONS } from './rules-actions.js';
import { factKinds, operators, windowWords } from './rules-facts.js';
import { type Field, INSTANCES_MAX, RULES_MAX, rulesFileShape, type Shape, TEXT_BYTES_MAX } from './rules-shape.js';

/** The rules reference: every field, fact, operator and action with type, unit and default. `example` is a good file. */
export function rulesReference(example: string): string {
  return `# Rules files

For operators: what a failover rules file may say. A [tutorial](rules-tutorial.md) leads from nothing to N+1;
[examples](../examples/failover-rules/) are there to be copied. The same as JSON Schema for editors: \`rules-file.schema.json\`
(\`# yaml-language-server: $schema=rules-file.schema.json\` as a file's first line).

Rules files are YAML and lie in the directory \`rules\` beside the cluster file (\`/etc/softset/rules/*.yaml\`), the same on
every board. redirectd reads them when they change, and on SIGHUP; a set that is wrong is refused whole, alarmed
(\`RULES_INVALID\`), and the last good one goes on, also over a restart. Only the board that directs decides.

## What unknown means

A fact is true, false or **unknown**: what nobody told is unknown, and nothing is assumed of it. \`all\` is false as soon as
one of its conditions is false, \`any\` true as soon as one is true, and \`not\` of unknown is unknown. An unknown answer
begins nothing and ends nothing: a hold time starts anew, and a rule that acted is not armed again by silence. \`unknown:
fire\` in a rule says otherwise for that rule; \`is unknown\` asks for it.

## How a rule runs

| phase | true | false | unknown |
| --- | --- | --- | --- |
| idle | waits for \`for\`, then acts | | |
| waiting | acts after \`for\` | idle | idle |
| has acted | | armed again after \`clear_after\` | |
| clearing | has acted | \`on_clear\`, its alarms are cleared, idle | has acted |

It acts once each time. Steps are done one after the other; when \`choose\` finds nothing or a step fails, \`else\` is done
instead of the rest. A step that nobody answers within 15 s has failed. Alarms that a rule raised are cleared when it is
armed again. Whatever rules say, a service moves three times in ten minutes by failure and by rules together, then it rests
(\`RESTS\`), and only an operator's wish lifts that.

## Fields

| field | type | default | meaning |
| --- | --- | --- | --- |
${fieldRows(rulesFileShape, '').join('\n')}

Times are numbers with \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`, at most 7d. At most ${RULES_MAX} rules in all files, ${INSTANCES_MAX} instances of
them, ${TEXT_BYTES_MAX / 1024} KiB of text; more is refused.

## Conditions

    FACT [over TIME | rate TIME | changes TIME] OPERATOR [VALUE]

or \`all:\` and \`any:\` with a list of conditions, or \`not:\` with one. A value with a comma needs quotes around the whole
condition inside \`[ ]\` and \`{ }\`, as YAML has it.

| operator | types | true when |
| --- | --- | --- |
${operators.map((one) => `| \`${one.words}\` | ${one.types} | ${one.meaning} |`).join('\n')}

| window | types | value |
| --- | --- | --- |
${windowWords.map((one) => `| \`${one.words}\` | ${one.types} | ${one.meaning} |`).join('\n')}

A window begins when its board begins to direct: what happened before is not counted, so a rate is never overstated.

## Facts

| fact | type | values or unit | from | meaning |
| --- | --- | --- | --- | --- |
${factKinds.map(factRow).join('\n')}

Of a board that is not heard its health, daemons and programs are unknown.

## Actions

| action | meaning | performed by |
| --- | --- | --- |
${words.map((word) => `| \`${word}\` | ${actionKinds[word].meaning} | ${performer(word)} |`).join('\n')}

An action that redirectd does not perform itself is performed by the declared command of its name, with the action's words
as arguments (\`commands: { power-cycle: { run: [/usr/local/sbin/power] } }\`, called as \`power io-1\`); without one the file is
refused (\`CANNOT_PERFORM\`). Commands run on the director's board without a shell, with \`SOFTSET_RULE\` and \`SOFTSET_ACTION\` in
a bare environment, in a process group of their own that is killed at the deadline.

${words.map(actionSection).join('\n\n')}

## Variables

\`$board\`, \`$service\`, \`$program\` of the scope, and the names given by \`choose\`, stand for names in conditions, keys and
actions. \`media-$board\` puts a name together, \`\${board}\` where letters follow.

## Codes

\`softset rules check\` says \`FILE:LINE:COLUMN: error: what was found and what is allowed [CODE]\`.

| code | meaning |
| --- | --- |
${codes.map(([code, meaning]) => `| \`${code}\` | ${meaning} |`).join('\n')}

## Example

\`\`\`yaml
${example.trim()}
\`\`\`
`;
}

const words = Object.keys(actionKinds) as ActionWord[];

const codes: readonly (readonly [string, string])[] = [
  ['YAML', 'it cannot be read as YAML, or uses an alias'],
  ['TOO_LARGE', 'too many rules, instances, bytes or levels'],
  ['FIELD_UNKNOWN, FIELD_MISSING, FIELD_TWICE', 'a field'],
  ['TYPE, RANGE, DURATION, LIMIT', 'how a value is written'],
  ['CONDITION, OPERATOR_UNKNOWN, FACT_UNKNOWN, VALUE_UNKNOWN', 'a condition'],
  ['NAME_UNKNOWN, NAME_TWICE, VARIABLE_UNKNOWN', 'a name of the cluster file, of a group, a command, a rule'],
  ['SCOPE, SELECTOR, ACTION, GROUP', 'how these are written'],
  ['CANNOT_PERFORM', 'an action that nobody performs'],
  ['CONFLICT', 'two rules that can both be true and want different targets for one thing'],
  ['NEVER_FIRES', 'a warning: its condition contradicts itself, or its scope is empty'],
];

function performer(word: ActionWord): string {
  return NATIVE_ACTIONS.has(word) ? 'redirectd' : `a command \`${word}\``;
}

function actionSection(word: ActionWord): string {
  const { fields, example, short } = actionKinds[word];
  const rows = Object.entries(fields).map(([key, field]) => fieldRow(key, field));
  const also = short === undefined ? '' : ` A single value stands for \`${short}\`.`;
  const head = `### ${word}\n\n\`${example}\`.${also}\n\n| field | type | default | meaning |\n| --- | --- | --- | --- |`;
  return `${head}\n${rows.join('\n')}`;
}

function factRow(kind: (typeof factKinds)[number]): string {
  const pattern = kind.pattern.replaceAll(/\{([a-z]+)(\.\.\.)?\}/g, (_, name: string) => name.toUpperCase());
  const values =
    kind.board === true
      ? 'a board, or `none`'
      : (kind.values?.map((one) => `\`${one}\``).join(', ') ?? kind.unit ?? '');
  const type = kind.counter === true ? 'counter' : kind.type;
  return `| \`${pattern}\` | ${type} | ${values} | ${kind.source} | ${kind.meaning} |`;
}

/** One row for each field, depth first. NAME stands for a key of the operator's own. */
function fieldRows(shape: Shape, path: string): string[] {
  switch (shape.kind) {
    case 'map':
      return Object.entries(shape.fields).flatMap(([key, field]) => {
        const at = path === '' ? key : `${path}.${key}`;
        return [fieldRow(at, field), ...fieldRows(field.shape, at)];
      });
    case 'list':
      return fieldRows(shape.of, `${path}[]`);
    case 'names':
      return fieldRows(
        shape.of,
        `${path}.${shape.keys === 'duration' ? 'TIME' : shape.keys === 'fact' ? 'FACT' : 'NAME'}`,
      );
    default:
      return [];
  }
}

function fieldRow(path: string, field: Field): string {
  const fallback = field.required === true ? 'required' : (field.default ?? 'none');
  return `| \`${path}\` | ${typeOf(field.shape)} | ${fallback} | ${field.meaning} |`;
}

function typeOf(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return shape.values?.map((one) => `\`${one}\``).join(', ') ?? texts[shape.syntax] ?? 'text';
    case 'number':
      return shape.min === shape.max ? `\`${shape.min}\`` : `${shape.min} to ${shape.max}`;
    case 'scalar':
      return 'text, number or boolean';
    case 'list':
      return `list of ${shape.of.kind === 'map' ? 'maps' : typeOf(shape.of)}`;
    case 'names':
      return `map by ${shape.keys === 'duration' ? 'time' : shape.keys}`;
    case 'map':
      return 'map';
    case 'condition':
      return 'condition';
    case 'actions':
      return 'list of actions';
  }
}

const texts: Readonly<Record<string, string>> = {
  duration: 'time',
  limit: '`N per TIME` or `none`',
  name: 'name',
  scope: 'scope',
  selector: 'choice',
  template: 'name or variable',
  path: 'text',
  expected: 'action',
};
