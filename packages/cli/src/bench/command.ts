import { Command } from 'commander';
import type { BenchOptions } from './run.js';

/** `softset bench`: how it ended is told to `exit`. What it needs is loaded when it runs, and not before. */
export function benchCommand(exit: (code: number) => void): Command {
  return new Command('bench')
    .description('benchmarks beside peers, in the same run; all suites where none is named')
    .argument(
      '[suite]',
      'failover: outages that a client sees; package: its pulse, killed; psrm: restarts; rules: decisions; dhcp: addresses given; snmp: walks; scale: boards',
    )
    .option('--json', 'one JSON object for each row')
    .option('--runs <n>', 'runs of each case')
    .option('--cases <ids>', 'only these cases, with commas between them')
    .option('--peers <names>', 'only these peers, with commas between them; none: no peers')
    .action(async (suite: string | undefined, options: BenchOptions) => {
      exit(await (await import('./run.js')).runBench(suite, options));
    });
}
