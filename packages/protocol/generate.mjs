import { readFileSync } from 'node:fs';
import { withAlarmTable } from './dist/alarms.js';
import { clusterFileJsonSchema, clusterFilePage } from './dist/cluster-page.js';
import { rulesFileJsonSchema } from './dist/rules-json-schema.js';
import { rulesReference } from './dist/rules-page.js';

const example = () => readFileSync(new URL('../../examples/chassis.yaml', import.meta.url), 'utf8');

const rulesExample = () =>
  readFileSync(new URL('../../examples/failover-rules/n+1-media.yaml', import.meta.url), 'utf8');

const handbook = () => readFileSync(new URL('../../docs/man/softset-handbook.7.md', import.meta.url), 'utf8');

export const generated = [
  { path: 'docs/cluster-file.schema.json', make: () => clusterFileJsonSchema() },
  { path: 'docs/man/softset-cluster.5.md', make: () => clusterFilePage(example()) },
  // Its table of alarms alone: the rest is written by hand.
  { path: 'docs/man/softset-handbook.7.md', make: () => withAlarmTable(handbook()) },
  { path: 'docs/rules-file.schema.json', make: () => rulesFileJsonSchema() },
  { path: 'docs/rules-reference.md', make: () => rulesReference(rulesExample()) },
];
