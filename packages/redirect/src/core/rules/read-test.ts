import { fieldOf, textOf, textsOf } from './check-shape.js';
import { boardsAndNone, type Names, resolveFact } from './fact-path.js';
import type { FactValue } from './facts.js';
import type { Entry, Findings, Placed } from './placed.js';
import type { RuleTest } from './rule-set.js';
import { didYouMean } from './suggest.js';
import { parseDuration } from './words.js';

/** A test of the file: its facts are checked like those of a condition, so that a story cannot tell nonsense. */
export function readTest(node: Placed, file: number, names: Names, findings: Findings): RuleTest | undefined {
  const before = findings.list.length;
  const facts = timed(fieldOf(node, 'facts')).map(({ atMs, entry }) => {
    const set = new Map<string, FactValue | undefined>();
    if (entry.value.kind === 'map') {
      for (const one of entry.value.entries) {
        const value = readFact(one, names, findings);
        if (value !== undefined) set.set(one.key, value.value);
      }
    }
    return { atMs, set };
  });
  const expect = timed(fieldOf(node, 'expect')).map(({ atMs, entry }) => ({
    atMs,
    at: entry.keyAt,
    actions: textsOf(entry.value),
  }));
  if (findings.list.length > before) return undefined;
  const name = textOf(node, 'name') ?? '';
  const at = fieldOf(node, 'name')?.at ?? node.at;
  return { name, file, at, facts, expect, fail: textsOf(fieldOf(node, 'fail')) };
}

function timed(node: Placed | undefined): readonly { readonly atMs: number; readonly entry: Entry }[] {
  if (node?.kind !== 'map') return [];
  return node.entries.map((entry) => ({ atMs: parseDuration(entry.key) ?? 0, entry })).sort((a, b) => a.atMs - b.atMs);
}

/** A value in a box, since `unknown` is one. */
function readFact(entry: Entry, names: Names, findings: Findings): { value: FactValue | undefined } | undefined {
  const kind = resolveFact({ text: entry.key, at: entry.keyAt }, { ...names, variables: {} }, findings);
  const { value: node } = entry;
  if (kind === undefined || node.kind !== 'scalar' || node.value === null) return undefined;
  const { value, text, at } = node;
  if (text === 'unknown') return { value: undefined };
  const wrong = (what: string): undefined => findings.error('VALUE_UNKNOWN', at, `${entry.key} ${what}, not "${text}"`);
  switch (kind.type) {
    case 'any':
      return { value };
    case 'number':
      return typeof value === 'number' ? { value } : wrong('is a number');
    case 'boolean':
      return typeof value === 'boolean' ? { value } : wrong('is true or false');
    case 'text': {
      const known = kind.board === true ? boardsAndNone(names) : kind.values;
      if (known === undefined || known.includes(text)) return { value: text };
      return findings.error('VALUE_UNKNOWN', at, `${entry.key} is never "${text}"${didYouMean(text, known)}`);
    }
  }
}
