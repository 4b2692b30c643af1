import { width } from '../status/render.js';
import { table } from '../status/table.js';
import type { Cell } from './matrix.js';
import type { Tally } from './tally.js';

export interface Soaked {
  readonly who: string;
  readonly tally?: Tally;
  readonly unable?: string;
}

const minutes = (ms: number): string => (ms / 60_000).toFixed(1);

export function soakLines(soaked: readonly Soaked[]): string[] {
  const rows = soaked.map(({ who, tally, unable }) =>
    tally === undefined
      ? [who, '-', '-', '-', '-', '-', unable ?? '']
      : [
          who,
          minutes(tally.watchedMs),
          `${tally.moves}`,
          `${tally.silences}`,
          `${tally.silenceMsMax}`,
          `${tally.holdersMax}`,
          `observer ${tally.stallMsMax} ms late at worst`,
        ],
  );
  return table([['WHO', 'MIN', 'MOVES', '>100 MS', 'WORST', 'HOLDERS', ''], ...rows], width);
}

export function matrixLines(cells: readonly Cell[]): string[] {
  const rows = cells.map(({ daemon, role, stopMs, tally, wrong, unable }) => [
    daemon,
    role,
    `${stopMs}`,
    tally === undefined ? '-' : `${tally.moves}`,
    tally === undefined ? '-' : `${tally.silenceMsMax}`,
    tally === undefined ? '-' : `${tally.holdersMax}`,
    unable === undefined ? wrong.join('; ') || 'as promised' : `not tried: ${unable}`,
  ]);
  return table([['STOPPED', 'AS', 'MS', 'MOVES', 'WORST', 'HOLDERS', ''], ...rows], width);
}
