import type { ProgramFile, ProgramState } from '@softset/protocol';

/** What the order of programs follows from: their entries, and how each stands on this board. */
export interface Standing extends Pick<ProgramFile, 'after' | 'requires'> {
  readonly state: ProgramState;
  readonly isReady: boolean;
  /** It is to run here. */
  readonly wanted: boolean;
  /** Nothing would ever make it ready but that it runs. */
  readonly readyWhenUp: boolean;
  /** An order to stop it waits until what stands on it is gone. */
  readonly leaving: boolean;
}

/** Why a program may not start now. `must`: it may not run either. */
export interface Hold {
  readonly by: string;
  readonly must: boolean;
}

/**
 * What a program waits for: of those that it is `after` and that are to run here, the first that is not ready; of those
 * that it `requires`, the first that is not ready, and it must end as well once that one will not come by itself. One
 * that dies and is restarted stops nobody: most programs outlive a connection, and `requires` is no reason for a storm.
 */
export function holdOf(name: string, all: ReadonlyMap<string, Standing>): Hold | undefined {
  const own = all.get(name);
  if (own === undefined) return undefined;
  let waits: Hold | undefined;
  for (const by of own.requires) {
    const base = all.get(by);
    if (base === undefined || !willCome(base)) return { by, must: true };
    if (!serves(base)) waits ??= { by, must: false };
  }
  for (const by of own.after) {
    const base = all.get(by);
    if (base !== undefined && willCome(base) && !serves(base)) waits ??= { by, must: false };
  }
  return waits;
}

function willCome({ wanted, state, leaving }: Standing): boolean {
  return wanted && !leaving && state !== 'failed';
}

function serves({ state, isReady, readyWhenUp }: Standing): boolean {
  return isReady || (readyWhenUp && (state === 'up' || state === 'in-trouble'));
}

/**
 * Who must be gone before `name` may be stopped: what requires it and still runs, and what is merely after it where that
 * is being stopped as well.
 */
export function goBefore(name: string, all: ReadonlyMap<string, Standing>): readonly string[] {
  return [...all].flatMap(([other, { after, requires, state, leaving }]) => {
    const rests = state === 'stopped' || state === 'failed' || state === 'starting';
    const stands = requires.includes(name) || (after.includes(name) && (state === 'stopping' || leaving));
    return other !== name && stands && !rests ? [other] : [];
  });
}
