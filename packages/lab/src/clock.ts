/** CLOCK_MONOTONIC in ms with fractions: the same in every process of this machine, whatever its namespaces. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
