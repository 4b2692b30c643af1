import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ok, type Result } from '@softset/base';
import { exitCodes } from './exit-codes.js';
import { rulesProgram } from './programs-beside.js';
import { refuse } from './say.js';
import { type TargetOptions, targetsOf } from './targets.js';

interface JournalOptions extends TargetOptions {
  readonly json?: boolean;
  readonly journal?: string;
  readonly stateDir?: string;
  readonly cluster?: string;
}

const defaultStateDir = '/var/lib/softset';
const defaultCluster = '/etc/softset/cluster.yaml';

/**
 * `softset rules …`: REDIRECT's rules program, with our terminal. `--lab NAME` stands for that lab's cluster file, and for
 * the board whose word counts most: another may know less, or be the one that died.
 */
export async function rulesCommand(words: readonly string[]): Promise<number> {
  const at = words.indexOf('--lab');
  if (at < 0) return run(words);
  const lab = words[at + 1];
  const targets = await targetsOf(lab === undefined ? {} : { lab });
  if (!targets.ok) return refuse(targets);
  const [first] = targets.value;
  if (first === undefined) return run(words);
  const cluster = join(labFolder(first.runDir), 'chassis.yaml');
  const place: string[] = [];
  if (words.includes('simulate')) {
    const best = await (await import('./status/gather.js')).gather(targets.value);
    if (!best.ok) return refuse(best);
    place.push('--run-dir', best.value.from.runDir);
  }
  return run([...words.slice(0, at), ...words.slice(at + 2), '--cluster', cluster, ...place]);
}

/** `softset why` and `softset journal`: of one board's journal, or of those of a whole lab together. */
export async function journalCommand(words: readonly string[], options: JournalOptions): Promise<number> {
  const places = await placesOf(options);
  if (!places.ok) return refuse(places);
  const { journals, cluster } = places.value;
  const named = cluster === undefined ? [] : ['--cluster', cluster];
  const json = options.json === true ? ['--json'] : [];
  return run([...words, ...journals.flatMap((file) => ['--journal', file]), ...named, ...json]);
}

async function placesOf(
  options: JournalOptions,
): Promise<Result<{ journals: readonly string[]; cluster: string | undefined }>> {
  const own = options.cluster ?? (existsSync(defaultCluster) ? defaultCluster : undefined);
  if (options.journal !== undefined) return ok({ journals: [options.journal], cluster: own });
  if (options.lab === undefined) {
    const stateDir = options.stateDir ?? process.env.SOFTSET_STATE_DIR ?? defaultStateDir;
    return ok({ journals: [join(stateDir, 'redirectd.journal')], cluster: own });
  }
  const targets = await targetsOf(options);
  if (!targets.ok) return targets;
  const journals = targets.value.map(({ runDir }) => join(dirname(runDir), 'state', 'redirectd.journal'));
  const [first] = targets.value;
  const cluster = options.cluster ?? (first && join(labFolder(first.runDir), 'chassis.yaml'));
  return ok({ journals, cluster });
}

/** LAB/boards/BOARD/run */
const labFolder = (runDir: string): string => dirname(dirname(dirname(runDir)));

function run(words: readonly string[]): Promise<number> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [rulesProgram, ...words], { stdio: 'inherit' });
    // Ctrl-C reaches both of us, and what is sent to this process alone is meant for both; the child's end is ours.
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    for (const signal of SIGNALS) process.on(signal, pass);
    child.on('error', (error) => done(refuse({ code: 'ESYSTEM', message: error.message })));
    child.on('close', (code, signal) => {
      for (const one of SIGNALS) process.off(one, pass);
      done(code ?? (signal === 'SIGINT' ? exitCodes.done : exitCodes.system));
    });
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
