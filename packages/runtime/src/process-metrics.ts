import type { Metrics } from './metrics.js';

const MICROSECONDS = 1e6;

/** What every daemon says of its process, by Prometheus's own names; and who it is. */
export function processMetrics(metrics: Metrics, daemon: string, version: string, board: string): void {
  const startedS = Date.now() / 1000 - process.uptime();
  metrics.observed('gauge', 'softset_daemon_info', 'Always 1: which daemon this is.', () => [
    [{ daemon, version, board }, 1],
  ]);
  metrics.observedGauge('process_start_time_seconds', 'Start of the process, s since 1970.', () => startedS);
  metrics.observed('counter', 'process_cpu_seconds_total', 'Processor time, user and system.', () => {
    const { user, system } = process.cpuUsage();
    return [[{}, (user + system) / MICROSECONDS]];
  });
  metrics.observedGauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
}
