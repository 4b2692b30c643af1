/**
 * What a board keeps of roll-outs, in `configuration` of its state directory: read by every daemon at its start, written
 * by netrackd alone. Texts are whole cluster files.
 */
export interface KeptConfiguration {
  /** What this board runs; absent: the operator's own file. `version`: of the roll-out that brought it, 0 after a way back of its own. */
  readonly running?: ConfigurationText & { readonly version: number };
  /** What it ran before: a way back needs nobody's help. */
  readonly previous?: ConfigurationText;
  /** Held ready, and nothing more. */
  readonly staged?: ConfigurationText & { readonly who: string };
  /** It runs a roll-out on trial: until when, by the monotonic clock of this boot. */
  readonly trial?: {
    readonly version: number;
    readonly boot: string;
    readonly untilMs: number;
    /** Its whole time, for a boot that begins anew. */
    readonly confirmMs: number;
  };
  /** Version that this board went back from by itself: only a confirmed one brings it here again. */
  readonly refused?: number;
}

export interface ConfigurationText {
  /** SHA-256, 64 hexadecimal digits. */
  readonly hash: string;
  readonly text: string;
}

/** Its name in the state directory, or in the run directory of a board without one. */
export const KEPT_CONFIGURATION = 'configuration';

/** A beat carries the first 32 bits of the hash. */
export function shortHash(hash: string): number {
  return Number.parseInt(hash.slice(0, 8), 16);
}

/** Undefined where it is not of that shape: a checksum stood before it, so it is another version's. */
export function keptConfiguration(value: unknown): KeptConfiguration | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const kept = value as KeptConfiguration;
  const well = (one: ConfigurationText | undefined): boolean =>
    one === undefined || (typeof one.hash === 'string' && typeof one.text === 'string');
  return well(kept.running) && well(kept.previous) && well(kept.staged) ? kept : undefined;
}
