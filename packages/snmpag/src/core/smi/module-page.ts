import { formatOid } from '../oid.js';
import { ARC, type GroupDef, type ModuleDef, type ObjectDef, type TableDef } from './model.js';
import { smiLabel } from './module-text.js';
import type { Syntax } from './syntax.js';

/** The MIB for people who read no SMIv2: every object with its OID, what it may be, and what it means. */
export function modulePage(module: ModuleDef): string {
  const { name, base, description, notifications } = module;
  return `# ${name}

${description}

Base: \`${formatOid(base)}\`. The module itself: [\`${name}.txt\`](${name}.txt). Both are made from the code of
\`packages/snmpag\`; \`npm run generate\` writes them.

${module.groups.map((group) => groupPage(group, base)).join('\n')}
## Notifications

| name | OID | objects | when |
| --- | --- | --- | --- |
${Object.entries(notifications)
  .map(
    ([notification, { id, objects, description: when }]) =>
      `| \`${notification}\` | \`${ARC.notifications}.${id}\` | ${objects.map((one) => `\`${one}\``).join(', ')} | ${when} |`,
  )
  .join('\n')}
`;
}

function groupPage(group: GroupDef, base: readonly number[]): string {
  const scalars = Object.entries(group.scalars);
  const oid = formatOid([...base, group.id]);
  return `## ${group.name} (\`${oid}\`)

${group.description}
${scalars.length > 0 ? `\n${head}\n${rows(scalars, (id) => `.${id}.0`)}\n` : ''}${group.tables.map((table) => tablePage(table)).join('')}`;
}

const head = '| object | OID | may be | access | meaning |\n| --- | --- | --- | --- | --- |';

function tablePage({ stem, id, description, index, columns }: TableDef): string {
  return `
### ${stem}Table

${description} Index: ${index.map((name) => `\`${name}\``).join(', ')}.

${head}
${rows(Object.entries(columns), (column) => `.${id}.1.${column}`)}
`;
}

function rows(objects: readonly (readonly [string, ObjectDef])[], oid: (id: number) => string): string {
  return objects
    .map(
      ([name, { id, syntax, access, units, description }]) =>
        `| \`${name}\` | \`${oid(id)}\` | ${allowed(syntax)}${units === undefined ? '' : `, ${units}`} | ${access} | ${description} |`,
    )
    .join('\n');
}

function allowed(syntax: Syntax): string {
  switch (syntax.kind) {
    case 'text':
      return `text, at most ${syntax.max}`;
    case 'enum':
    case 'bits':
      return Object.entries(syntax.values)
        .map(([label, number]) => `${smiLabel(label)}(${number})`)
        .join(' ');
    case 'number':
      return `${syntax.min} to ${syntax.max}`;
    case 'gauge':
      return 'a count';
    case 'counter':
      return 'a count that only grows';
    case 'truth':
      return 'true(1) false(2)';
    case 'ticks':
      return 'hundredths of a second';
    case 'date':
      return 'date and time, UTC';
  }
}
