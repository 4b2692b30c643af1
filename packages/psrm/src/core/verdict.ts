import type { End, Wrapping } from './events.js';

/** What follows from how a program ended of its own accord. */
export type Verdict = 'restart' | 'stopped' | 'failed';

/**
 * The lists of exit codes and signals go before `restart` (002 ¶0030). `own`: false where psrmd itself ended it because
 * it hung or was in trouble: how it then ends says nothing, and it is never normal.
 */
export function verdictOn(end: End, own: boolean, { exits, restart }: Wrapping): Verdict {
  const name = own ? nameOf(end) : undefined;
  const among = (list: readonly (number | string)[]): boolean => name !== undefined && list.includes(name);
  if (among(exits.final)) return 'failed';
  if (among(exits.again)) return 'restart';
  const normal = among(exits.normal);
  if (restart === 'permanent' || (restart === 'transient' && !normal)) return 'restart';
  return normal ? 'stopped' : 'failed';
}

/** As the configuration names it; nothing where nobody knows how it ended. */
function nameOf(end: End): number | string | undefined {
  switch (end.kind) {
    case 'exit':
      return end.code;
    case 'signal':
      return end.signal.replace(/^SIG/, '');
    case 'oom':
      return 'OOM';
    case 'not-started':
    case 'unseen':
      return undefined;
  }
}
