import type { NowMs } from '@softset/base';

/** CLOCK_MONOTONIC in milliseconds with fractions: the same clock in every process of a board (clock_gettime(2)). */
export const nowMs: NowMs = () => Number(process.hrtime.bigint()) / 1e6;
