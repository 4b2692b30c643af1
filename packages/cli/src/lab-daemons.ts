import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DaemonSpec, Lab } from '@softset/lab';
import { REAL_TIME } from '@softset/protocol/real-time.js';
import { type DaemonProgram, daemonPrograms } from './demo/places.js';
import { formProgram } from './programs-beside.js';

/** There once the cluster is formed. */
const FORMED = '{labDir}/formed';

/**
 * A real-time thread must not wait for V8's helper threads, which run when nobody else wants the processor; nor stand
 * still itself while V8 optimises what it runs (docs/adr/0011).
 */
export const STEADY = ['--single-threaded', '--turbo-filter=sha256Compress', '--no-maglev', '--no-flush-bytecode'];

/** A lab's daemons. `chosen`: which boards run one; default all, but psrmd only where programs can run. */
export function daemonSpecs(
  boards: readonly string[],
  chosen: Partial<Record<DaemonProgram, readonly string[]>> = {},
): DaemonSpec[] {
  return (Object.entries(daemonPrograms) as [DaemonProgram, string][]).map(([name, program]) => {
    const flags = name === 'psrmd' ? [] : STEADY;
    const options = ['--cluster', '{labDir}/chassis.yaml', '--board', '{board}', '--run-dir', '{runDir}'];
    options.push('--state-dir', '{stateDir}', '--boot-id-file', '{bootIdFile}');
    const where = chosen[name] ?? (name === 'psrmd' ? boards.filter((board) => !board.startsWith('router')) : boards);
    return {
      name,
      command: ['{node}', ...flags, program, ...options],
      // A board that was never made a member has no vote record (T7).
      after: FORMED,
      // As a unit file would have it: a pulse that comes back must not wait its turn to load, nor must the threads that
      // read its files. The others ask for theirs once they are up.
      ...(name === 'netrack-pulse' ? { realTime: REAL_TIME[name] } : {}),
      boards: [...where],
    };
  });
}

/** Makes each of these boards a member, once, before its daemons start (000 Fig. 7). */
export async function form(lab: Lab, clusterFile: string, boards: readonly string[]): Promise<void> {
  const run = promisify(execFile);
  await Promise.all(
    boards.map((name) => {
      const { runDir, stateDir } = lab.board(name);
      const where = ['--cluster', clusterFile, '--board', name, '--run-dir', runDir, '--state-dir', stateDir];
      return run(process.execPath, [formProgram, ...where]);
    }),
  );
  writeFileSync(join(lab.dir, 'formed'), '');
}
