/** `300ms`, `5s`, `10m`, `2h`, `1d` in ms; undefined where it is none of these. */
export function parseDuration(text: string): number | undefined {
  const found = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text);
  if (!found) return undefined;
  const ms = Number(found[1]) * (UNIT_MS[found[2] ?? ''] ?? Number.NaN);
  return ms <= DURATION_MS_MAX ? ms : undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Seven days: what is held in memory for longer is no hold time. */
export const DURATION_MS_MAX = 7 * 86_400_000;

export interface Limit {
  readonly times: number;
  readonly windowMs: number;
}

/** `3 per 10m`; `none` is undefined-as-value. */
export function parseLimit(text: string): Limit | 'none' | undefined {
  if (text === 'none') return 'none';
  const found = /^(\d{1,4}) per (\S+)$/.exec(text);
  const windowMs = parseDuration(found?.[2] ?? '');
  const times = Number(found?.[1]);
  return found && windowMs !== undefined && windowMs > 0 && times >= 1 ? { times, windowMs } : undefined;
}

/** A duration as people write it. */
export function showDuration(ms: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
