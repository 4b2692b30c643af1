import type { Rollout } from '../register.js';

/** What a board says of the configuration that it runs, and of the one that it holds ready. */
export interface ConfigurationState {
  /** SHA-256, 64 hexadecimal digits. `version`: of the roll-out that brought it; 0: its own file, or a way back. */
  readonly running: { readonly hash: string; readonly version: number };
  readonly staged?: { readonly hash: string; readonly who: string };
  /** What `softset config rollback` would bring back; absent: this board has nothing older. */
  readonly previous?: { readonly hash: string };
  /** It is on trial here: so long, ms, until it goes back. */
  readonly trialLeftMs?: number;
  /** What the cluster is to run; absent: nothing was ever rolled out, each board runs its own file. */
  readonly rollout?: Rollout;
  /** Version that this board went back from by itself. */
  readonly refused?: number;
}

export interface ConfigurationMethods {
  configuration: { params: Record<string, never>; result: ConfigurationState };
  /** One of its texts. Fails NO_CONFIGURATION. */
  configurationText: {
    params: { which: 'running' | 'staged' | 'previous' };
    result: { hash: string; text: string };
  };
  /** Whether it could run on this board, next to what runs. Fails CONFIG_REFUSED. */
  configurationCheck: { params: { text: string }; result: { hash: string } };
  /**
   * Held ready by every board that is up, or by none that counts: nothing runs it. `away`: boards that are not there and
   * take it once they return. Fails CONFIG_REFUSED (who, and why), CONFIG_TOO_LARGE, CONFIG_BUSY.
   */
  configurationPush: {
    params: { text: string };
    result: { hash: string; boards: readonly string[]; away: readonly string[] };
  };
  /**
   * All boards run what was pushed, one after another, and go back after `confirmMs` unless it is confirmed (0: never).
   * Fails CONFIG_NOT_STAGED, CONFIG_SAME, CONFIG_REFUSED, CONFIG_BUSY, and as `wish`.
   */
  configurationCommit: { params: { confirmMs: number }; result: { message: string; hash: string } };
  /** Fails as `wish`: nothing is on trial, or a board that is up does not run it yet. */
  configurationConfirm: { params: Record<string, never>; result: { message: string } };
  /** Back to what ran before, on trial or not. Fails as `wish`; NO_CONFIGURATION: it is kept, and this board has not got the text. */
  configurationRollback: { params: Record<string, never>; result: { message: string } };
}
