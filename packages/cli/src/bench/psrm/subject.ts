import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, read, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type SubjectName = 'psrmd' | 'spawn' | 'runit' | 's6';

const psrmd = fileURLToPath(new URL('../../../../psrm/bin/psrmd.js', import.meta.url));
const bareMain = fileURLToPath(new URL('./bare-main.js', import.meta.url));
/** One that does not restart within this has failed; s6 and runit hold repeats for a second. */
const patienceMs = 5_000;

/**
 * A supervisor with one program, the same script for all: its first instruction writes its pid to a FIFO. It is a shell,
 * since that starts in a millisecond, and what is measured is who starts it.
 */
export class Subject {
  readonly name: SubjectName;
  readonly #folder: string;
  readonly #fifo: number;
  #supervisor: ChildProcess | undefined;
  #pid = 0;

  constructor(name: SubjectName, root: string) {
    this.name = name;
    this.#folder = join(root, name);
    mkdirSync(this.#folder);
    const path = join(this.#folder, 'fifo');
    execFileSync('mkfifo', [path]);
    // Opened for writing as well, or it would end with each writer, and the next would wait for us (fifo(7)).
    this.#fifo = openSync(path, 'r+');
    const announce = name === 's6' ? 'echo >&3\n' : '';
    const script = `#!/bin/sh\necho $$ 1<>"${path}"\n${announce}exec sleep 100000\n`;
    writeFileSync(join(this.#folder, 'run'), script, { mode: 0o755 });
    // s6 restarts at once only what has announced that it is ready, and has been so for a second.
    if (name === 's6') writeFileSync(join(this.#folder, 'notification-fd'), '3\n');
  }

  /** Resolves when its program runs. */
  async start(): Promise<void> {
    const begun = this.#begun();
    const [file, ...args] = this.#command();
    this.#supervisor = spawn(file, args, { stdio: 'ignore' });
    this.#pid = await begun;
  }

  #command(): [string, ...string[]] {
    switch (this.name) {
      case 'spawn':
        return [process.execPath, bareMain, join(this.#folder, 'run')];
      case 'runit':
        return ['runsv', this.#folder];
      case 's6':
        return ['s6-supervise', this.#folder];
      case 'psrmd': {
        const file = join(this.#folder, 'cluster.yaml');
        writeFileSync(file, clusterFile(join(this.#folder, 'run')));
        const options = ['--cluster', file, '--board', 'bench', '--run-dir', join(this.#folder, 'run-dir')];
        return [process.execPath, psrmd, ...options, '--stop-programs'];
      }
    }
  }

  /** Kills the program: from then to its successor's first instruction, ms. Throws when none comes. */
  async kill(): Promise<number> {
    const begun = this.#begun();
    const beganMs = performance.now();
    process.kill(this.#pid, 'SIGKILL');
    this.#pid = await begun;
    return performance.now() - beganMs;
  }

  /** The pid that the next start writes. A thread waits in read(2), so that nothing of this loop's own is measured. */
  #begun(): Promise<number> {
    return new Promise((resolve, reject) => {
      const late = (): void => {
        writeSync(this.#fifo, '0\n'); // Lets the thread go.
        reject(new Error(`${this.name} did not start its program within ${patienceMs / 1000} s`));
      };
      const timer = setTimeout(late, patienceMs);
      const bytes = Buffer.alloc(64);
      read(this.#fifo, bytes, 0, bytes.length, null, (error, length) => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve(Number(bytes.toString('latin1', 0, length).trim()));
      });
    });
  }

  async stop(): Promise<void> {
    const supervisor = this.#supervisor;
    if (supervisor && supervisor.exitCode === null && supervisor.signalCode === null) {
      const ended = new Promise((resolve) => supervisor.once('exit', resolve));
      supervisor.kill('SIGTERM');
      await Promise.race([ended, sleep(patienceMs)]);
      supervisor.kill('SIGKILL');
    }
    try {
      if (this.#pid > 0) process.kill(this.#pid, 'SIGKILL');
    } catch {
      // It went with its supervisor.
    }
    closeSync(this.#fifo);
  }
}

/** Many deaths are what it is for. */
function clusterFile(program: string): string {
  return `version: 1
cluster: { name: bench, number: 1, keyFile: bench.key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  bench: { id: 1, A: 10.1.1.1, B: 20.1.1.1, vote: true }
programs:
  clock: { command: [${JSON.stringify(program)}], boards: [bench], giveUp: { deaths: 1000, withinMs: 100 }, pause: { quietMs: 10 } }
`;
}
