/** Monotonic milliseconds, with fractions. Every process of a board reads the same clock (CLOCK_MONOTONIC). */
export type NowMs = () => number;
