import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DaemonSpec, Lab } from '@softset/lab';
import { REAL_TIME } from '@softset/protocol/real-time.js';
import { type DaemonProgram, daemonPrograms, formProgram } from './demo/places.js';

/**
 * Waits for the cluster to be formed: a board that was never made a member has no vote record (T7). Then starts the
 * daemon, and the pulse with its real-time priority where that is permitted, as a unit file would: one that comes back
 * must not wait its turn to load, nor must the threads that read its files. The others ask for theirs once they are up.
 * $0: the mark; $1: the priority, or 0.
 */
const startDaemon = `while ! [ -e "$0" ]; do sleep 0.02; done
priority=$1; shift
[ "$priority" != 0 ] && chrt --rr "$priority" true 2>/dev/null && exec chrt --rr "$priority" "$@"
exec "$@"`;

/** A lab's daemons. `chosen`: which boards run one; default all, but psrmd only where programs can run. */
export function daemonSpecs(
  boards: readonly string[],
  chosen: Partial<Record<DaemonProgram, readonly string[]>> = {},
): DaemonSpec[] {
  return (Object.entries(daemonPrograms) as [DaemonProgram, string][]).map(([name, program]) => {
    // A real-time thread must not wait for V8's helper threads, which run when nobody else wants the processor.
    const flags = name === 'psrmd' ? [] : ['--single-threaded-gc'];
    const options = ['--cluster', '{labDir}/chassis.yaml', '--board', '{board}', '--run-dir', '{runDir}'];
    options.push('--state-dir', '{stateDir}', '--boot-id-file', '{bootIdFile}');
    const where = chosen[name] ?? (name === 'psrmd' ? boards.filter((board) => !board.startsWith('router')) : boards);
    return {
      name,
      command: [
        '/bin/sh',
        '-c',
        startDaemon,
        '{labDir}/formed',
        name === 'netrack-pulse' ? `${REAL_TIME[name]}` : '0',
        '{node}',
        ...flags,
        program,
        ...options,
      ],
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
