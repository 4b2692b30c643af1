import { ARC, type GroupDef, type ModuleDef, type ObjectDef, type TableDef } from './model.js';
import type { Syntax } from './syntax.js';

/** The module as SMIv2 (RFC 2578, 2579, 2580). */
export function moduleText(module: ModuleDef): string {
  const { name, identity } = module;
  return [
    `${name} DEFINITIONS ::= BEGIN`,
    imports(module),
    `${identity} MODULE-IDENTITY
    LAST-UPDATED "${module.lastUpdated}"
    ORGANIZATION "${module.organization}"
    CONTACT-INFO
${quoted(module.contact, 8)}
    DESCRIPTION
${quoted(module.description, 8)}
    REVISION "${module.lastUpdated}"
    DESCRIPTION
${quoted(module.revision, 8)}
    ::= { ${module.parent.label} ${module.base.at(-1)} }`,
    `${stemOf(module)}Notifications OBJECT IDENTIFIER ::= { ${identity} ${ARC.notifications} }
${module.groups.map((group) => `${group.name} OBJECT IDENTIFIER ::= { ${identity} ${group.id} }`).join('\n')}
${stemOf(module)}Conformance OBJECT IDENTIFIER ::= { ${identity} ${ARC.conformance} }`,
    ...module.groups.flatMap((group) => groupText(group)),
    ...notifications(module),
    ...conformance(module),
    'END\n',
  ].join('\n\n');
}

/** `softset` of `softsetMIB`. */
function stemOf({ identity }: ModuleDef): string {
  return identity.replace(/MIB$/, '');
}

function objects(module: ModuleDef): readonly (readonly [string, ObjectDef])[] {
  return module.groups.flatMap((group) => [
    ...Object.entries(group.scalars),
    ...group.tables.flatMap((table) => Object.entries(table.columns)),
  ]);
}

function imports(module: ModuleDef): string {
  const kinds = new Set(objects(module).map(([, { syntax }]) => syntax.kind));
  const conventions = [
    ...(kinds.has('text') ? ['DisplayString'] : []),
    ...(kinds.has('truth') ? ['TruthValue'] : []),
    ...(kinds.has('date') ? ['DateAndTime'] : []),
  ];
  const types = [
    ...(kinds.has('number') ? ['Unsigned32'] : []),
    ...(kinds.has('gauge') ? ['Gauge32'] : []),
    ...(kinds.has('counter') ? ['Counter32'] : []),
    ...(kinds.has('ticks') ? ['TimeTicks'] : []),
  ];
  return `IMPORTS
    MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE,
    ${types.join(', ')}
        FROM SNMPv2-SMI
    ${conventions.join(', ')}
        FROM SNMPv2-TC
    MODULE-COMPLIANCE, OBJECT-GROUP, NOTIFICATION-GROUP
        FROM SNMPv2-CONF
    ${module.parent.label}
        FROM ${module.parent.module};`;
}

function groupText(group: GroupDef): string[] {
  return [
    ...Object.entries(group.scalars).map(([name, object]) => objectText(name, object, group.name)),
    ...group.tables.flatMap((table) => tableText(table, group.name)),
  ];
}

function tableText({ stem, id, description, row, index, columns }: TableDef, group: string): string[] {
  const entry = `${stem}Entry`;
  const sequence = entry.replace(/^./, (first) => first.toUpperCase());
  const fields = Object.entries(columns).map(([name, { syntax }]) => `    ${name} ${bareType(syntax)}`);
  return [
    `${stem}Table OBJECT-TYPE
    SYNTAX SEQUENCE OF ${sequence}
    MAX-ACCESS not-accessible
    STATUS current
    DESCRIPTION
${quoted(description, 8)}
    ::= { ${group} ${id} }`,
    `${entry} OBJECT-TYPE
    SYNTAX ${sequence}
    MAX-ACCESS not-accessible
    STATUS current
    DESCRIPTION
${quoted(row, 8)}
    INDEX { ${index.map((name, i) => (implied(columns, name, i === index.length - 1) ? `IMPLIED ${name}` : name)).join(', ')} }
    ::= { ${stem}Table 1 }`,
    `${sequence} ::= SEQUENCE {
${fields.join(',\n')}
}`,
    ...Object.entries(columns).map(([name, object]) => objectText(name, object, entry)),
  ];
}

function implied(columns: TableDef['columns'], name: string, last: boolean): boolean {
  return last && columns[name]?.syntax.kind === 'text';
}

const ACCESS = {
  'read-only': 'read-only',
  'read-write': 'read-write',
  index: 'not-accessible',
  notify: 'accessible-for-notify',
} as const;

