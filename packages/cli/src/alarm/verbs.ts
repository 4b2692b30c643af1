import type { Command } from 'commander';
import type { TargetOptions } from '../targets.js';

type Options = TargetOptions & { readonly json?: boolean };

interface Parts {
  readonly program: Command;
  readonly verb: (parent: Command, words: string, summary: string) => Command;
  readonly targeted: (command: Command) => Command;
  readonly exit: (code: number) => void;
}

/** `softset alarm …`: what stands, what it means, and the end of what does not end by itself. */
export function alarmCommands({ program, verb, targeted, exit }: Parts): void {
  const alarm = verb(program, 'alarm', 'alarms: which stand, what each means, and what to do');
  const load = () => import('./command.js');
  targeted(verb(alarm, 'list', 'those that stand, the worst first, each with what to do')).action(
    async (options: Options) => exit(await (await load()).alarmListCommand(options)),
  );
  verb(alarm, 'explain [cause]', 'what an alarm means and what to do; all of them where none is named')
    .option('--json', 'JSON on standard output')
    .action(async (cause: string | undefined, options: Options) =>
      exit((await load()).alarmExplainCommand(cause, options)),
    );
  targeted(
    verb(alarm, 'clear <cause> [object]', 'ends one that stands; whoever sees its cause still raises it anew'),
  ).action(async (cause: string, object: string | undefined, options: Options) =>
    exit(await (await load()).alarmClearCommand(cause, object, options)),
  );
}
