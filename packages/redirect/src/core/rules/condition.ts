import type { FactKind } from '@softset/protocol/rules-facts.js';
import { boardsAndNone, type Names, resolveFact } from './fact-path.js';
import type { Condition, FactValue, Leaf, Operator, Window } from './facts.js';
import type { Entry, Findings, Placed, Word } from './placed.js';
import { didYouMean } from './suggest.js';
import { checkVariables } from './template.js';
import { parseDuration } from './words.js';

/** Nested deeper than this nobody reads it, and neither do we. */
const DEPTH_MAX = 16;

/**
 * A `when`:
 *
 *     condition = "FACT [over TIME | rate TIME | changes TIME] OPERATOR [VALUE]"
 *               | all: [condition, …] | any: [condition, …] | not: condition
 */
export function readCondition(node: Placed, names: Names, findings: Findings, depth = 0): Condition | undefined {
  const wrong = (at: number, message: string): undefined => findings.error('CONDITION', at, message);
  if (depth > DEPTH_MAX) return wrong(node.at, `conditions are nested ${DEPTH_MAX} deep at most`);
  if (node.kind === 'scalar') {
    if (typeof node.value !== 'string') {
      return wrong(node.at, `a condition is FACT OPERATOR VALUE, such as "board.io-1.state is down", not ${node.text}`);
    }
    return readLeaf({ text: node.text, at: node.inside }, names, findings);
  }
  if (node.kind === 'list') return wrong(node.at, 'a list of conditions needs a word before it: all: or any:');
  const [only, ...more] = node.entries;
  if (only === undefined || more.length > 0) {
    return wrong(more[0]?.keyAt ?? node.at, 'a condition has one of all:, any: or not:, and nothing beside it');
  }
  if (only.key === 'not') {
    const of = readCondition(only.value, names, findings, depth + 1);
    return of && { kind: 'not', of };
  }
  if (only.key !== 'all' && only.key !== 'any') return strange(only, findings);
  if (only.value.kind !== 'list' || only.value.items.length === 0) {
    return wrong(only.value.at, `${only.key}: needs a list of at least one condition`);
  }
  const of = only.value.items.map((item) => readCondition(item, names, findings, depth + 1));
  const good = of.filter((one) => one !== undefined);
  return good.length === of.length ? { kind: only.key, of: good } : undefined;
}

function strange(entry: Entry, findings: Findings): undefined {
  const colon = entry.key.includes('.')
    ? ': a fact and its value are told apart by an operator, as in "FACT is VALUE"'
    : '';
  const hint = colon || didYouMean(entry.key, ['all', 'any', 'not']);
  return findings.error('CONDITION', entry.keyAt, `"${entry.key}" is no condition${hint}`);
}

/** Longest first, so that `is not one of` is not taken for `is not`. */
const OPERATORS: readonly (readonly [string, Operator, 'none' | 'one' | 'several'])[] = [
  ['is not one of', 'is-not-one-of', 'several'],
  ['is one of', 'is-one-of', 'several'],
  ['is unknown', 'is-unknown', 'none'],
  ['is known', 'is-known', 'none'],
  ['is not', 'is-not', 'one'],
  ['is', 'is', 'one'],
  ['>=', 'at-least', 'one'],
  ['<=', 'at-most', 'one'],
  ['>', 'greater', 'one'],
  ['<', 'less', 'one'],
];
/** What other languages say. */
const FOREIGN: Readonly<Record<string, string>> = {
  '=': 'is',
  '==': 'is',
  '===': 'is',
  '!=': 'is not',
  '<>': 'is not',
  '=>': '>=',
  '=<': '<=',
  equals: 'is',
  equal: 'is',
  in: 'is one of',
  isnt: 'is not',
  gt: '>',
  lt: '<',
  gte: '>=',
  lte: '<=',
};
const WINDOWS: readonly Window['kind'][] = ['over', 'rate', 'changes'];

function readLeaf(word: Word, names: Names, findings: Findings): Condition | undefined {
  const tokens = [...word.text.matchAll(/\S+/g)].map((found) => ({ text: found[0], at: word.at + found.index }));
  const [fact, ...rest] = tokens;
  if (fact === undefined) return findings.error('CONDITION', word.at, 'a condition is missing here');
  if (fact.text === 'not') {
    return findings.error('CONDITION', fact.at, 'write not: before the condition, or "is not" inside it');
  }
  const before = findings.list.length;
  checkVariables(fact, Object.keys(names.variables), findings);
  const kind = resolveFact(fact, names, findings);
  const window = readWindow(rest, kind, findings);
  const operator = readOperator(rest, fact, findings);
  if (operator === undefined) return undefined;
  const values = readValues(operator, rest, word, kind, window, names, findings);
  if (values === undefined || findings.list.length > before) return undefined;
  const leaf: Leaf = { fact: fact.text, ...(window ? { window } : {}), operator: operator.operator, values };
  return { kind: 'leaf', leaf };
}

