import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type SubjectName = 'psrmd' | 'spawn' | 'runit' | 's6';
export type Peer = Exclude<SubjectName, 'psrmd'>;
export type Command = readonly [string, ...string[]];

const psrmd = fileURLToPath(new URL('../../../../psrm/bin/psrmd.js', import.meta.url));
const bareMain = fileURLToPath(new URL('./bare-main.js', import.meta.url));

/** A folder's own supervisor, and the one of a folder of such folders. */
const one: Readonly<Record<Peer, string | undefined>> = { spawn: undefined, runit: 'runsv', s6: 's6-supervise' };
const many: Readonly<Record<Peer, string | undefined>> = { spawn: undefined, runit: 'runsvdir', s6: 's6-svscan' };

/** Whether a peer is on this machine. */
export function installed(name: Peer, of: 'one' | 'many'): boolean {
  const program = (of === 'one' ? one : many)[name];
  const path = (process.env.PATH ?? '').split(delimiter);
  return program === undefined || path.some((folder) => existsSync(join(folder, program)));
}

/**
 * The program `run` in a folder, the same for all: its first instruction writes its pid to a FIFO. It is a shell, since
 * that starts in a millisecond, and what is measured is who starts it. s6 restarts at once only what has announced that
 * it is ready, and has been so for a second.
 */
export function writeProgram(name: SubjectName, folder: string, fifo: string): void {
  const announce = name === 's6' ? 'echo >&3\n' : '';
  writeFileSync(join(folder, 'run'), `#!/bin/sh\necho $$ 1<>"${fifo}"\n${announce}exec sleep 100000\n`, {
    mode: 0o755,
  });
  if (name === 's6') writeFileSync(join(folder, 'notification-fd'), '3\n');
}

/** Supervises the program in a folder, once or `count` times; for runit and s6 the folder has a folder for each then. */
export function supervise(name: SubjectName, folder: string, count: number, more: object = {}): Command {
  const program = join(folder, 'run');
  switch (name) {
    case 'spawn':
      return [process.execPath, bareMain, program, String(count)];
    case 'runit':
    case 's6':
      return count === 1 ? [one[name] ?? '', folder] : [many[name] ?? '', join(folder, 'services')];
    case 'psrmd': {
      const file = join(folder, 'cluster.yaml');
      writeFileSync(file, clusterFile(program, count, more));
      const options = ['--cluster', file, '--board', 'bench', '--run-dir', join(folder, 'run-dir')];
      return [process.execPath, psrmd, ...options, '--stop-programs'];
    }
  }
}

/** Many deaths are what it is for. JSON is YAML. */
function clusterFile(program: string, count: number, more: object): string {
  const patience = { giveUp: { deaths: 1000, withinMs: 100 }, pause: { quietMs: 10 } };
  const entry = JSON.stringify({ command: [program], boards: ['bench'], ...patience, ...more });
  const lines = Array.from({ length: count }, (_, i) => `  p${i}: ${entry}`);
  return `version: 1
cluster: { name: bench, number: 1, keyFile: bench.key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  bench: { id: 1, A: 10.1.1.1, B: 20.1.1.1, vote: true }
programs:
${lines.join('\n')}
`;
}
