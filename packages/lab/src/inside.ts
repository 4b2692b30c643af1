import { boardEnvironment } from './board-paths.js';
import type { LabState } from './lab-state.js';

const namespaces = ['outside', 'switch-a', 'switch-b', 'lab'] as const;
/** The lab's own namespaces; `lab` is the one of its holder, from which all others can be entered. */
export type NamespaceName = (typeof namespaces)[number];

/** A place to run a program in: a board (by its first process) or one of the lab's own namespaces. */
export type Place =
  | { readonly kind: 'board'; readonly name: string; readonly pid: number }
  | { readonly kind: 'namespace'; readonly name: NamespaceName };

export function isNamespace(name: string): name is NamespaceName {
  return namespaces.some((known) => known === name);
}

/**
 * The words that run `command` at `place` from outside the lab. Each stage dies with the one before it
 * (prctl(2), PR_SET_PDEATHSIG): nsenter does not pass signals on, and nothing may stay behind when the caller kills it.
 */
export function insideCommand(state: LabState, labDir: string, place: Place, command: readonly string[]): string[] {
  const bound = ['setpriv', '--pdeathsig', 'KILL', '--'];
  const user = state.userNamespace ? ['--user', '--preserve-credentials'] : [];
  const lab = ['nsenter', '--target', String(state.pid), ...user, '--mount', '--net', '--pid', '--'];
  if (place.name === 'lab') return [...lab, ...bound, ...command];
  if (place.kind === 'namespace') {
    return [...lab, ...bound, 'nsenter', `--net=/run/netns/${place.name}`, '--', ...bound, ...command];
  }
  const environment = Object.entries(boardEnvironment(labDir, place.name)).map(([key, value]) => `${key}=${value}`);
  const board = ['nsenter', '--target', String(place.pid), '--mount', '--uts', '--net', '--pid', '--'];
  return [...lab, ...bound, ...board, ...bound, 'env', ...environment, ...command];
}
