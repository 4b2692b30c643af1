import { NATIVE_ACTIONS } from '@softset/protocol/rules-actions.js';
import { INSTANCES_MAX, RULES_MAX } from '@softset/protocol/rules-shape.js';
import { fieldOf, textOf } from './check-shape.js';
import { readCondition } from './condition.js';
import { checkName, type Names, resolveFact } from './fact-path.js';
import { type Leaf, leavesOf, sourceOf, type Window } from './facts.js';
import { type Finding, Findings, type Placed, type Word } from './placed.js';
import { type ActionContext, readActions, type Step } from './read-actions.js';
import { type Command, type FileParts, type OnLimit, type OnUnknown, readFileParts } from './read-file.js';
import { readTest } from './read-test.js';
import type { Instance, Rule, RuleFileInfo, RuleSet, RuleTest } from './rule-set.js';
import { type Group, instancesOf, readScope, type Scope, scopeVariables } from './scope.js';
import { didYouMean } from './suggest.js';
import { checkVariables, fill, variablesOf } from './template.js';
import { parseDuration, parseLimit } from './words.js';
import { NO_WORLD, type World } from './world.js';

export interface Source extends RuleFileInfo {
  /** Undefined where its YAML is broken: `findings` says how. */
  readonly root: Placed | undefined;
  readonly findings: readonly Finding[];
}

export interface Compiled {
  readonly set: RuleSet;
  readonly findings: readonly Finding[];
}

/**
 * Makes one set of all files: groups and commands of one are known in the others, names of rules are unique in all.
 * Where there are errors the set holds what was right, and nobody must use it.
 */
export function compile(
  sources: readonly Source[],
  cluster: World | undefined,
  native: ReadonlySet<string> = NATIVE_ACTIONS,
): Compiled {
  const notes = sources.map((_, index) => new Findings(index));
  const parts = sources.map(({ root }, i) => readFileParts(root ?? EMPTY, notes[i] ?? new Findings(i)));
  const groups = new Map<string, Group>();
  const commands = new Map<string, Command>();
  parts.forEach((part, file) => {
    for (const group of part.groups) claim(groups, group.name, group, 'group', notes[file], group.at);
    for (const command of part.commands) claim(commands, command.name, command, 'command', notes[file], command.at);
  });
  const world = cluster ?? worldOfGroups(groups);
  const names: Names = { world, groups: [...groups.keys()], variables: {} };
  if (cluster !== undefined) checkGroups(parts, cluster, names, notes);

  const rules: Rule[] = [];
  const tests: RuleTest[] = [];
  const taken = new Map<string, Rule>();
  const count = parts.reduce((sum, part) => sum + part.rules.length, 0);
  if (count > RULES_MAX) {
    notes[0]?.error('TOO_LARGE', 0, `${count} rules in all files; at most ${RULES_MAX}: a scope makes many of one`);
  } else {
    parts.forEach((part, file) => {
      const findings = notes[file] ?? new Findings(file);
      for (const node of part.rules) {
        const rule = readRule(node, rules.length, file, part.defaults, names, [...commands.keys()], native, findings);
        if (rule === undefined) continue;
        const twin = taken.get(rule.name);
        if (twin !== undefined) {
          const where = twin.file === file ? '' : ` in ${sources[twin.file]?.name}`;
          findings.error('NAME_TWICE', rule.at, `a rule "${rule.name}" is there already${where}`);
        }
        taken.set(rule.name, rule);
        rules.push(rule);
      }
      for (const node of part.tests) {
        const test = readTest(node, file, names, findings);
        if (test !== undefined) tests.push(test);
      }
    });
  }
  const instances = makeInstances(rules, names, groups, notes);
  const files = sources.map(({ name, revision }) => ({ name, revision }));
  const set = { files, world, groups, commands, rules, instances, tests, ...indexes(instances) };
  const findings = [...sources.flatMap((source) => source.findings), ...notes.flatMap((one) => one.list)];
  return { set, findings };
}

const EMPTY: Placed = { kind: 'map', at: 0, entries: [{ key: 'version', keyAt: 0, value: scalar(1) }] };
function scalar(value: number): Placed {
  return { kind: 'scalar', at: 0, inside: 0, text: String(value), value };
}

function claim<T>(all: Map<string, T>, name: string, one: T, what: string, findings: Findings | undefined, at: number) {
  if (all.has(name)) findings?.error('NAME_TWICE', at, `a ${what} "${name}" is there already`);
  all.set(name, one);
}

function worldOfGroups(groups: ReadonlyMap<string, Group>): World {
  const boards = [...groups.values()].flatMap((group) => [...group.members, ...group.spares]);
  return { ...NO_WORLD, boards: [...new Set(boards)] };
}

function checkGroups(parts: readonly FileParts[], cluster: World, names: Names, notes: readonly Findings[]): void {
  parts.forEach((part, file) => {
    for (const group of part.groups) {
      for (const board of [...group.members, ...group.spares]) {
        if (cluster.boards.includes(board)) continue;
        notes[file]?.error(
          'NAME_UNKNOWN',
          group.at,
          `groups.${group.name}: no board "${board}"${didYouMean(board, names.world.boards)}`,
        );
      }
    }
  });
}

