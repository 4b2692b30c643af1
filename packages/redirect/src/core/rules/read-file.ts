import { ruleFields, rulesFileShape } from '@softset/protocol/rules-shape.js';
import { checkShape, entryOf, fieldOf, itemsOf, textOf, textsOf } from './check-shape.js';
import type { Entry, Findings, Placed } from './placed.js';
import type { Group } from './scope.js';
import type { Limit } from './words.js';
import { parseDuration, parseLimit } from './words.js';

export interface Command {
  readonly name: string;
  readonly run: readonly string[];
  readonly timeoutMs: number;
  readonly user?: string;
}

export type OnLimit = 'alarm' | 'nothing' | 'else';
export type OnUnknown = 'hold' | 'fire' | 'clear';

/** What of a file stands for itself: its rules and tests are read once all groups of the set are known. */
export interface FileParts {
  readonly groups: readonly (Group & { readonly at: number })[];
  readonly commands: readonly (Command & { readonly at: number })[];
  readonly rules: readonly Placed[];
  readonly tests: readonly Placed[];
  readonly defaults: RuleDefaults;
}

export interface RuleDefaults {
  readonly limit: Limit | 'none';
  readonly onLimit: OnLimit;
  readonly unknown: OnUnknown;
  readonly clearAfterMs: number;
}

export const DEFAULT_LIMIT: Limit = { times: 3, windowMs: 600_000 };

/** Reads all but rules and tests; these are handed on, with their shape checked. */
export function readFileParts(root: Placed, findings: Findings): FileParts {
  const rules = fieldOf(root, 'rules');
  const tests = fieldOf(root, 'tests');
  checkShape(root, withoutLists(rules, tests), '', findings);
  const shapeOf = (key: 'rules' | 'tests') =>
    rulesFileShape.kind === 'map' ? rulesFileShape.fields[key]?.shape : undefined;
  const checked = (node: Placed | undefined, key: 'rules' | 'tests'): readonly Placed[] => {
    const shape = shapeOf(key);
    if (shape?.kind !== 'list' || node === undefined) return [];
    if (node.kind !== 'list' || node.items.length > shape.max) {
      checkShape(node, shape, key, findings);
      return [];
    }
    // One with a mistake is read on all the same: its other mistakes are told with it.
    for (const [i, item] of node.items.entries()) {
      checkShape(item, shape.of, nameOf(item) ?? `${key}[${i}]`, findings);
    }
    return node.items.filter((item) => item.kind === 'map');
  };
  const defaults = fieldOf(root, 'defaults');
  return {
    groups: entries(root, 'groups').map((entry) => readGroup(entry, findings)),
    commands: entries(root, 'commands').map((entry) => readCommand(entry, findings)),
    rules: checked(rules, 'rules'),
    tests: checked(tests, 'tests'),
    defaults: {
      limit: parseLimit(textOf(defaults, 'limit') ?? '') ?? DEFAULT_LIMIT,
      onLimit: (textOf(defaults, 'on_limit') as OnLimit | undefined) ?? 'alarm',
      unknown: (textOf(defaults, 'unknown') as OnUnknown | undefined) ?? 'hold',
      clearAfterMs: parseDuration(textOf(defaults, 'clear_after') ?? '') ?? 0,
    },
  };
}

/** The root's shape with rules and tests as anything: these are checked one by one, so that one mistake costs one rule. */
function withoutLists(...lists: readonly (Placed | undefined)[]): typeof rulesFileShape {
  if (rulesFileShape.kind !== 'map') return rulesFileShape;
  const anything = { kind: 'condition' } as const;
  const { rules, tests, ...others } = rulesFileShape.fields;
  if (rules === undefined || tests === undefined || lists.length === 0) return rulesFileShape;
  return {
    kind: 'map',
    fields: { ...others, rules: { ...rules, shape: anything }, tests: { ...tests, shape: anything } },
  };
}

function nameOf(item: Placed): string | undefined {
  const text = textOf(item, 'name');
  return text === undefined ? undefined : `"${text.slice(0, 60)}"`;
}

function entries(root: Placed, key: string): readonly Entry[] {
  const value = fieldOf(root, key);
  return value?.kind === 'map' ? value.entries : [];
}

function readGroup({ key, keyAt, value }: Entry, findings: Findings): Group & { at: number } {
  const members = textsOf(fieldOf(value, 'members'));
  const spares = textsOf(fieldOf(value, 'spares'));
  const policy = (textOf(value, 'policy') ?? 'n-way') as Group['policy'];
  const prefer = (textOf(value, 'prefer') ?? 'order') as Group['prefer'];
  const capacity = Number(textOf(value, 'capacity') ?? 1);
  const wrong = (field: string, message: string) =>
    findings.error('GROUP', entryOf(value, field)?.value.at ?? keyAt, `groups.${key}: ${message}`);
  const twice = [...members, ...spares].find((one, i, all) => all.indexOf(one) !== i);
  if (twice !== undefined) wrong(spares.includes(twice) ? 'spares' : 'members', `${twice} is named twice`);
  if (policy === '2n' && (members.length !== 1 || spares.length !== 1)) {
    wrong('policy', `2n is one member and one spare, and there are ${members.length} and ${spares.length}`);
  }
  if (policy === 'n+1' && spares.length !== 1) {
    wrong(
      'policy',
      `n+1 is one spare, and there are ${spares.length}${spares.length > 1 ? '; did you mean "n+m"?' : ''}`,
    );
  }
  if (policy === 'n+m' && spares.length < 1) wrong('policy', 'n+m needs spares, and there are none');
  if (policy === 'n-way' && spares.length > 0) wrong('policy', 'n-way has no spares; did you mean "n+1" or "n+m"?');
  return { name: key, members, spares, policy, prefer, capacity, at: keyAt };
}

function readCommand({ key, keyAt, value }: Entry, findings: Findings): Command & { at: number } {
  const run = textsOf(fieldOf(value, 'run'));
  const [path] = run;
  if (path !== undefined && !/^\/[^\0]+$/.test(path)) {
    const at = itemsOf(fieldOf(value, 'run'))[0]?.at ?? keyAt;
    findings.error('ACTION', at, `commands.${key}: "${path}" must be an absolute path; no shell looks for it`);
  }
  const user = textOf(value, 'user');
  const timeoutMs = parseDuration(textOf(value, 'timeout') ?? '5s') ?? 0;
  return { name: key, run, timeoutMs, ...(user === undefined ? {} : { user }), at: keyAt };
}

export const RULE_FIELDS = Object.keys(ruleFields);
