import type { Command } from 'commander';
import { installed } from '../install/place.js';
import type { TargetOptions } from '../targets.js';

interface Parents {
  readonly program: Command;
  readonly verb: (parent: Command, words: string, summary: string) => Command;
  readonly targeted: (command: Command) => Command;
  readonly exit: (code: number) => void;
}

type Options = TargetOptions & { json?: boolean };

/** New boards: what the control node's operator does, and what the new board does. */
export function enrolCommands({ program, verb, targeted, exit }: Parents): void {
  const enrol = verb(program, 'enrol', 'new boards: who asks to join, approval, tokens');
  const load = () => import('./command.js');
  targeted(verb(enrol, 'list', 'who asks to join, and tokens')).action(async (options: Options) =>
    exit(await (await load()).enrolListCommand(options)),
  );
  for (const [decision, summary] of [
    ['approve', 'gives it the cluster file and the key; the code is what the new board shows'],
    ['refuse', 'turns it away'],
  ] as const)
    targeted(verb(enrol, `${decision} <code>`, summary)).action(async (code: string, options: Options) =>
      exit(await (await load()).enrolDecideCommand(decision, code, options)),
    );
  targeted(verb(enrol, 'token', 'a token with which one board may join, once, at that port'))
    .requiredOption('--port <port>', 'SWITCH:PORT, as softset geodhcp ports has them')
    .option('--minutes <n>', 'how long it is good', '60')
    .action(async (options: Options & { port: string; minutes: string }) =>
      exit(await (await load()).enrolTokenCommand(options)),
    );
  targeted(verb(enrol, 'revoke <id>', 'ends a token; its id is what stands before the dot')).action(
    async (id: string, options: Options) => exit(await (await load()).enrolRevokeCommand(id, options)),
  );
  verb(enrol, 'join', 'on a new board: asks a control node to be let in')
    .requiredOption('--control <address>', "the control node's address, such as its DHCP server's")
    .option('--port <n>', 'geodhcp.enrolPort there (default 7420)')
    .option('--token-file <file>', 'a file with a token; without one an operator has to approve')
    .option('--token <token>', 'the token itself, for consoles: other users of this board can see it')
    .option('--cluster <file>', 'where the cluster file goes, and the key beside it', installed.cluster)
    .option('--defaults <file>', "where this board's name goes", installed.defaults)
    .option('--run-dir <dir>', "the daemons' run directory", installed.runDir)
    .option('--state-dir <dir>', "the daemons' state directory", installed.stateDir)
    .option('--wait <s>', 'how long to wait for an operator', '3600')
    .action(async (options) => exit((await import('./join.js')).joinCommand(options)));
}
