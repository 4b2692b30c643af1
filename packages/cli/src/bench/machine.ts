import { availableParallelism, loadavg, release } from 'node:os';

/** Figures without the machine say nothing. Load: runnable tasks, averaged over 1, 5 and 15 minutes (proc(5)). */
export function machine(): string {
  const load = loadavg().map((one) => one.toFixed(1));
  return `${availableParallelism()} cores, Linux ${release()}, Node ${process.versions.node}, load ${load.join(' ')}`;
}
