import { type FactKind, factKinds, faultKinds } from '@softset/protocol/rules-facts.js';
import type { Findings, Word } from './placed.js';
import { didYouMean } from './suggest.js';
import type { World } from './world.js';

/** Kinds of names that a variable or a part of a fact's name can stand for. */
export type NameKind = 'board' | 'service' | 'program' | 'network' | 'agent' | 'group';

export interface Names {
  readonly world: World;
  readonly groups: readonly string[];
  /** Variables in reach, and what each stands for. */
  readonly variables: Readonly<Record<string, NameKind>>;
}

const DAEMONS = ['netrackd', 'redirectd', 'psrmd'];

/** Known names of a kind; undefined where nothing can be said without a cluster file. */
export function knownNames(kind: string, { world, groups }: Names): readonly string[] | undefined {
  switch (kind) {
    case 'board':
      return world.whole ? world.boards : undefined;
    case 'group':
      return groups;
    case 'network':
      return ['A', 'B'];
    case 'daemon':
      return DAEMONS;
    case 'fault':
      return faultKinds;
    case 'service':
      return world.whole ? world.services.map((one) => one.name) : undefined;
    case 'program':
      return world.whole ? world.programs.map((one) => one.name) : undefined;
    case 'agent':
      return world.whole ? world.agents : undefined;
    default:
      return undefined;
  }
}

/** What a fact can be whose value is a board; undefined likewise. */
export function boardsAndNone(names: Names): readonly string[] | undefined {
  const boards = knownNames('board', names);
  return boards && [...boards, 'none'];
}

/** A name, or a variable for one. Told where it is wrong. A name that is put together (`media-$board`) is not checked here. */
export function checkName(word: Word, kind: string, names: Names, findings: Findings): boolean {
  const { text, at } = word;
  const bare = /^\$\{?([a-z][a-z0-9_]*)\}?$/.exec(text)?.[1];
  if (bare !== undefined) {
    const stands = names.variables[bare];
    if (stands === undefined) return true; // checkVariables tells of it.
    if (stands === kind || kind === 'agent' || kind === 'object' || kind === 'target') return true;
    findings.error('NAME_UNKNOWN', at, `"${text}" is a ${stands}, and a ${kind} is needed`);
    return false;
  }
  if (text.includes('$')) return true;
  const known = knownNames(kind, names);
  if (known === undefined || known.includes(text)) return true;
  findings.error('NAME_UNKNOWN', at, `no ${kind} "${text}"${didYouMean(text, known)}`);
  return false;
}

interface Pattern {
  readonly kind: FactKind;
  readonly parts: readonly string[];
}

const patterns: readonly Pattern[] = factKinds.map((kind) => ({
  kind,
  parts: kind.pattern.match(/\{[^}]*\}|[^.]+/g) ?? [],
}));
const roots: ReadonlySet<string> = new Set(patterns.map(({ parts }) => parts[0] ?? ''));

/** The kind of a fact by its name, with its names checked. Every mistake is told at the part that is wrong. */
export function resolveFact(word: Word, names: Names, findings: Findings): FactKind | undefined {
  const parts = word.text.split('.');
  const at = (index: number): number => word.at + parts.slice(0, index).reduce((sum, one) => sum + one.length + 1, 0);
  const [root = ''] = parts;
  if (!roots.has(root)) return findings.error('FACT_UNKNOWN', word.at, `no facts "${root}"${didYouMean(root, roots)}`);
  const empty = parts.indexOf('');
  if (empty >= 0) return findings.error('FACT_UNKNOWN', at(empty), `"${word.text}" has an empty part`);
  const fits = patterns.filter((one) => one.parts[0] === root);
  const found = fits.find((one) => matches(one.parts, parts));
  if (found === undefined) return mismatch(word, parts, fits, at, findings);
  let good = true;
  found.parts.forEach((part, index) => {
    const kind = /^\{(.*?)(\.\.\.)?\}$/.exec(part)?.[1];
    const text = parts[index] ?? '';
    if (kind !== undefined && !checkName({ text, at: at(index) }, kind, names, findings)) good = false;
  });
  return good ? found.kind : undefined;
}

function matches(pattern: readonly string[], parts: readonly string[]): boolean {
  const rest = pattern.at(-1)?.endsWith('...}') === true;
  if (rest ? parts.length < pattern.length : parts.length !== pattern.length) return false;
  return pattern.every((part, index) => part.startsWith('{') || part === parts[index]);
}

/** Says which part fits no fact of this root, or how many parts there are. */
function mismatch(
  word: Word,
  parts: readonly string[],
  fits: readonly Pattern[],
  at: (index: number) => number,
  findings: Findings,
): undefined {
  const long = fits.filter((one) => one.parts.length === parts.length);
  const last = parts.length - 1;
  const leaves = long.flatMap(({ parts: own }) => own.filter((part, i) => i > 0 && !part.startsWith('{')));
  const wrong = parts.findIndex((part, i) => i > 0 && long.every(({ parts: own }) => !same(own[i], part)));
  if (long.length > 0 && leaves.length > 0) {
    const index = wrong > 0 ? wrong : last;
    const part = parts[index] ?? '';
    const hint = didYouMean(part, new Set(leaves));
    return findings.error('FACT_UNKNOWN', at(index), `no fact "${part}" of a ${parts[0]}${hint}`);
  }
  const shapes = fits.map((one) => one.kind.pattern.replaceAll(/[{}]/g, (mark) => (mark === '{' ? '<' : '>')));
  return findings.error('FACT_UNKNOWN', word.at, `no fact "${word.text}"; there are: ${shapes.join(', ')}`);
}

const same = (pattern: string | undefined, part: string): boolean =>
  pattern !== undefined && (pattern.startsWith('{') || pattern === part);
