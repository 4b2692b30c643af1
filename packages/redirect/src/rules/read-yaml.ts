import { TEXT_BYTES_MAX } from '@softset/protocol/rules-shape.js';
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, Scalar } from 'yaml';
import type { Source } from '../core/rules/compile.js';
import { type Entry, Findings, type Placed } from '../core/rules/placed.js';
import { sha256 } from './revision.js';

/** Values in one file, and how deep they lie; more is refused before anything walks them. */
const NODES_MAX = 200_000;
const DEPTH_MAX = 32;

export interface ReadSource extends Source {
  /** Line and column of an offset, from 1. */
  readonly place: (at: number) => { readonly line: number; readonly column: number };
}

/** One with which all files of a set are larger than they may be together: it is not even read. */
export function tooLarge(name: string, text: string, index: number): ReadSource {
  const findings = new Findings(index);
  const most = `${TEXT_BYTES_MAX / 1024} KiB`;
  findings.error('TOO_LARGE', 0, `with this file all are larger than ${most}: a scope makes many rules of one`);
  const place = () => ({ line: 1, column: 1 });
  return { name, revision: sha256(text).slice(0, 12), root: undefined, findings: findings.list, place };
}

/** Reads a rules file's text. Never throws: whatever is wrong is a finding with its offset. */
export function readYaml(name: string, text: string, index: number): ReadSource {
  const findings = new Findings(index);
  const lines = new LineCounter();
  lines.addNewLine(0);
  const place = (at: number) => {
    const { line, col } = lines.linePos(Math.max(0, at));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const source = (root: Placed | undefined): ReadSource => {
    return { name, revision: sha256(text).slice(0, 12), root, findings: findings.list, place };
  };
  const counter = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: counter,
      uniqueKeys: false,
      logLevel: 'silent',
      prettyErrors: false,
    });
    lines.lineStarts.splice(0, lines.lineStarts.length, ...counter.lineStarts);
    for (const error of document.errors) findings.error('YAML', error.pos[0], firstSentence(error.message));
    if (document.errors.length > 0) return source(undefined);
    if (document.contents === null) {
      findings.error('FIELD_MISSING', 0, 'the file is empty; it begins with "version: 1"');
      return source(undefined);
    }
    return source(new Walk(findings).node(document.contents as Node, 0));
  } catch (error) {
    // The parser's own limits are exceptions.
    findings.error('YAML', 0, error instanceof Error ? firstSentence(error.message) : String(error));
    return source(undefined);
  }
}

function firstSentence(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

class Walk {
  readonly #findings: Findings;
  #nodes = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  node(node: Node | null, at: number, depth = 0): Placed {
    const start = node?.range?.[0] ?? at;
    const nothing: Placed = { kind: 'scalar', at: start, inside: start, text: '', value: null };
    if (++this.#nodes > NODES_MAX || depth > DEPTH_MAX) {
      const what = depth > DEPTH_MAX ? `nested deeper than ${DEPTH_MAX}` : `more than ${NODES_MAX} values`;
      if (this.#nodes <= NODES_MAX + 1) this.#findings.error('TOO_LARGE', start, what);
      return nothing;
    }
    if (isAlias(node)) {
      this.#findings.error(
        'YAML',
        start,
        `"*${node.source}": aliases are not used in rules files; a scope or a group says it once`,
      );
      return nothing;
    }
    if (isMap(node)) {
      const entries = node.items.map((pair) => this.#entry(pair.key, pair.value as Node | null, start, depth));
      this.#twice(entries);
      return { kind: 'map', at: start, entries };
    }
    if (isSeq(node)) {
      return {
        kind: 'list',
        at: start,
        items: node.items.map((item) => this.node(item as Node | null, start, depth + 1)),
      };
    }
    if (!isScalar(node)) return nothing;
    return this.#scalar(node, start);
  }

  #scalar(node: Scalar, at: number): Placed {
    const quoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE;
    const { value } = node;
    const plain = typeof value === 'number' || typeof value === 'boolean' || value === null ? value : String(value);
    // A number is kept as it is written: an OID or an index must not become 1e+21.
    const text = value === null ? '' : typeof value === 'string' ? value : (node.source ?? String(value));
    return { kind: 'scalar', at, inside: quoted ? at + 1 : at, text, value: plain };
  }

  #entry(key: unknown, value: Node | null, start: number, depth: number): Entry {
    const keyNode = key as Node | null;
    const keyAt = keyNode?.range?.[0] ?? start;
    const text = isScalar(keyNode) ? String(keyNode.source ?? keyNode.value) : undefined;
    if (text === undefined) this.#findings.error('YAML', keyAt, 'a name is needed before the colon');
    return { key: text ?? '?', keyAt, value: this.node(value, keyAt + (text?.length ?? 0), depth + 1) };
  }

  #twice(entries: readonly Entry[]): void {
    const seen = new Set<string>();
    for (const { key, keyAt } of entries) {
      if (seen.has(key)) this.#findings.error('FIELD_TWICE', keyAt, `"${key}" is there twice`);
      seen.add(key);
    }
  }
}
