import { type Figures, figures } from './figures.js';

/** One line of a benchmark, as `--json` prints it. */
export interface Row {
  readonly suite: string;
  readonly case: string;
  readonly unit: string;
  readonly ours: Figures | null;
  readonly peers: Readonly<Record<string, Figures | null>>;
  /** Our median by the best peer's, and the other way round for rates: below 1 we are better. Null where one of the two is missing, or is zero. */
  readonly ratio: number | null;
  /** What the design asks of our median, in `unit`; null where it asks nothing. */
  readonly budget: number | null;
  /** Why a figure is missing, and which runs were odd. */
  readonly notes: readonly string[];
}

/** What was measured of one subject in one case. */
export interface Measured {
  readonly samples: readonly number[];
  readonly notes: readonly string[];
}

export const nothingMeasured: Measured = { samples: [], notes: [] };

export interface RowParts {
  readonly suite: string;
  readonly case: string;
  readonly unit: string;
  readonly ours: Measured;
  readonly peers: Readonly<Record<string, Measured>>;
  readonly budget: number | null;
  /** `more` for rates: the ratio is turned round then, so that below 1 is better in every row. Default `less`. */
  readonly better?: 'less' | 'more';
}

export function makeRow(parts: RowParts): Row {
  const ours = figures(parts.ours.samples);
  const peers = Object.fromEntries(Object.entries(parts.peers).map(([name, { samples }]) => [name, figures(samples)]));
  const medians = Object.values(peers).flatMap((peer) => (peer === null ? [] : [peer.median]));
  const more = parts.better === 'more';
  const best = more ? Math.max(...medians) : Math.min(...medians);
  const notes = [
    ...parts.ours.notes,
    ...Object.entries(parts.peers).flatMap(([name, peer]) => peer.notes.map((note) => `${name}: ${note}`)),
  ];
  return {
    suite: parts.suite,
    case: parts.case,
    unit: parts.unit,
    ours,
    peers,
    ratio: ours === null || medians.length === 0 ? null : ratioOf(more ? best : ours.median, more ? ours.median : best),
    budget: parts.budget,
    notes,
  };
}

function ratioOf(above: number, below: number): number | null {
  return below === 0 ? null : Math.round((above / below) * 100) / 100;
}
