import type { Findings, Word } from './placed.js';
import { didYouMean } from './suggest.js';

export type Bindings = Readonly<Record<string, string>>;

const VARIABLE = /\$(?:\{([a-z][a-z0-9_]*)\}|([a-z][a-z0-9_]*))/g;

/** `move $board` with its words filled in. A name without a value stays as it is: the loader refused it before. */
export function fill(text: string, bindings: Bindings): string {
  if (!text.includes('$')) return text;
  return text.replace(VARIABLE, (whole, braced?: string, bare?: string) => bindings[braced ?? bare ?? ''] ?? whole);
}

export function variablesOf(text: string): readonly { readonly name: string; readonly offset: number }[] {
  return [...text.matchAll(VARIABLE)].map((found) => ({ name: found[1] ?? found[2] ?? '', offset: found.index }));
}

/** Every `$name` must be one of `known`; a `$` that begins no name is a mistake too. */
export function checkVariables(word: Word, known: readonly string[], findings: Findings): void {
  const found = variablesOf(word.text);
  for (const { name, offset } of found) {
    if (known.includes(name)) continue;
    const hint = didYouMean(
      `$${name}`,
      known.map((one) => `$${one}`),
    );
    findings.error('VARIABLE_UNKNOWN', word.at + offset, `no "$${name}" here${hint}`);
  }
  const stray = [...word.text.matchAll(/\$/g)].find((one) => found.every(({ offset }) => offset !== one.index));
  if (stray) {
    findings.error('VARIABLE_UNKNOWN', word.at + stray.index, '"$" begins no name: write $board');
  }
}
