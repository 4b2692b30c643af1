import { actionText } from '@softset/protocol/rules-actions.js';
import { leavesOf, sourceOf } from '../core/rules/facts.js';
import type { Rule, RuleSet } from '../core/rules/rule-set.js';
import { loadForTool } from './tool-check.js';
import type { ToolOptions } from './tool-options.js';
import { print, refuse } from './tool-say.js';

/** `graph`: which facts lead to which rules, and these to which actions; as text, or for Graphviz. */
export function graphVerb(options: ToolOptions): number {
  if (!['text', 'dot'].includes(options.format))
    return refuse({ code: 'USAGE', message: `--format ${options.format}: text or dot` });
  const loaded = loadForTool(options, options.paths);
  if (typeof loaded === 'number') return loaded;
  print(options.format === 'dot' ? dot(loaded.set) : text(loaded.set));
  return 0;
}

const factsIn = (rule: Rule): string[] => [
  ...new Set(leavesOf(rule.when).map((leaf) => sourceOf(leaf.fact, leaf.window))),
];

function actionsIn(rule: Rule): string[] {
  const branches = [
    ['', rule.do],
    ['else: ', rule.else],
    ['on_clear: ', rule.onClear],
  ] as const;
  return branches.flatMap(([before, steps]) =>
    steps.map((step) => {
      if (step.kind === 'choose') return `${before}$${step.as} = ${step.selector.kind} of ${step.selector.of}`;
      return `${before}${step.kind === 'act' ? actionText(step.action) : `move all of ${step.from} to ${step.to}`}`;
    }),
  );
}

function text(set: RuleSet): string {
  return set.rules
    .flatMap((rule) => {
      const count = set.instances.filter((one) => one.rule === rule.index).length;
      return [
        `${rule.name} (${count} ${count === 1 ? 'instance' : 'instances'})`,
        ...factsIn(rule).map((fact) => `  <- ${fact}`),
        ...actionsIn(rule).map((action) => `  -> ${action}`),
      ];
    })
    .join('\n');
}

function dot(set: RuleSet): string {
  const quote = (value: string): string => JSON.stringify(value);
  const lines = set.rules.flatMap((rule) => [
    `  ${quote(`rule ${rule.name}`)} [shape=box, label=${quote(rule.name)}];`,
    ...factsIn(rule).map((fact) => `  ${quote(fact)} -> ${quote(`rule ${rule.name}`)};`),
    ...actionsIn(rule).map((action) => `  ${quote(`rule ${rule.name}`)} -> ${quote(action)};`),
  ]);
  return ['digraph rules {', '  rankdir=LR;', ...lines, '}'].join('\n');
}
