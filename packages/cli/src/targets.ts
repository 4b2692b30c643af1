import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';

/** Which daemons a command talks to. */
export interface TargetOptions {
  readonly runDir?: string;
  /** A lab's name; then its boards' run directories are meant. */
  readonly lab?: string;
  /** One board of that lab. */
  readonly board?: string;
}

export interface Target {
  /** For messages: the board of a lab, or the directory. */
  readonly name: string;
  readonly runDir: string;
}

export const defaultRunDir = '/run/softset';

/** At least one target. Errors: `LAB_UNKNOWN`, `LAB_DEAD`, `UNKNOWN_BOARD`, `USAGE`. */
export async function targetsOf(options: TargetOptions): Promise<Result<readonly Target[]>> {
  const { runDir, lab, board } = options;
  if (lab === undefined) {
    if (board !== undefined) return fail('USAGE', '--board goes with --lab; on a board itself, give --run-dir');
    const dir = runDir ?? process.env.SOFTSET_RUN_DIR ?? defaultRunDir;
    return ok([{ name: dir, runDir: dir }]);
  }
  if (runDir !== undefined) return fail('USAGE', 'give --run-dir or --lab, not both');
  // This file of the lab, and not all of it: a status must not wait for libraries that it does not use.
  const { labsRoot, listLabs } = await import('@softset/lab/lab-state.js');
  const labs = listLabs(labsRoot());
  const found = labs.find((one) => one.name === lab);
  if (found === undefined) {
    const known = labs.map((one) => one.name).join(', ') || 'none';
    return fail('LAB_UNKNOWN', `there is no lab "${lab}" (there are: ${known}); softset lab up makes one`);
  }
  if (found.state === 'dead')
    return fail('LAB_DEAD', `lab "${lab}" has ended; softset lab down --name ${lab} removes it`);
  const boards = existsSync(join(found.dir, 'boards')) ? readdirSync(join(found.dir, 'boards')).sort() : [];
  const targets = boards.map((name) => ({ name, runDir: join(found.dir, 'boards', name, 'run') }));
  const chosen = board === undefined ? targets : targets.filter((one) => one.name === board);
  if (chosen.length > 0) return ok(chosen);
  return fail('UNKNOWN_BOARD', `lab "${lab}" has no board "${board ?? ''}"; it has ${boards.join(', ') || 'none'}`);
}

/** One board is needed, and cannot be guessed. */
export async function oneTarget(options: TargetOptions): Promise<Result<Target>> {
  const targets = await targetsOf(options);
  if (!targets.ok) return targets;
  const [only, ...more] = targets.value;
  if (only !== undefined && more.length === 0) return ok(only);
  return fail('USAGE', `say which board with --board: ${targets.value.map((one) => one.name).join(', ')}`);
}
