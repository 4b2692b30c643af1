/** Numbers below the newest that are still told apart; older ones count as seen. */
export const REPLAY_WINDOW = 1024;

/** Which numbers have been seen: the sliding window of RFC 4303 §3.4.3. Memory stays the same whatever comes. */
export class ReplayWindow {
  #newest = 0;
  readonly #seen = new Uint8Array(REPLAY_WINDOW);

  /** True the first time that `n` (from 1) is shown; false for a second time, and for one too old to know. */
  admit(n: number): boolean {
    if (n <= this.#newest - REPLAY_WINDOW) return false;
    if (n > this.#newest) {
      if (n - this.#newest >= REPLAY_WINDOW) this.#seen.fill(0);
      else for (let i = this.#newest + 1; i <= n; i++) this.#seen[i % REPLAY_WINDOW] = 0;
      this.#newest = n;
    }
    const slot = n % REPLAY_WINDOW;
    if (this.#seen[slot] === 1) return false;
    this.#seen[slot] = 1;
    return true;
  }
}
