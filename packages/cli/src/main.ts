import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { alarmCommands } from './alarm/verbs.js';
import { configCommands } from './config/verbs.js';
import { enrolCommands } from './enrol/verbs.js';
import { exitCodes } from './exit-codes.js';
import { installCommands } from './install/verbs.js';
import { keyCommands } from './key/verbs.js';
import { laboratoryCommands } from './laboratory.js';
import { refuseError } from './say.js';

type Targets = { runDir?: string; lab?: string; board?: string; json?: boolean };
type JournalTargets = Targets & { journal?: string; stateDir?: string; cluster?: string };

const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;

/** Runs one command line, and says how it ended: 0 done, 1 refused, 100 usage, 111 system. */
export async function main(argv: readonly string[]): Promise<number> {
  let code: number = exitCodes.done;
  // A reader that leaves early (`softset status | head -1`) is no fault of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const program = commands((exit) => {
    code = exit;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return refuseError(error);
  }
}

/** Where the daemons are. */
function targeted(command: Command): Command {
  return command
    .option('--run-dir <dir>', "the daemons' run directory (default $SOFTSET_RUN_DIR, else /run/softset)")
    .option('--lab <name>', 'the boards of a lab on this machine')
    .option('--board <name>', 'one board of that lab')
    .option('--json', 'JSON on standard output');
}

function commands(exit: (code: number) => void): Command {
  const program = new Command('softset')
    .description('SOFTSET: services that stay reachable on boards with two networks')
    .version(version, '--version')
    .exitOverride()
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(softset --help says what there is)');
  /** Each verb loads what it needs when it is used, and not before. */
  const verb = (parent: Command, words: string, summary: string): Command => {
    return parent.command(words).description(summary).exitOverride();
  };
  targeted(verb(program, 'status', 'what is wrong, who directs, boards, services, alarms')).action(
    async (options: Targets) => {
      exit(await (await import('./status/command.js')).statusCommand(options));
    },
  );
  targeted(verb(program, 'watch', 'a line for each change, until Ctrl-C')).action(async (options: Targets) => {
    exit(await (await import('./watch/command.js')).watchCommand(options));
  });
  targeted(verb(program, 'path <board>', 'the best way to a board now')).action(
    async (board: string, options: Targets) => {
      exit(await (await import('./ask.js')).pathCommand(board, options));
    },
  );

  const service = verb(program, 'service', 'services and planned moves');
  targeted(verb(service, 'list', 'who holds what')).action(async (options: Targets) => {
    exit(await (await import('./ask.js')).serviceListCommand(options));
  });
  serviceCommands(service, verb, exit);
  const board = verb(program, 'board', 'what boards are given');
  boardCommands(board, verb, exit);
  networkCommands(verb(program, 'network', 'the two networks'), verb, exit);
  installCommands({ program, board, verb, targeted, exit });
  enrolCommands({ program, verb, targeted, exit });
  configCommands({ program, verb, targeted, exit });
  keyCommands({ program, verb, targeted, exit });
  alarmCommands({ program, verb, targeted, exit });

  const psrm = verb(program, 'psrm', 'programs of one board');
  for (const [words, summary] of [
    ['list', 'what runs, since when, and how it ended last'],
    ['status [program]', 'the same, of one program or of all'],
  ] as const) {
    targeted(verb(psrm, words, summary)).action(async (...given: readonly unknown[]) => {
      const [name, options] = words === 'list' ? [undefined, given[0]] : given;
      const { psrmStatusCommand } = await import('./psrm/command.js');
      exit(await psrmStatusCommand(name as string | undefined, options as Targets));
    });
  }
  for (const order of ['start', 'stop', 'restart'] as const) {
    targeted(verb(psrm, `${order} <program>`, `${order} a program`)).action(async (name: string, options: Targets) => {
      exit(await (await import('./psrm/command.js')).psrmOrderCommand(order, name, options));
    });
  }
  targeted(verb(psrm, 'clear', 'trust a board again that was given up with its programs')).action(
    async (options: Targets) => exit(await (await import('./psrm/command.js')).psrmClearCommand(options)),
  );
  targeted(verb(psrm, 'log <program>', 'what it wrote, each line with its time'))
    .option('-f, --follow', 'go on with what it writes, until Ctrl-C')
    .option('-n, --lines <count>', 'so many of the last lines', '50')
    .action(async (name: string, options: Targets & { follow?: boolean; lines: string }) => {
      exit(await (await import('./psrm/log.js')).psrmLogCommand(name, options));
    });
  targeted(verb(psrm, 'why <program>', 'what happened to it, and what followed')).action(
    async (name: string, options: Targets) => exit(await (await import('./psrm/why.js')).psrmWhyCommand(name, options)),
  );

  const geodhcp = verb(program, 'geodhcp', 'addresses by switch port');
  for (const [what, summary] of [
    ['status', 'who answers, and whether the switches do'],
    ['leases', 'who has which address, since when'],
    ['ports', 'the port map, and what is plugged in'],
    ['conflicts', 'addresses that strangers use'],
  ] as const) {
    targeted(verb(geodhcp, what, summary)).action(async (options: Targets) => {
      exit(await (await import('./geodhcp.js')).geoListCommand(what, options));
    });
  }
  targeted(verb(geodhcp, 'locate <mac>', 'asks the switches which port a MAC is on')).action(
    async (mac: string, options: Targets) => exit(await (await import('./geodhcp.js')).geoLocateCommand(mac, options)),
  );
  targeted(verb(geodhcp, 'learn', 'a port map of what is plugged in now, for the cluster file')).action(
    async (options: Targets) => exit(await (await import('./geodhcp.js')).geoLearnCommand(options)),
  );
  verb(geodhcp, 'check <file>', 'whether the port map of a cluster file is good')
    .option('--json', 'one JSON object')
    .action(async (file: string, options: { json?: boolean }) => {
      exit((await import('./geodhcp-check.js')).geoCheckCommand(file, options));
    });
  targeted(verb(geodhcp, 'release <ip>', 'ends the lease and the quarantine of an address')).action(
    async (ip: string, options: Targets) => exit(await (await import('./geodhcp.js')).geoReleaseCommand(ip, options)),
  );

  // REDIRECT's own program reads its options, and answers --help itself.
  verb(program, 'rules [words...]', 'failover rules: check, test, simulate, replay, graph')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (words: string[]) => exit(await (await import('./rules-command.js')).rulesCommand(words)));
  const journaled = (command: Command): Command =>
    targeted(command)
      .option('--journal <file>', "redirectd's journal (default redirectd.journal in the state directory)")
      .option('--state-dir <dir>', "redirectd's state directory (default $SOFTSET_STATE_DIR, else /var/lib/softset)")
      .option('--cluster <file>', 'names of boards and addresses (default /etc/softset/cluster.yaml)');
  journaled(
    verb(
      program,
      'why <words...>',
      'why it moved: why ADDRESS, SERVICE, board NAME, network NAME, rule NAME; each decision with its facts',
    ),
  ).action(async (words: string[], options: JournalTargets) => {
    exit(await (await import('./rules-command.js')).journalCommand(['why', ...words], options));
  });
  journaled(verb(program, 'journal', 'moves, decisions of rules, orders, and who asked'))
    .option('-f, --follow', 'and what comes, until Ctrl-C')
    .action(async (options: JournalTargets & { follow?: boolean }) => {
      const words = options.follow ? ['journal', '--follow'] : ['journal'];
      exit(await (await import('./rules-command.js')).journalCommand(words, options));
    });

  const snmp = verb(program, 'snmp', 'the system behind SNMP tools');
  verb(snmp, 'setup', 'what SNMP still needs, and the commands to try')
    .option('--cluster <file>', 'the cluster file', '/etc/softset/cluster.yaml')
    .option('--json', 'JSON on standard output')
    .action(async (options: { cluster: string; json?: boolean }) => {
      exit((await import('./snmp-setup.js')).snmpSetupCommand(options));
    });

  laboratoryCommands({ program, verb, exit });
  return program;
}

