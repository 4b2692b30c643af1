import type { Level } from './events.js';

/** What was measured of a program. A number that could not be had is absent: nothing follows from it. */
export interface Measured {
  readonly memoryBytes?: number;
  readonly cpuPercent?: number;
  readonly files?: number;
  readonly threads?: number;
  readonly probeMs?: number;
  readonly status?: string;
  /** The newest line that each pattern matched, while it counts. */
  readonly logLine?: { readonly level: Level; readonly line: string };
}

interface Threshold {
  readonly warn?: number | undefined;
  readonly act?: number | undefined;
}
const numbers = ['memoryBytes', 'cpuPercent', 'files', 'threads', 'probeMs'] as const;
export type Thresholds = { readonly [K in (typeof numbers)[number]]?: Threshold | undefined } & {
  readonly status?: { readonly warn?: string | undefined; readonly act?: string | undefined } | undefined;
};

export interface Judgement {
  readonly level: Level;
  /** `memoryBytes 812340000 ≥ 800000000`: what was found and what is allowed. Empty at `none`. */
  readonly why: string;
}

const well: Judgement = { level: 'none', why: '' };
const rank: Readonly<Record<Level, number>> = { none: 0, warn: 1, act: 2 };

/** The gravest of all that is too much; of equals the first (002 ¶0029, failure 3). */
export function judge(measured: Measured, thresholds: Thresholds): Judgement {
  const found: Judgement[] = [];
  for (const name of numbers) {
    const value = measured[name];
    const { warn, act } = thresholds[name] ?? {};
    if (value === undefined) continue;
    if (act !== undefined && value >= act) found.push({ level: 'act', why: `${name} ${Math.round(value)} ≥ ${act}` });
    else if (warn !== undefined && value >= warn)
      found.push({ level: 'warn', why: `${name} ${Math.round(value)} ≥ ${warn}` });
  }
  const { status, logLine } = measured;
  const level = status === undefined ? 'none' : matched(status, thresholds.status ?? {});
  if (level !== 'none') found.push({ level, why: `says "${status}"` });
  if (logLine) found.push({ level: logLine.level, why: `wrote "${logLine.line}"` });
  return found.reduce((worst, one) => (rank[one.level] > rank[worst.level] ? one : worst), well);
}

/** Which of two patterns a text matches, the graver first. The patterns were compiled when the file was checked. */
export function matched(text: string, { warn, act }: { warn?: string | undefined; act?: string | undefined }): Level {
  if (act !== undefined && new RegExp(act, 'u').test(text)) return 'act';
  return warn !== undefined && new RegExp(warn, 'u').test(text) ? 'warn' : 'none';
}

/** What is believed, and how often in a row something else was measured. */
export interface Belief {
  readonly believed: Level;
  readonly other: Level;
  readonly times: number;
}

export const initialBelief: Belief = { believed: 'none', other: 'none', times: 0 };

/** A level is believed after `times` measurements of it in a row: one spike is no trouble, and one dip no cure. */
export function believe(was: Belief, level: Level, times: number): Belief {
  if (level === was.believed) return { believed: level, other: level, times: 0 };
  const inARow = level === was.other ? was.times + 1 : 1;
  if (inARow >= times) return { believed: level, other: level, times: 0 };
  return { believed: was.believed, other: level, times: inARow };
}
