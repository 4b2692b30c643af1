import type { Shape } from '@softset/protocol/rules-shape.js';
import type { Entry, Findings, Placed } from './placed.js';
import { didYouMean } from './suggest.js';
import { DURATION_MS_MAX, parseDuration, parseLimit, showDuration } from './words.js';

/**
 * Whether a value has the shape that the protocol declares: fields, types, ranges, and how its texts are written.
 * Conditions and actions have readers of their own, and names are looked up later. True where nothing was found wrong.
 */
export function checkShape(node: Placed, shape: Shape, path: string, findings: Findings): boolean {
  const wrong = (message: string): false => {
    findings.error('TYPE', node.at, `${path}: ${message}`);
    return false;
  };
  switch (shape.kind) {
    case 'condition':
    case 'actions':
      return true;
    case 'scalar':
      return (node.kind === 'scalar' && node.value !== null) || wrong(`a value is needed, not ${called(node)}`);
    case 'number': {
      if (node.kind !== 'scalar' || typeof node.value !== 'number')
        return wrong(`a number is needed, not ${called(node)}`);
      if (Number.isInteger(node.value) && node.value >= shape.min && node.value <= shape.max) return true;
      const range =
        shape.min === shape.max ? `must be ${shape.min}` : `must be a whole number from ${shape.min} to ${shape.max}`;
      findings.error('RANGE', node.at, `${path}: ${range}, not ${node.text}`);
      return false;
    }
    case 'text':
      return checkText(node, shape, path, findings);
    case 'list': {
      if (node.kind !== 'list') return wrong(`a list is needed, not ${called(node)}`);
      const { length } = node.items;
      if (length < shape.min || length > shape.max) {
        findings.error('RANGE', node.at, `${path}: ${length} entries; ${shape.min} to ${shape.max} are allowed`);
        return false;
      }
      return node.items.map((item, i) => checkShape(item, shape.of, `${path}[${i}]`, findings)).every(Boolean);
    }
    case 'names': {
      if (node.kind !== 'map') return wrong(`a map is needed, not ${called(node)}`);
      const { length } = node.entries;
      if (length < shape.min || length > shape.max) {
        findings.error('RANGE', node.at, `${path}: ${length} entries; ${shape.min} to ${shape.max} are allowed`);
        return false;
      }
      return node.entries
        .map((entry) => {
          const key: Placed = {
            kind: 'scalar',
            at: entry.keyAt,
            inside: entry.keyAt,
            text: entry.key,
            value: entry.key,
          };
          const good = checkShape(key, { kind: 'text', syntax: shape.keys }, path === '' ? entry.key : path, findings);
          return checkShape(entry.value, shape.of, join(path, entry.key), findings) && good;
        })
        .every(Boolean);
    }
    case 'map': {
      if (node.kind !== 'map') return wrong(`a map is needed, not ${called(node)}`);
      return checkFields(node, shape.fields, path, findings);
    }
  }
}

type Fields = Extract<Shape, { kind: 'map' }>['fields'];

function checkFields(
  node: Extract<Placed, { kind: 'map' }>,
  fields: Fields,
  path: string,
  findings: Findings,
): boolean {
  const before = findings.list.length;
  for (const { key, keyAt, value } of node.entries) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field !== undefined) checkShape(value, field.shape, join(path, key), findings);
    else {
      const hint = didYouMean(key, Object.keys(fields));
      findings.error('FIELD_UNKNOWN', keyAt, `${path === '' ? '' : `${path}: `}unknown field "${key}"${hint}`);
    }
  }
  for (const [key, field] of Object.entries(fields)) {
    if (field.required !== true || node.entries.some((entry) => entry.key === key)) continue;
    findings.error(
      'FIELD_MISSING',
      node.at,
      `${path === '' ? '' : `${path}: `}"${key}" is missing: ${lower(field.meaning)}`,
    );
  }
  return findings.list.length === before;
}

const lower = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

function checkText(node: Placed, shape: Extract<Shape, { kind: 'text' }>, path: string, findings: Findings): boolean {
  const { syntax, values } = shape;
  const wrong = (code: Parameters<Findings['error']>[0], message: string): false => {
    findings.error(code, node.at, `${path}: ${message}`);
    return false;
  };
  if (node.kind !== 'scalar' || node.value === null) return wrong('TYPE', `a text is needed, not ${called(node)}`);
  const { text } = node;
  if (values !== undefined) {
    return values.includes(text) || wrong('VALUE_UNKNOWN', `"${text}" is not allowed${didYouMean(text, values)}`);
  }
  switch (syntax) {
    case 'duration': {
      if (parseDuration(text) !== undefined) return true;
      const number = /^\d+$/.test(text) ? `; did you mean "${text}ms" or "${text}s"?` : '';
      const most = `at most ${showDuration(DURATION_MS_MAX)}`;
      return wrong('DURATION', `"${text}" is no time; a number with ms, s, m, h or d, ${most}, such as 300ms${number}`);
    }
    case 'limit':
      return parseLimit(text) !== undefined || wrong('LIMIT', `"${text}" is no limit; write "3 per 10m", or none`);
    case 'name': {
      if (/^[a-z][a-z0-9_-]{0,31}$/.test(text)) return true;
      return wrong('TYPE', `"${text}" is no name: 1 to 32 of a-z, 0-9, - and _, beginning with a letter`);
    }
    default: {
      if (text.trim() !== '' && text.length <= TEXT_MAX) return true;
      return wrong('RANGE', text.trim() === '' ? 'must not be empty' : `is longer than ${TEXT_MAX} characters`);
    }
  }
}

const TEXT_MAX = 500;

export function called(node: Placed): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  if (node.value === null) return 'nothing';
  return typeof node.value === 'string' ? `"${node.text}"` : node.text;
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

export function entryOf(node: Placed | undefined, key: string): Entry | undefined {
  return node?.kind === 'map' ? node.entries.find((entry) => entry.key === key) : undefined;
}

export function fieldOf(node: Placed | undefined, key: string): Placed | undefined {
  return entryOf(node, key)?.value;
}

/** The text of a scalar field, where it is there. */
export function textOf(node: Placed | undefined, key: string): string | undefined {
  const value = fieldOf(node, key);
  return value?.kind === 'scalar' && value.value !== null ? value.text : undefined;
}

export function itemsOf(node: Placed | undefined): readonly Placed[] {
  return node?.kind === 'list' ? node.items : [];
}

export function textsOf(node: Placed | undefined): readonly string[] {
  return itemsOf(node).flatMap((item) => (item.kind === 'scalar' ? [item.text] : []));
}
