import type { Command } from 'commander';
import type { TargetOptions } from '../targets.js';

type Options = TargetOptions & { readonly json?: boolean; readonly within?: string; readonly wait?: string };

interface Parts {
  readonly program: Command;
  readonly verb: (parent: Command, words: string, summary: string) => Command;
  readonly targeted: (command: Command) => Command;
  readonly exit: (code: number) => void;
}

/** `softset config …`: one cluster file for all boards, while they run. */
export function configCommands({ program, verb, targeted, exit }: Parts): void {
  const config = verb(
    program,
    'config',
    'one configuration for all boards: check, diff, push, commit, confirm, rollback',
  );
  const load = () => import('./command.js');
  targeted(verb(config, 'status', 'what runs where, what is held ready, what waits to be confirmed')).action(
    async (options: Options) => exit(await (await load()).configStatusCommand(options)),
  );
  targeted(verb(config, 'show [which]', 'the text that is running (default), staged or previous')).action(
    async (which: string | undefined, options: Options) =>
      exit(await (await load()).configShowCommand(which ?? 'running', options)),
  );
  targeted(verb(config, 'check <file>', 'whether it is good, and may replace what runs while boards run')).action(
    async (file: string, options: Options) => exit(await (await load()).configCheckCommand(file, options)),
  );
  targeted(verb(config, 'diff [file]', 'what would change, beside what is held ready where no file is named')).action(
    async (file: string | undefined, options: Options) => exit(await (await load()).configDiffCommand(file, options)),
  );
  targeted(verb(config, 'push <file>', 'every board that is up checks it and holds it ready; nothing runs it')).action(
    async (file: string, options: Options) => exit(await (await load()).configPushCommand(file, options)),
  );
  targeted(verb(config, 'commit', 'all boards run what was pushed, on trial until it is confirmed'))
    .option('--within <s>', 'it goes back unless it is confirmed in so many seconds; 0: it is kept at once', '120')
    .option('--wait <s>', 'how long to wait until all boards run it', '60')
    .action(async (options: Options) => exit(await (await load()).configCommitCommand(options)));
  targeted(verb(config, 'confirm', 'keep what is on trial')).action(async (options: Options) =>
    exit(await (await load()).configWishCommand('configurationConfirm', options)),
  );
  targeted(verb(config, 'rollback', 'back to what ran before')).action(async (options: Options) =>
    exit(await (await load()).configWishCommand('configurationRollback', options)),
  );
}
