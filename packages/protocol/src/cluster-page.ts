import { z } from 'zod';
import { clusterFileSchema } from './cluster-schema.js';

/** The part of JSON Schema (draft 2020-12) that zod writes for the cluster file. */
interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** JSON Schema of the cluster file as an operator writes it: for editors, and for checks in other languages. */
export function clusterFileJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(clusterFileSchema, { io: 'input' }), null, 2)}\n`;
}

/** `softset-cluster(5)`: every field with its meaning, what it may be and its default, and an example that is good. */
export function clusterFilePage(example: string): string {
  const root = JSON.parse(clusterFileJsonSchema()) as Node;
  return `# softset-cluster(5)

## Name

the SOFTSET cluster file: boards, networks, services and programs of one cluster, the same on every board

## Description

YAML. An unknown field is refused by name, and so is everything that does not fit together, each with file, line and
field; nothing of a file that is refused is used. \`netrackd --check-config\` checks it and leaves. Names are 1 to 32 of
\`a-z\`, \`0-9\` and \`-\`, beginning with a letter. Times are in ms. A copy that differs on one board is alarmed
(\`CONFIG_DIFFERS\`): comments count. Where a configuration was rolled out (softset(1), \`config\`), its copy in the state
directory runs in place of this file.

Checked beyond single fields: ids and addresses are unique; private addresses lie in their networks; \`proofMs\` is at
least three intervals and \`leaseMs\` four proofs; two votes need a third or \`splitBrain: accepted\`; who votes has a disk;
every board and program that is named is there; every program is run by somebody; a probe has one kind; no program waits
for itself, and what one requires runs wherever it does; a reboot has a board failover below it.

## Fields

| field | what it may be | default | meaning |
| --- | --- | --- | --- |
${rows(root, '').join('\n')}

## Example

\`\`\`yaml
${example.trim()}
\`\`\`

## See also

netrackd(8), netrack-pulse(8), psrmd(8), redirectd(8), geodhcpd(8), softset(1). The same as JSON Schema: \`cluster-file.schema.json\`.
`;
}

/** The rows of the fields below `under`, such as `programs.NAME.`, without that: for the page of the daemon that reads them. */
export function fieldRows(under: string): readonly string[] {
  const root = JSON.parse(clusterFileJsonSchema()) as Node;
  const begin = `| \`${under}`;
  return rows(root, '').flatMap((line) => (line.startsWith(begin) ? [`| \`${line.slice(begin.length)}`] : []));
}

/** One row for each field, depth first, in the order of the schema. NAME stands for a key of the operator's own. */
function rows(node: Node, path: string): string[] {
  const inner = Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [row(child, at, node.required?.includes(key) === true), ...rows(child, at)];
  });
  const { additionalProperties, items } = node;
  // A map of plain values, such as environment variables, is told whole by its own row.
  if (typeof additionalProperties === 'object' && additionalProperties.properties) {
    inner.push(...rows(additionalProperties, `${path}.NAME`));
  }
  if (items?.properties) inner.push(...rows(items, `${path}[]`));
  return inner;
}

function row(node: Node, path: string, required: boolean): string {
  const fallback = required ? 'required' : node.default === undefined ? 'none' : code(node.default);
  const meaning =
    node.description ??
    (typeof node.additionalProperties === 'object' ? (node.additionalProperties.description ?? '') : '');
  return `| \`${path}\` | ${allowed(node)} | ${fallback} | ${meaning} |`;
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function allowed(node: Node): string {
  if (node.const !== undefined) return code(node.const);
  if (node.anyOf) return node.anyOf.map(allowed).join(' or ');
  if (node.enum) return node.enum.map(code).join(', ');
  if (node.type === 'array') {
    const length =
      node.minItems || node.maxItems
        ? `, ${node.minItems ?? 0}${node.maxItems ? ` to ${node.maxItems}` : ' or more'}`
        : '';
    return `list of ${node.items ? allowed(node.items) : 'anything'}${length}`;
  }
  if (node.type === 'object') return node.properties ? 'map' : 'map of names';
  // zod bounds every integer by what a double can count to: that is no limit of ours.
  if (node.minimum !== undefined && node.maximum !== undefined && node.maximum < Number.MAX_SAFE_INTEGER)
    return `${node.type} ${node.minimum} to ${node.maximum}`;
  if (node.minimum !== undefined) return `${node.type} from ${node.minimum}`;
  return node.type ?? 'anything';
}