type Verb = (parent: Command, words: string, summary: string) => Command;
type Operate = Targets & { dryRun?: boolean; wait?: string };
const operate = () => import('./operate.js');
const planned = (command: Command): Command =>
  targeted(command).option('--dry-run', 'only say what would be done, and why');

function serviceCommands(service: Command, verb: Verb, exit: (code: number) => void): void {
  targeted(verb(service, 'explain <service>', 'why it is where it is, and what each board is thought of')).action(
    async (name: string, options: Operate) => exit(await (await operate()).explainCommand(name, options)),
  );
  planned(
    verb(service, 'move <service> [board]', 'hand a service to another board, the best one where none is named'),
  ).action(async (name: string, board: string | undefined, options: Operate) => {
    const wish = { kind: 'move', service: name, ...(board === undefined ? {} : { board }) } as const;
    exit(await (await operate()).operateCommand(wish, options));
  });
  planned(verb(service, 'drain <service>', 'have it leave its board, for the best other one')).action(
    async (name: string, options: Operate) =>
      exit(await (await operate()).operateCommand({ kind: 'move', service: name }, options)),
  );
  planned(verb(service, 'pin <service> <board>', 'prefer a board for its next choice, until unpinned')).action(
    async (name: string, board: string, options: Operate) =>
      exit(await (await operate()).operateCommand({ kind: 'pin', service: name, board }, options)),
  );
  planned(verb(service, 'unpin <service>', 'forget its pin')).action(async (name: string, options: Operate) =>
    exit(await (await operate()).operateCommand({ kind: 'unpin', service: name }, options)),
  );
}

function networkCommands(network: Command, verb: Verb, exit: (code: number) => void): void {
  planned(
    verb(network, 'prefer <A|B>', 'addresses stand on it, and traffic between boards takes it, while it works'),
  ).action(async (name: string, options: Operate) =>
    exit(await (await operate()).operateCommand({ kind: 'prefer', network: name }, options)),
  );
}

function boardCommands(board: Command, verb: Verb, exit: (code: number) => void): void {
  const words = {
    drain: 'it gives up all that others can take, and is given nothing, until activated',
    maintenance: 'it is left alone with what it holds, and given nothing, until activated',
    standby: 'a spare: active boards take what it holds, and it takes what none of them can, until activated',
    activate: 'it is given work again',
  } as const;
  for (const [kind, summary] of Object.entries(words) as [keyof typeof words, string][]) {
    const command = planned(verb(board, `${kind} <name>`, summary));
    if (kind === 'drain') command.option('--wait <s>', 'how long to wait until it holds nothing', '30');
    command.action(async (name: string, options: Operate) =>
      exit(await (await operate()).operateCommand({ kind, board: name }, options)),
    );
  }
  planned(verb(board, 'unfence <name>', 'its switch ports, put down by fencing: switch-port, are put up again')).action(
    async (name: string, options: Operate) => exit(await (await operate()).unfenceCommand(name, options)),
  );
}
