/** What a row says of its samples. */
export interface Figures {
  readonly n: number;
  readonly median: number;
  /** By nearest rank: with fewer than 20 samples it is the greatest. */
  readonly p95: number;
  readonly max: number;
}

/** Hundredths: the prober sees a millisecond, and a machine's noise is greater than that. */
const round = (value: number): number => Math.round(value * 100) / 100;

/** Of samples in any order; null where there are none. */
export function figures(samples: readonly number[]): Figures | null {
  const sorted = [...samples].sort((a, b) => a - b);
  const n = sorted.length;
  const at = (index: number): number => sorted[index] ?? 0;
  if (n === 0) return null;
  return {
    n,
    median: round((at(Math.floor((n - 1) / 2)) + at(Math.floor(n / 2))) / 2),
    p95: round(at(Math.ceil(n * 0.95) - 1)),
    max: round(at(n - 1)),
  };
}
