import { parseArgs } from 'node:util';

const usage = `usage: softset-init [--log-dir DIR] [--units DIR] [--cluster FILE] [--run-dir DIR] [--defaults FILE] [DAEMON…]

Starts the board's daemons and keeps them running. DAEMON: those that not every board has, geodhcpd and snmpagd.
`;
const always = ['netrack-pulse', 'netrackd', 'redirectd', 'psrmd'];
const some = ['geodhcpd', 'snmpagd'];
const exitUsage = 100;

/** Ends the process where they are none: 100 is usage. */
export function initOptions(args: readonly string[]) {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'log-dir': { type: 'string' },
        units: text('/usr/lib/systemd/system'),
        cluster: text('/etc/softset/cluster.yaml'),
        'run-dir': text('/run/softset'),
        defaults: text('/etc/default/softset'),
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(usage);
      process.exit(0);
    }
    const stranger = positionals.find((name) => !some.includes(name));
    if (stranger !== undefined)
      throw new Error(`there is no daemon "${stranger}" to add; there are ${some.join(', ')}`);
    return { ...values, names: [...always, ...some.filter((name) => positionals.includes(name))] };
  } catch (error) {
    process.stderr.write(`softset-init: ${(error as Error).message}\n${usage}`);
    process.exit(exitUsage);
  }
}
