import { checkName, type Names } from './fact-path.js';
import type { Findings, Word } from './placed.js';
import { didYouMean } from './suggest.js';
import { checkVariables } from './template.js';

/** Where `choose` looks: `spare of media`, `member of media`, `peer of $board`, `pool of $service`. */
export interface Selector {
  readonly kind: 'spare' | 'member' | 'peer' | 'pool';
  /** Group, board or service; may hold variables. */
  readonly of: string;
}

const KINDS = { spare: 'group', member: 'group', peer: 'board', pool: 'service' } as const;

export function readSelector(word: Word, names: Names, findings: Findings): Selector | undefined {
  const [what = '', link, of, ...more] = word.text.split(/\s+/);
  const shapes = 'spare of GROUP, member of GROUP, peer of BOARD, pool of SERVICE';
  if (!Object.hasOwn(KINDS, what)) {
    const hint = didYouMean(what, Object.keys(KINDS));
    return findings.error('SELECTOR', word.at, `no choice "${what}"${hint}; there are ${shapes}`);
  }
  if (link !== 'of' || of === undefined || more.length > 0) {
    return findings.error('SELECTOR', word.at, `"${word.text}" is no choice; there are ${shapes}`);
  }
  const kind = what as keyof typeof KINDS;
  const at = word.at + word.text.lastIndexOf(of);
  const before = findings.list.length;
  checkVariables({ text: of, at }, Object.keys(names.variables), findings);
  checkName({ text: of, at }, KINDS[kind], names, findings);
  return findings.list.length === before ? { kind, of } : undefined;
}
