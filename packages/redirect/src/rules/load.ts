import { fail, ok, type Result } from '@softset/base';
import { NATIVE_ACTIONS } from '@softset/protocol/rules-actions.js';
import { TEXT_BYTES_MAX } from '@softset/protocol/rules-shape.js';
import { compile } from '../core/rules/compile.js';
import { lint } from '../core/rules/lint.js';
import type { FindingCode } from '../core/rules/placed.js';
import type { RuleSet } from '../core/rules/rule-set.js';
import type { World } from '../core/rules/world.js';
import { readYaml, tooLarge } from './read-yaml.js';

export interface RuleText {
  readonly name: string;
  readonly text: string;
}

/** A finding with its place, as people and editors read it. */
export interface Told {
  readonly severity: 'error' | 'warning';
  readonly code: FindingCode;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface Loaded {
  readonly set: RuleSet;
  readonly warnings: readonly Told[];
}

/** `rules/media.yaml:14:9: error: …` */
export function toldLine({ file, line, column, severity, message, code }: Told): string {
  return `${file}:${line}:${column}: ${severity}: ${message} [${code}]`;
}

/** Everything that is said of these files, in the order of files and lines, and the set where no error is among it. */
export function loadRules(
  texts: readonly RuleText[],
  world: World | undefined,
  native: ReadonlySet<string> = NATIVE_ACTIONS,
): { readonly told: readonly Told[]; readonly set: RuleSet | undefined } {
  let leftBytes = TEXT_BYTES_MAX;
  const sources = texts.map(({ name, text }, index) => {
    leftBytes -= Buffer.byteLength(text);
    return leftBytes < 0 ? tooLarge(name, text, index) : readYaml(name, text, index);
  });
  const { set, findings } = compile(sources, world, native);
  const broken = findings.some((one) => one.severity === 'error');
  const all = broken ? findings : [...findings, ...lint(set)];
  const told = all.map(({ file, at, severity, code, message }): Told => {
    const source = sources[file];
    const { line, column } = source?.place(at) ?? { line: 1, column: 1 };
    return { severity, code, file: source?.name ?? '', line, column, message };
  });
  const fileOf = (one: Told): number => sources.findIndex((source) => source.name === one.file);
  told.sort((a, b) => fileOf(a) - fileOf(b) || a.line - b.line || a.column - b.column);
  const good = told.every((one) => one.severity !== 'error');
  return { told, set: good ? set : undefined };
}

/** For daemons: a set, or one failure with a line for each error. */
export function loadOrFail(texts: readonly RuleText[], world: World | undefined): Result<Loaded, 'RULES_INVALID'> {
  const { told, set } = loadRules(texts, world);
  if (set !== undefined) return ok({ set, warnings: told });
  const errors = told.filter((one) => one.severity === 'error');
  return fail('RULES_INVALID', errors.map(toldLine).join('\n'));
}
