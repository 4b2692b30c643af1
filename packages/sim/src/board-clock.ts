/**
 * A board's monotonic clock: begins anew at each boot, and may run fast or slow. No rule compares two boards' clocks,
 * so all of them begin at different numbers here: a core that compared them would fail at once.
 */
export class BoardClock {
  readonly rate: number;
  #offsetMs: number;

  constructor(rate: number, bootedMs: number, beginsAtMs: number) {
    this.rate = rate;
    this.#offsetMs = beginsAtMs - bootedMs * rate;
  }

  /** This board's monotonic ms at a virtual time. */
  local(virtualMs: number): number {
    return this.#offsetMs + virtualMs * this.rate;
  }

  /** The clock jumps forward by this much. */
  step(byMs: number): void {
    this.#offsetMs += byMs;
  }

  virtual(localMs: number): number {
    return (localMs - this.#offsetMs) / this.rate;
  }
}
