import type { Command } from 'commander';
import { benchCommand } from './bench/command.js';
import type { SoakOptions } from './soak/command.js';

type Verb = (parent: Command, words: string, summary: string) => Command;
type Exit = (code: number) => void;

/**
 * The verbs of a laboratory: lab, demonstration, simulator, soak and benchmarks. They want the repository around them,
 * so the Debian package puts a function that adds nothing in this file's place (scripts/package-bundles.mjs): whatever
 * only a laboratory needs is loaded from here and from nowhere else.
 */
export function laboratoryCommands({ program, verb, exit }: { program: Command; verb: Verb; exit: Exit }): void {
  labCommands(verb(program, 'lab', 'a whole chassis on this machine, and faults to try on it'), verb, exit);

  verb(program, 'demo', 'a public address that survives every failure of (002 Figs 8 and 12)')
    .option('--json', 'one JSON object for each step, and a summary')
    .option('--keep', 'leave the chassis up, and say what to try')
    .option('--steps <ids>', 'only these steps, with commas between them')
    .option('--repeat <n>', 'play the steps so many times', '1')
    .option('--name <name>', "the lab's name", 'demo')
    .option('--calm', 'slow beats and a long lease, as without root: for a busy machine')
    .option('--quick', 'beats of 10 ms, on a machine with few processors too')
    .action(
      async (options: {
        json?: boolean;
        keep?: boolean;
        steps?: string;
        repeat: string;
        name: string;
        calm?: boolean;
        quick?: boolean;
      }) => {
        exit(await (await import('./demo/command.js')).demoCommand(options));
      },
    );
  // The simulator reads its own options, and answers --help itself.
  verb(program, 'sim [options...]', 'a whole cluster on a virtual clock, with seeded faults')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (options: string[]) => exit(await (await import('@softset/sim/command.js')).runSimCommand(options)));
  verb(program, 'soak', 'minutes of load, and daemons that stand still: false moves and silences, beside keepalived')
    .option('--minutes <n>', 'how long each is watched under load; 0: not at all', '10')
    .option('--loops <n>', 'busy loops beside the daemons', '4')
    .option('--boards <n>', '3, or the 7 of the example', '7')
    .option('--calm', 'slow beats and a long lease, as without root')
    .option('--no-peers', 'without keepalived')
    .option('--no-matrix', 'without SIGSTOP of each daemon in each role')
    .option('--stops <ms>', 'how long each stands still, with commas between them')
    .option('--name <name>', "the lab's name", 'soak')
    .option('--json', 'JSON on standard output')
    .action(async (options: SoakOptions) => exit(await (await import('./soak/command.js')).soakCommand(options)));
  // Its options are here, its suites load when they run.
  program.addCommand(benchCommand(exit).copyInheritedSettings(program));
}

function labCommands(lab: Command, verb: Verb, exit: Exit): void {
  const load = () => import('./lab-command.js');
  type Named = { name: string; json?: boolean };
  const named = (words: string, summary: string): Command =>
    verb(lab, words, summary)
      .option('--name <name>', "the lab's name", 'chassis')
      .option('--json', 'JSON on standard output');
  named('up <file>', 'bring up the chassis of a topology file')
    .option('--life-hours <n>', 'it ends by itself after so long; 0 never', '2')
    .action(async (file: string, options: Named & { lifeHours?: string }) =>
      exit(await (await load()).labUpCommand(file, options)),
    );
  named('down', 'end it, a killed one as well').action(async (options: Named) =>
    exit(await (await load()).labDownCommand(options)),
  );
  verb(lab, 'status', 'boards, daemons and standing faults; all labs where none is named')
    .option('--name <name>', "the lab's name")
    .option('--json', 'JSON on standard output')
    .action(async (options: Partial<Named>) => exit(await (await load()).labStatusCommand(options)));
  named(
    'exec <place> <command...>',
    'run a command on a board, or at outside, switch-a, switch-b; put -- before it',
  ).action(async (place: string, command: string[], options: Named) =>
    exit(await (await load()).labExecCommand(place, command, options)),
  );
  named('fault <kind> [target] [strength]', 'break something: link-down cpu-1:A, crash cpu-1, loss io-1:B 10%, …')
    .option('--for-good', 'with kill: it is not started again')
    .action(
      async (
        kind: string,
        target: string | undefined,
        strength: string | undefined,
        options: Named & { forGood?: boolean },
      ) => exit(await (await load()).labFaultCommand(kind, target ?? '', strength, options)),
    );
  named('heal [kind] [target]', 'undo one fault, or all').action(
    async (kind: string | undefined, target: string | undefined, options: Named) =>
      exit(await (await load()).labHealCommand(kind, target, options)),
  );
}
