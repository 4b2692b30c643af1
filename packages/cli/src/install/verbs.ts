import type { Command } from 'commander';
import type { TargetOptions } from '../targets.js';
import { installed } from './place.js';

interface Parents {
  readonly program: Command;
  readonly board: Command;
  readonly verb: (parent: Command, words: string, summary: string) => Command;
  readonly targeted: (command: Command) => Command;
  readonly exit: (code: number) => void;
}

/** The verbs of a real board: its first steps, what is wrong with it, and what its units call. */
export function installCommands({ program, board, verb, targeted, exit }: Parents): void {
  verb(program, 'init', 'writes a cluster file and a key; what no flag says is asked')
    .option('--dir <dir>', 'where to', '/etc/softset')
    .option('--name <name>', 'of the cluster')
    .option('--number <n>', 'tells clusters on one wire apart (default: by chance)')
    .option('--network-a <network>', 'SUBNET,DEVICE[,MULTICAST], such as 10.1.0.0/16,eth0')
    .option('--network-b <network>', 'the other one, with no link to the first')
    .option('--boards <boards>', 'NAME[:ROLE][=ADDRESS_ON_A/ADDRESS_ON_B], with commas between them')
    .option('--votes <boards>', 'who votes, an odd number (default: up to three, control boards first)')
    .option('--from-network', 'proposes the boards that answer on both networks')
    .option('--split-brain', 'two votes, and after a cut both or neither may serve')
    .option('--json', 'one JSON object')
    .action(async (options) => exit(await (await import('../init/command.js')).initCommand(options)));

  const placed = (command: Command): Command =>
    command
      .option('--cluster <file>', 'the cluster file', installed.cluster)
      .option('--board <name>', "this board's name (default: BOARD in /etc/default/softset, else the host's)")
      .option('--run-dir <dir>', "the daemons' run directory", installed.runDir)
      .option('--state-dir <dir>', "the daemons' state directory", installed.stateDir);
  placed(verb(program, 'form', 'makes this board a member, once')).action(async (options) =>
    exit((await import('./form.js')).formCommand(options)),
  );
  placed(verb(program, 'doctor', 'what is wrong with this board and the cluster, and what to do about it'))
    .option('--json', 'one JSON object')
    .action(async (options) => exit(await (await import('../doctor/command.js')).doctorCommand(options)));

  verb(program, 'backup', 'cluster file, rules and the like in one file, keys in another')
    .option('--cluster <file>', 'the cluster file; its folder is what is kept', installed.cluster)
    .option(
      '--state-dir <dir>',
      "the daemons' state directory: it has the key, once keys were rotated",
      installed.stateDir,
    )
    .option('--out <dir>', 'where to', '.')
    .option('--json', 'one JSON object')
    .action(async (options) =>
      exit((await import('../backup/command.js')).backupCommand(options, program.version() ?? '', new Date())),
    );
  verb(program, 'restore <files...>', 'what softset backup wrote; what is there is not written over')
    .option('--cluster <file>', 'the cluster file; the others go beside it', installed.cluster)
    .option('--force', 'write over what is there')
    .option('--json', 'one JSON object')
    .action(async (files: string[], options) =>
      exit((await import('../backup/command.js')).restoreCommand(files, options)),
    );

  targeted(verb(program, 'events [folders...]', 'the journals of all daemons and boards, as one story without clocks'))
    .option('--state-dir <dir>', "the daemons' state directory (default $SOFTSET_STATE_DIR, else /var/lib/softset)")
    .option('-n, --lines <count>', 'so many of the last lines; 0: all', '100')
    .action(async (folders: string[], options) =>
      exit(await (await import('../events/command.js')).eventsCommand(folders, options)),
    );

  type Leave = TargetOptions & { stateDir: string; wait: string };
  const leaving = (words: string, summary: string, seconds: string): Command =>
    targeted(verb(board, words, summary))
      .option('--state-dir <dir>', "the daemons' state directory", installed.stateDir)
      .option('--wait <s>', 'how long at most', seconds);
  leaving(
    'leave [name]',
    'named: it leaves the cluster for good, services first, then its vote; unnamed: this board hands over, before its daemons stop',
    '20',
  ).action(async (name: string | undefined, options: Leave) => {
    const { leaveCommand, leaveForGoodCommand } = await import('./leave.js');
    exit(await (name === undefined ? leaveCommand(options) : leaveForGoodCommand(name, options)));
  });
  leaving('return [name]', 'takes back what board leave did', '60').action(
    async (name: string | undefined, options: Leave) => {
      const { returnCommand, returnForGoodCommand } = await import('./leave.js');
      exit(await (name === undefined ? returnCommand(options) : returnForGoodCommand(name, options)));
    },
  );

  const quorum = verb(program, 'quorum', 'whose votes count, and what to do when too few of them are left');
  targeted(verb(quorum, 'status', 'who votes, who is there, and how many are needed')).action(
    async (options: TargetOptions & { json?: boolean }) =>
      exit(await (await import('../quorum/command.js')).quorumStatusCommand(options)),
  );
  targeted(verb(quorum, 'force', 'takes the votes that are not there: only when their boards are dead for certain'))
    .option('--confirm <cluster>', "the cluster's name, where nobody can be asked")
    .action(async (options: TargetOptions & { json?: boolean; confirm?: string }) =>
      exit(await (await import('../quorum/command.js')).quorumForceCommand(options)),
    );
}
