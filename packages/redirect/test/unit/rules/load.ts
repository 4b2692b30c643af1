import { unwrap } from '@softset/base';
import type { Cluster } from '@softset/protocol';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { actionKinds } from '@softset/protocol/rules-actions.js';
import type { RuleSet } from '@softset/redirect/core/rules/rule-set.js';
import { type World, worldOf } from '@softset/redirect/core/rules/world.js';
import { loadRules, toldLine } from '@softset/redirect/rules/load.js';

export const cluster: Cluster = unwrap(
  parseClusterFile(
    `version: 1
cluster: { name: test, number: 1, keyFile: key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  cpu-1: { id: 1, A: 10.1.1.1, B: 20.1.1.1, vote: true }
  io-1: { id: 2, A: 10.1.1.2, B: 20.1.1.2 }
  io-2: { id: 3, A: 10.1.1.3, B: 20.1.1.3 }
  io-3: { id: 4, A: 10.1.1.4, B: 20.1.1.4 }
services:
  media-1: { addresses: [192.168.1.1/32], pool: [io-1, io-3], programs: [echo] }
  media-2: { addresses: [192.168.1.2/32], pool: [io-2, io-3] }
programs:
  echo: { command: [/bin/echo] }
`,
    'cluster.yaml',
  ),
);
export const world: World = worldOf(cluster);

/** Stories are told of all actions; which of them redirectd performs itself has tests of its own. */
export const everyAction: ReadonlySet<string> = new Set(Object.keys(actionKinds));

/** The set of one text; throws what is wrong with it. */
export function setOf(text: string, names: World | undefined = world): RuleSet {
  const { told, set } = loadRules([{ name: 'rules.yaml', text }], names, everyAction);
  if (set === undefined) throw new Error(told.map(toldLine).join('\n'));
  return set;
}

/** What is said of a text, one line each. */
export function said(text: string, names: World | undefined = world): readonly string[] {
  return loadRules([{ name: 'rules.yaml', text }], names, everyAction).told.map(toldLine);
}

/** A file with this rule. */
export function withRule(rule: string): string {
  const lines = rule.trim().split('\n');
  const body = lines.map((line, i) => (i === 0 ? `  - ${line}` : `    ${line}`)).join('\n');
  return `version: 1
groups:
  media: { members: [io-1, io-2], spares: [io-3], policy: n+1 }
commands:
  page: { run: [/usr/bin/page], timeout: 5s }
rules:
${body}
`;
}
