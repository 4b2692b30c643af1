import type { BoardId, Rollout } from '@softset/protocol';
import type { ConfigurationText, KeptConfiguration } from '@softset/protocol/kept-configuration.js';
import type { TurnBoard } from './turn.js';

export interface AgentConfig {
  readonly self: BoardId;
  /** Kernel boot id: monotonic time has a meaning within it alone. */
  readonly boot: string;
}

export interface View {
  readonly rollout: Rollout | undefined;
  /** The register is that of the director that is followed now, or of this board which directs. */
  readonly live: boolean;
  readonly director: BoardId | 0;
  readonly directing: boolean;
  readonly boards: readonly TurnBoard[];
}

export type AgentEvent =
  | { readonly kind: 'view'; readonly view: View }
  /** `refusal`: why this board could not run it, as its shell found. */
  | {
      readonly kind: 'stage';
      readonly from: BoardId;
      readonly round: string;
      readonly staged: ConfigurationText & { readonly who: string };
      readonly refusal: string | undefined;
    }
  /** The text that the register names, from a board that has it. Its hash was checked. */
  | { readonly kind: 'text'; readonly text: ConfigurationText }
  | { readonly kind: 'kept'; readonly number: number; readonly refusal?: string }
  | { readonly kind: 'tick' };

export type AgentEffect =
  /** Whole and on disk, then report `kept` with this number. */
  | { readonly kind: 'keep'; readonly number: number; readonly record: KeptConfiguration }
  | {
      readonly kind: 'answer';
      readonly to: BoardId;
      readonly round: string;
      readonly hash: string;
      readonly ok: boolean;
      readonly message: string;
    }
  | { readonly kind: 'want'; readonly from: BoardId; readonly hash: string }
  /** All daemons of this board begin anew with what was kept. */
  | { readonly kind: 'restart'; readonly hash: string; readonly version: number; readonly why: string }
  /** This board directs, and what is on trial was not confirmed in time. */
  | { readonly kind: 'roll-back'; readonly who: string }
  | { readonly kind: 'log'; readonly event: string; readonly fields: Readonly<Record<string, unknown>> };

/** What is to be done once the disk has a record. */
type Then =
  | { readonly kind: 'answer'; readonly to: BoardId; readonly round: string; readonly hash: string }
  | { readonly kind: 'restart'; readonly hash: string; readonly version: number; readonly why: string }
  | { readonly kind: 'nothing' };

export interface AgentState {
  /** What this life of the daemons was started with. */
  readonly runs: ConfigurationText;
  record: KeptConfiguration;
  view: View | undefined;
  /** A record is under way to the disk: what follows it, and what stood before. */
  writing: { readonly number: number; readonly before: KeptConfiguration; readonly then: Then } | undefined;
  nextNumber: number;
  /** The version that the register names, and since when this board knows. */
  seen: { readonly version: number; readonly sinceMs: number } | undefined;
  /** How many run it, and since when it is so many. */
  progress: { readonly count: number; readonly sinceMs: number };
  wantedMs: number;
  wants: number;
  wishedMs: number;
  /** The disk refused; it is left alone until then. */
  restsUntilMs: number;
  /** A restart was ordered: nothing more is decided in this life. */
  ends: boolean;
}