function objectText(name: string, { id, syntax, access, units, description }: ObjectDef, parent: string): string {
  return `${name} OBJECT-TYPE
    SYNTAX ${typeText(syntax, access === 'index')}
${units === undefined ? '' : `    UNITS "${units}"\n`}    MAX-ACCESS ${ACCESS[access]}
    STATUS current
    DESCRIPTION
${quoted(description, 8)}
    ::= { ${parent} ${id} }`;
}

/** Inside a SEQUENCE a type stands without its restrictions. */
function bareType(syntax: Syntax): string {
  switch (syntax.kind) {
    case 'text':
      return 'DisplayString';
    case 'enum':
      return 'INTEGER';
    case 'bits':
      return 'BITS';
    case 'number':
      return 'Unsigned32';
    case 'gauge':
      return 'Gauge32';
    case 'counter':
      return 'Counter32';
    case 'truth':
      return 'TruthValue';
    case 'ticks':
      return 'TimeTicks';
    case 'date':
      return 'DateAndTime';
  }
}

function typeText(syntax: Syntax, isIndex: boolean): string {
  switch (syntax.kind) {
    case 'text':
      return `DisplayString (SIZE (${isIndex ? 1 : 0}..${syntax.max}))`;
    case 'number':
      return `Unsigned32 (${syntax.min}..${syntax.max})`;
    case 'enum':
      return `INTEGER ${named(syntax.values)}`;
    case 'bits':
      return `BITS ${named(syntax.values)}`;
    case 'gauge':
    case 'counter':
    case 'truth':
    case 'ticks':
    case 'date':
      return bareType(syntax);
  }
}

function named(values: Readonly<Record<string, number>>): string {
  const lines = Object.entries(values).map(([label, number]) => `        ${smiLabel(label)}(${number})`);
  return `{\n${lines.join(',\n')}\n    }`;
}

/** Our words have dashes and capitals; SMIv2's labels have no dashes and begin with a small letter (RFC 2578 §7.1.1). */
export function smiLabel(word: string): string {
  const joined = word.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return joined.replace(/^./, (first) => first.toLowerCase());
}

function notifications(module: ModuleDef): string[] {
  return Object.entries(module.notifications).map(
    ([name, { id, objects: of, description }]) => `${name} NOTIFICATION-TYPE
    OBJECTS { ${of.join(', ')} }
    STATUS current
    DESCRIPTION
${quoted(description, 8)}
    ::= { ${stemOf(module)}Notifications ${id} }`,
  );
}

function conformance(module: ModuleDef): string[] {
  const stem = stemOf(module);
  const list = (names: readonly string[]): string => names.map((name) => `        ${name}`).join(',\n');
  const visible = (group: GroupDef): string[] =>
    [...Object.entries(group.scalars), ...group.tables.flatMap(({ columns }) => Object.entries(columns))].flatMap(
      ([name, { access }]) => (access === 'index' ? [] : [name]),
    );
  return [
    `${stem}Compliances OBJECT IDENTIFIER ::= { ${stem}Conformance 1 }
${stem}Groups OBJECT IDENTIFIER ::= { ${stem}Conformance 2 }`,
    `${stem}Compliance MODULE-COMPLIANCE
    STATUS current
    DESCRIPTION
${quoted('What an agent of this version has: all of it, read and written as it says.', 8)}
    MODULE
        MANDATORY-GROUPS {
${[...module.groups.map(({ name }) => `${name}Group`), `${stem}NotificationGroup`].map((name) => `            ${name}`).join(',\n')}
        }
    ::= { ${stem}Compliances 1 }`,
    ...module.groups.map(
      (group) => `${group.name}Group OBJECT-GROUP
    OBJECTS {
${list(visible(group))}
    }
    STATUS current
    DESCRIPTION
${quoted(group.description, 8)}
    ::= { ${stem}Groups ${group.id} }`,
    ),
    `${stem}NotificationGroup NOTIFICATION-GROUP
    NOTIFICATIONS {
${list(Object.keys(module.notifications))}
    }
    STATUS current
    DESCRIPTION
${quoted('What is told without being asked for.', 8)}
    ::= { ${stem}Groups ${ARC.conformance} }`,
  ];
}

const WIDTH = 78;

function quoted(text: string, indent: number): string {
  const pad = ' '.repeat(indent);
  const lines: string[] = [];
  let line = `${pad}"`;
  for (const word of text.replaceAll('"', "'").split(/\s+/)) {
    if (line.length + word.length + 1 > WIDTH && line.trim() !== '"') {
      lines.push(line);
      line = `${pad} ${word}`;
    } else line += line.endsWith('"') ? word : ` ${word}`;
  }
  return [...lines, `${line}"`].join('\n');
}
