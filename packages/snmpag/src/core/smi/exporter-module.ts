import { formatOid, type Oid } from '../oid.js';
import type { ModuleDef, ObjectDef, TableDef } from './model.js';

/**
 * A module for Prometheus's snmp_exporter (0.20 and later), as its generator would make it: what is walked, and what
 * metric each object becomes. Numbers are gauges or counters, states are told by name, ages are in hundredths of a second.
 */
export function exporterModule(module: ModuleDef, name: string): string {
  const groups = module.groups.filter(({ scalars, tables }) =>
    [...Object.values(scalars), ...tables.flatMap(({ columns }) => Object.values(columns))].some(readable),
  );
  const metrics = groups.flatMap((group) => {
    const base = [...module.base, group.id];
    return [
      ...Object.entries(group.scalars).flatMap(([object, definition]) =>
        readable(definition) ? [metric(object, [...base, definition.id], definition, [])] : [],
      ),
      ...group.tables.flatMap((table) => tableMetrics(table, [...base, table.id, 1], groups)),
    ];
  });
  return `# Made by \`npm run generate\` from ${module.name}. In snmp.yml of snmp_exporter; the scrape asks for module=${name}.
modules:
  ${name}:
    walk:
${groups.map(({ id }) => `      - ${formatOid([...module.base, id])}`).join('\n')}
    metrics:
${metrics.join('\n')}
`;
}

const readable = ({ access }: ObjectDef): boolean => access === 'read-only' || access === 'read-write';

function tableMetrics(table: TableDef, entry: Oid, groups: ModuleDef['groups']): string[] {
  const columns = groups.flatMap(({ tables }) => tables).flatMap((one) => Object.entries(one.columns));
  const last = table.index.at(-1);
  const indexes = table.index.flatMap((label) => {
    const syntax = columns.find(([name]) => name === label)?.[1].syntax;
    if (syntax === undefined) return [];
    const text = syntax.kind === 'text';
    const implied = text && label === last && label in table.columns;
    return [
      `          - labelname: ${label}\n            type: ${text ? 'DisplayString' : 'gauge'}${implied ? '\n            implied: true' : ''}`,
    ];
  });
  return Object.entries(table.columns).flatMap(([object, definition]) =>
    readable(definition) ? [metric(object, [...entry, definition.id], definition, indexes)] : [],
  );
}

function metric(name: string, oid: Oid, { syntax, description }: ObjectDef, indexes: readonly string[]): string {
  const lines = [
    `      - name: ${name}`,
    `        oid: ${formatOid(oid)}`,
    `        type: ${typeOf(syntax.kind)}`,
    `        help: ${JSON.stringify(description)}`,
  ];
  if (indexes.length > 0) lines.push('        indexes:', ...indexes);
  if (syntax.kind === 'enum' || syntax.kind === 'bits') {
    lines.push('        enum_values:');
    for (const [label, number] of Object.entries(syntax.values)) lines.push(`          ${number}: ${label}`);
  }
  if (syntax.kind === 'truth') lines.push('        enum_values:', '          1: "true"', '          2: "false"');
  return lines.join('\n');
}

function typeOf(kind: ObjectDef['syntax']['kind']): string {
  switch (kind) {
    case 'text':
      return 'DisplayString';
    case 'enum':
    case 'truth':
      return 'EnumAsStateSet';
    case 'bits':
      return 'Bits';
    case 'date':
      return 'DateAndTime';
    case 'counter':
      return 'counter';
    case 'number':
    case 'gauge':
    case 'ticks':
      return 'gauge';
  }
}
