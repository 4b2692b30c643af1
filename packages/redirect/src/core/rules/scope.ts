import type { NameKind, Names } from './fact-path.js';
import type { Findings, Word } from './placed.js';
import { didYouMean } from './suggest.js';
import type { Bindings } from './template.js';

/** `each board [in GROUP]`, `each service`, `each program`: one instance of the rule for each. */
export type Scope =
  | { readonly kind: 'one' }
  | { readonly kind: 'board'; readonly group?: string; readonly which: 'members' | 'spares' | 'all' }
  | { readonly kind: 'service' }
  | { readonly kind: 'program' };

export const SCOPE_WORDS = ['each board', 'each board in GROUP', 'each spare of GROUP', 'each service', 'each program'];

/** The variables that a scope binds. `each program` binds a board as well: one instance for each board that runs it. */
export function scopeVariables(scope: Scope): Readonly<Record<string, NameKind>> {
  switch (scope.kind) {
    case 'one':
      return {};
    case 'board':
      return { board: 'board' };
    case 'service':
      return { service: 'service' };
    case 'program':
      return { program: 'program', board: 'board' };
  }
}

export function readScope(word: Word, names: Names, findings: Findings): Scope | undefined {
  const wrong = (message: string): undefined => findings.error('SCOPE', word.at, message);
  const [each, what, link, group, ...more] = word.text.split(/\s+/);
  const shapes = `; a scope is ${SCOPE_WORDS.join(', ')}`;
  if (each !== 'each' || what === undefined || more.length > 0) return wrong(`"${word.text}" is no scope${shapes}`);
  if (what === 'service' || what === 'program') {
    return link === undefined ? { kind: what } : wrong(`nothing follows "each ${what}"${shapes}`);
  }
  if (what !== 'board' && what !== 'spare') {
    return wrong(`no scope "each ${what}"${didYouMean(what, ['board', 'spare', 'service', 'program'])}`);
  }
  if (link === undefined && what === 'board') return { kind: 'board', which: 'all' };
  if ((link !== 'in' && link !== 'of') || group === undefined) return wrong(`"${word.text}" is no scope${shapes}`);
  if (!names.groups.includes(group)) {
    const at = word.at + word.text.lastIndexOf(group);
    return findings.error('NAME_UNKNOWN', at, `no group "${group}"${didYouMean(group, names.groups)}`);
  }
  return { kind: 'board', group, which: what === 'spare' ? 'spares' : 'members' };
}

export interface Group {
  readonly name: string;
  readonly members: readonly string[];
  readonly spares: readonly string[];
  readonly policy: '2n' | 'n+1' | 'n+m' | 'n-way';
  readonly prefer: 'order' | 'least-loaded';
  readonly capacity: number;
}

/** Each instance's variables, and what it is called behind the rule's name. */
export function instancesOf(
  scope: Scope,
  { world }: Names,
  groups: ReadonlyMap<string, Group>,
): readonly { readonly label: string; readonly bindings: Bindings }[] {
  const boards = (names: readonly string[]) => names.map((board) => ({ label: board, bindings: { board } }));
  switch (scope.kind) {
    case 'one':
      return [{ label: '', bindings: {} }];
    case 'service':
      return world.services.map(({ name }) => ({ label: name, bindings: { service: name } }));
    case 'program':
      return world.programs.flatMap(({ name, boards: on }) =>
        on.map((board) => ({ label: `${name} on ${board}`, bindings: { program: name, board } })),
      );
    case 'board': {
      if (scope.group === undefined) return boards(world.boards);
      const group = groups.get(scope.group);
      return boards(scope.which === 'spares' ? (group?.spares ?? []) : (group?.members ?? []));
    }
  }
}
