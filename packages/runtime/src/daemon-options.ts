import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, ok, type Result } from '@softset/base';
import { type LogLevel, logLevels } from './log.js';
import { type MetricsAddress, parseMetricsAddress } from './metrics-address.js';

export interface DaemonOptions {
  /** The cluster file. */
  readonly cluster: string;
  /** This board's name in it. */
  readonly board: string;
  /** Sockets, locks and what must not outlive the machine: on a memory file system. */
  readonly runDir: string;
  /** What must outlive the machine. Absent on a diskless board. */
  readonly stateDir?: string;
  /** In place of the kernel's boot id, where boards share a kernel (the lab). */
  readonly bootIdFile?: string;
  readonly logLevel: LogLevel;
  /** Where `GET /metrics` is answered; absent: nowhere. */
  readonly metrics?: MetricsAddress;
}

export type DaemonCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'check-config'; readonly options: DaemonOptions; readonly json: boolean }
  | { readonly kind: 'run'; readonly options: DaemonOptions };

/** Exit codes of every daemon; 0, 1, 100 and 111 are s6's. */
export const exitCodes = { done: 0, refused: 1, crashed: 70, usage: 100, system: 111 } as const;

/** An option without a value that one daemon has beside those of all. Who wants to know asks its own arguments. */
export interface DaemonFlag {
  readonly name: `--${string}`;
  readonly meaning: string;
}

export function usage(name: string, flags: readonly DaemonFlag[] = []): string {
  const own = flags.map((flag) => `  ${flag.name.padEnd(20)} ${flag.meaning}\n`).join('');
  return `usage: ${name} --cluster FILE --board NAME --run-dir DIR [options]

  --cluster FILE       the cluster file
  --board NAME         this board's name in the cluster file
  --run-dir DIR        sockets and locks, on a memory file system
  --state-dir DIR      what outlives a reboot; without it the board is diskless
  --boot-id-file FILE  in place of /proc/sys/kernel/random/boot_id
  --log-level LEVEL    ${logLevels.join(', ')} (default info)
  --metrics ADDRESS    answer GET /metrics: unix (RUN_DIR/${name}.metrics.sock), unix:/PATH,
                       PORT (on 127.0.0.1), IPV4:PORT, [IPV6]:PORT; without it nowhere
  --check-config       say whether the configuration is good, and leave
  --json               with --check-config: say so as one JSON object
${own}  --version, --help

SIGTERM and SIGINT stop in order, SIGHUP reads the configuration again.
Exit: 0 done, 1 refused, 70 crashed (RUN_DIR/${name}.crash.json tells), 100 usage, 111 system.
`;
}

/** Error: `USAGE`, with what was found and what is allowed. */
export function parseDaemonArgs(
  args: readonly string[],
  flags: readonly DaemonFlag[] = [],
): Result<DaemonCommand, 'USAGE'> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const read = () =>
    parseArgs({
      args: args.filter((arg) => flags.every(({ name }) => name !== arg)),
      allowPositionals: false,
      options: {
        cluster: text,
        board: text,
        'run-dir': text,
        'state-dir': text,
        'boot-id-file': text,
        'log-level': text,
        metrics: text,
        'check-config': flag,
        json: flag,
        version: flag,
        help: flag,
      },
    }).values;
  let values: ReturnType<typeof read>;
  try {
    values = read();
  } catch (error) {
    return fail('USAGE', error instanceof Error ? error.message : String(error), error);
  }
  if (values.help) return ok({ kind: 'help' });
  if (values.version) return ok({ kind: 'version' });
  const { cluster, board, 'run-dir': runDir, 'state-dir': stateDir, 'boot-id-file': bootIdFile } = values;
  if (!cluster || !board || !runDir) return fail('USAGE', '--cluster, --board and --run-dir are required');
  const wantedLevel = values['log-level'] ?? 'info';
  const logLevel = logLevels.find((level) => level === wantedLevel);
  if (logLevel === undefined) {
    return fail('USAGE', `--log-level is one of ${logLevels.join(', ')}, not "${wantedLevel}"`);
  }
  const metrics = values.metrics === undefined ? undefined : parseMetricsAddress(values.metrics);
  if (metrics?.ok === false) return metrics;
  const options: DaemonOptions = {
    cluster: resolve(cluster),
    board,
    runDir: resolve(runDir),
    ...(stateDir === undefined ? {} : { stateDir: resolve(stateDir) }),
    ...(bootIdFile === undefined ? {} : { bootIdFile: resolve(bootIdFile) }),
    logLevel,
    ...(metrics === undefined ? {} : { metrics: metrics.value }),
  };
  if (values['check-config']) return ok({ kind: 'check-config', options, json: values.json ?? false });
  return ok({ kind: 'run', options });
}
