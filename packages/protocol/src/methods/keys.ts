/** Keys by their fingerprints; of each board the one first that it seals with. */
export interface KeyRotation {
  readonly message: string;
  readonly boards: readonly { readonly board: string; readonly keys: readonly string[] }[];
}

export interface KeyMethods {
  /** Which keys each board has. Fails KEY_BOARD_SILENT. */
  keyStatus: { params: Record<string, never>; result: KeyRotation };
  /**
   * A new key for all boards, in three steps, each acknowledged by all; answered when it is over. Fails KEY_BOARD_SILENT,
   * KEY_UNDER_WAY, KEY_DISKLESS before anything changed, and KEY_STOPPED (which board, at which step) within.
   */
  keyRotate: { params: Record<string, never>; result: KeyRotation };
  /** Goes on with a rotation that stopped, or takes it back, on a board that has both keys. Fails KEY_NOTHING, KEY_NOT_HERE, and as `keyRotate`. */
  keyResume: { params: { how: 'resume' | 'abort' }; result: KeyRotation };
}
