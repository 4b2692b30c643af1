import type { Command } from 'commander';
import type { TargetOptions } from '../targets.js';

type Options = TargetOptions & { readonly json?: boolean; readonly resume?: boolean; readonly abort?: boolean };

interface Parts {
  readonly program: Command;
  readonly verb: (parent: Command, words: string, summary: string) => Command;
  readonly targeted: (command: Command) => Command;
  readonly exit: (code: number) => void;
}

/** `softset key …`: the key that all boards seal with, changed while they run. */
export function keyCommands({ program, verb, targeted, exit }: Parts): void {
  const key = verb(program, 'key', 'the key that all boards seal with');
  const load = () => import('./command.js');
  targeted(verb(key, 'status', 'which keys each board has, by their fingerprints')).action(async (options: Options) =>
    exit(await (await load()).keyCommand('status', options)),
  );
  targeted(verb(key, 'rotate', 'a new key: installed, used, the old one removed, each by all boards'))
    .option('--resume', 'go on where a board did not answer')
    .option('--abort', 'take it back')
    .action(async (options: Options) => {
      const how = options.abort === true ? 'abort' : options.resume === true ? 'resume' : 'rotate';
      exit(await (await load()).keyCommand(how, options));
    });
}
