import { readFileSync } from 'node:fs';
import { clusterFileJsonSchema, clusterFilePage } from './dist/cluster-page.js';

const example = () => readFileSync(new URL('../../examples/chassis.yaml', import.meta.url), 'utf8');

export const generated = [
  { path: 'docs/cluster-file.schema.json', make: () => clusterFileJsonSchema() },
  { path: 'docs/man/softset-cluster.5.md', make: () => clusterFilePage(example()) },
];
