/** A verb with all words before it, such as `board drain`, and what its usage line wants behind it. */
export interface Verb {
  readonly words: readonly string[];
  /** `<name>` and `[board]`, as commander has them. */
  readonly wants: readonly string[];
  readonly help: string;
}

/** What runs `softset` with these words, and resolves to its standard output; rejects where it fails. */
export type Softset = (...words: readonly string[]) => Promise<string>;

/** Every verb that does something, found by asking each for its help: whatever --help lists is asked in turn. */
export async function verbsOf(softset: Softset, words: readonly string[] = []): Promise<readonly Verb[]> {
  const help = await softset(...words, '--help');
  const below = help.split(/^Commands:$/m)[1];
  if (below === undefined) {
    const usage = /^Usage: (.*)$/m.exec(help)?.[1] ?? '';
    return [{ words, wants: usage.match(/<[^>]+>|\[(?!options)[^\]]+\]/g) ?? [], help }];
  }
  const names = [...below.matchAll(/^ {2}([a-z][a-z-]*)/gm)]
    .map(([, name = '']) => name)
    .filter((one) => one !== 'help');
  const found = [];
  // One after the other: each is a start of Node.
  for (const name of names) found.push(...(await verbsOf(softset, [...words, name])));
  return found;
}