/** Takes the window's two words off the front. */
function readWindow(rest: Word[], kind: FactKind | undefined, findings: Findings): Window | undefined {
  const [word, length] = rest;
  const found = WINDOWS.find((one) => one === word?.text);
  if (word === undefined || found === undefined) return undefined;
  rest.splice(0, 2);
  const ms = parseDuration(length?.text ?? '');
  if (ms === undefined || ms <= 0) {
    return findings.error('DURATION', length?.at ?? word.at, `${found} needs a time, such as "${found} 60s"`);
  }
  if (found !== 'changes' && kind !== undefined && kind.counter !== true && kind.type !== 'any') {
    return findings.error(
      'CONDITION',
      word.at,
      `${found} is for counters, and ${kind.pattern} is none; changes is for all`,
    );
  }
  return { kind: found, ms };
}

interface ReadOperator {
  readonly operator: Operator;
  readonly takes: 'none' | 'one' | 'several';
  readonly at: number;
  readonly words: string;
}

function readOperator(rest: Word[], fact: Word, findings: Findings): ReadOperator | undefined {
  const [first] = rest;
  if (first === undefined) {
    const at = fact.at + fact.text.length;
    return findings.error(
      'OPERATOR_UNKNOWN',
      at,
      `an operator is missing behind ${fact.text}, such as "is down" or "> 3"`,
    );
  }
  for (const [words, operator, takes] of OPERATORS) {
    const parts = words.split(' ');
    if (!parts.every((part, i) => rest[i]?.text === part)) continue;
    rest.splice(0, parts.length);
    return { operator, takes, at: first.at, words };
  }
  const foreign = FOREIGN[first.text.toLowerCase()];
  const known = [...OPERATORS.map(([words]) => words), ...WINDOWS];
  const hint = foreign === undefined ? didYouMean(first.text, known) : `; did you mean "${foreign}"?`;
  return findings.error('OPERATOR_UNKNOWN', first.at, `"${first.text}" is no operator${hint}`);
}

function readValues(
  { operator, takes, at, words }: ReadOperator,
  rest: readonly Word[],
  word: Word,
  kind: FactKind | undefined,
  window: Window | undefined,
  names: Names,
  findings: Findings,
): FactValue[] | undefined {
  const [first] = rest;
  if (takes === 'none') {
    if (first === undefined) return [];
    return findings.error('CONDITION', first.at, `nothing follows "${words}", and "${first.text}" stands there`);
  }
  if (first === undefined)
    return findings.error('CONDITION', word.at + word.text.length, `a value is missing behind "${words}"`);
  const end = word.at + word.text.length;
  const all = word.text.slice(first.at - word.at, end - word.at).trimEnd();
  const parts = takes === 'one' ? [{ text: unquoted(all), at: first.at }] : commas(all, first.at);
  const numeric = operator === 'greater' || operator === 'at-least' || operator === 'less' || operator === 'at-most';
  const type = window === undefined ? (kind?.type ?? 'any') : 'number';
  if (numeric && (type === 'text' || type === 'boolean')) {
    return findings.error(
      'CONDITION',
      at,
      `"${words}" compares numbers, and ${kind?.pattern} is ${type === 'text' ? 'a text' : 'true or false'}`,
    );
  }
  const values = parts.map((part) => readValue(part, numeric ? 'number' : type, kind, window, names, findings));
  const good = values.filter((value) => value !== undefined);
  return good.length === values.length ? good : undefined;
}

function readValue(
  word: Word,
  type: FactKind['type'],
  kind: FactKind | undefined,
  window: Window | undefined,
  names: Names,
  findings: Findings,
): FactValue | undefined {
  const { text, at } = word;
  const number = /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  if (type === 'number') {
    return (
      number ??
      findings.error('VALUE_UNKNOWN', at, `"${text}" is no number${text.endsWith('%') ? '; leave the % out' : ''}`)
    );
  }
  if (type === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    const hint = ['yes', 'on', '1'].includes(text)
      ? '; did you mean "true"?'
      : ['no', 'off', '0'].includes(text)
        ? '; did you mean "false"?'
        : '';
    return findings.error('VALUE_UNKNOWN', at, `${kind?.pattern} is true or false, not "${text}"${hint}`);
  }
  if (type === 'any') return text === 'true' || text === 'false' ? text === 'true' : (number ?? text);
  if (text.startsWith('$')) return checkedVariable(word, names, findings);
  const known = window ? undefined : kind?.board === true ? boardsAndNone(names) : kind?.values;
  if (known !== undefined && !known.includes(text)) {
    const unknown =
      text === 'unknown'
        ? '; "is unknown" has no "not" before it: say not: "FACT is unknown", or is known'
        : didYouMean(text, known);
    return findings.error('VALUE_UNKNOWN', at, `${kind?.pattern} is never "${text}"${unknown}`);
  }
  return text;
}

function checkedVariable(word: Word, names: Names, findings: Findings): string | undefined {
  const before = findings.list.length;
  checkVariables(word, Object.keys(names.variables), findings);
  return findings.list.length === before ? word.text : undefined;
}

const unquoted = (text: string): string => /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;

function commas(text: string, at: number): Word[] {
  let offset = 0;
  return text.split(',').map((piece) => {
    const word = { text: unquoted(piece.trim()), at: at + offset + (piece.length - piece.trimStart().length) };
    offset += piece.length + 1;
    return word;
  });
}