function readRule(
  node: Placed,
  index: number,
  file: number,
  defaults: FileParts['defaults'],
  base: Names,
  commands: readonly string[],
  native: ReadonlySet<string>,
  findings: Findings,
): Rule | undefined {
  const name = textOf(node, 'name') ?? '';
  const scopeWord = wordOf(node, 'scope');
  const scope: Scope | undefined = scopeWord === undefined ? { kind: 'one' } : readScope(scopeWord, base, findings);
  if (scope === undefined) return undefined;
  const names: Names = { ...base, variables: scopeVariables(scope) };
  const whenNode = fieldOf(node, 'when');
  const when = whenNode && readCondition(whenNode, names, findings);
  const key = wordOf(node, 'key');
  if (key !== undefined) checkVariables(key, Object.keys(names.variables), findings);
  const context: ActionContext = { names, commands, native, rule: name, object: objectOf(scope, name) };
  const steps = (field: string): readonly Step[] => {
    const list = fieldOf(node, field);
    return list === undefined ? [] : readActions(list, field, context, findings);
  };
  const [does, otherwise, onClear] = [steps('do'), steps('else'), steps('on_clear')];
  if (when === undefined) return undefined;
  const onLimit = (textOf(node, 'on_limit') as OnLimit | undefined) ?? defaults.onLimit;
  if (onLimit === 'else' && otherwise.length === 0) {
    findings.error('ACTION', fieldOf(node, 'on_limit')?.at ?? node.at, 'on_limit: else, and the rule has no else:');
  }
  return {
    index,
    name,
    file,
    at: fieldOf(node, 'name')?.at ?? node.at,
    scope,
    when,
    forMs: parseDuration(textOf(node, 'for') ?? '') ?? 0,
    clearAfterMs: parseDuration(textOf(node, 'clear_after') ?? '') ?? defaults.clearAfterMs,
    unknown: (textOf(node, 'unknown') as OnUnknown | undefined) ?? defaults.unknown,
    priority: Number(textOf(node, 'priority') ?? 0),
    ...(key === undefined ? {} : { key: key.text }),
    limit: parseLimit(textOf(node, 'limit') ?? '') ?? defaults.limit,
    onLimit,
    do: does,
    else: otherwise,
    onClear,
  };
}

function wordOf(node: Placed, key: string): Word | undefined {
  const value = fieldOf(node, key);
  return value?.kind === 'scalar' ? { text: value.text, at: value.inside } : undefined;
}

/** What an alarm of such a rule is about. */
function objectOf(scope: Scope, name: string): string {
  switch (scope.kind) {
    case 'board':
      return 'board/$board';
    case 'service':
      return 'service/$service';
    case 'program':
      return 'program/$program';
    case 'one':
      return `rule/${name.replaceAll(/[^A-Za-z0-9_.-]+/g, '-')}`;
  }
}

function makeInstances(
  rules: readonly Rule[],
  names: Names,
  groups: ReadonlyMap<string, Group>,
  notes: readonly Findings[],
): readonly Instance[] {
  const instances: Instance[] = [];
  for (const rule of rules) {
    const findings = notes[rule.file];
    const made = instancesOf(rule.scope, names, groups);
    if (instances.length + made.length > INSTANCES_MAX) {
      findings?.error('TOO_LARGE', rule.at, `with this rule there are more than ${INSTANCES_MAX} instances`);
      return instances;
    }
    // Without a cluster file nobody knows which boards, services and programs there are.
    if (made.length === 0 && names.world.whole) {
      findings?.warn('NEVER_FIRES', rule.at, `rule "${rule.name}" can never fire: its scope is empty`);
    }
    const leaves = leavesOf(rule.when);
    for (const { label, bindings } of made) {
      const own = leaves.map(
        (leaf): Leaf => ({
          ...leaf,
          fact: fill(leaf.fact, bindings),
          values: leaf.values.map((value) => (typeof value === 'string' ? fill(value, bindings) : value)),
        }),
      );
      if (findings !== undefined) checkComposed(rule, leaves, own, bindings, names, findings);
      instances.push({
        index: instances.length,
        rule: rule.index,
        id: label === '' ? rule.name : `${rule.name} [${label}]`,
        bindings,
        ...(rule.key === undefined ? {} : { key: fill(rule.key, bindings) }),
        leaves: own,
        sources: own.map((leaf) => sourceOf(leaf.fact, leaf.window)),
      });
    }
  }
  return instances;
}

/** Names that are put together of a text and a variable (`media-$board`) can only be looked up here. */
function checkComposed(
  rule: Rule,
  raw: readonly Leaf[],
  filled: readonly Leaf[],
  bindings: Instance['bindings'],
  names: Names,
  findings: Findings,
): void {
  const known: Names = { ...names, variables: {} };
  raw.forEach((leaf, i) => {
    const composed = leaf.fact.split('.').some((part) => part.includes('$') && !/^\$\{?[a-z0-9_]+\}?$/.test(part));
    const text = filled[i]?.fact ?? leaf.fact;
    if (composed) resolveFact({ text, at: rule.at }, known, findings);
  });
  const bound = Object.keys(bindings);
  for (const step of [...rule.do, ...rule.else, ...rule.onClear]) {
    if (step.kind !== 'act' || !('service' in step.action)) continue;
    const { service } = step.action;
    const variables = variablesOf(service).map((one) => one.name);
    if (variables.length === 0 || !variables.every((name) => bound.includes(name))) continue;
    checkName({ text: fill(service, bindings), at: step.at }, 'service', known, findings);
  }
}

function indexes(instances: readonly Instance[]): Pick<RuleSet, 'bySource' | 'windowsOf'> {
  const bySource = new Map<string, number[]>();
  const windowsOf = new Map<string, { source: string; window: Window }[]>();
  for (const instance of instances) {
    instance.sources.forEach((source, i) => {
      const asking = bySource.get(source);
      if (asking === undefined) bySource.set(source, [instance.index]);
      else if (asking.at(-1) !== instance.index) asking.push(instance.index);
      const leaf = instance.leaves[i];
      if (leaf?.window === undefined || asking !== undefined) return;
      const list = windowsOf.get(leaf.fact) ?? [];
      windowsOf.set(leaf.fact, [...list, { source, window: leaf.window }]);
    });
  }
  return { bySource, windowsOf };
}
