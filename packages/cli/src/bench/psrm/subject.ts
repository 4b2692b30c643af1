import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, read, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Use, useOf } from './cost.js';
import { type SubjectName, supervise, writeProgram } from './supervisors.js';

export interface SubjectOptions {
  readonly name: SubjectName;
  /** A folder of its own is made in it. */
  readonly root: string;
  /** How often it runs the program. */
  readonly count: number;
  /** What psrmd's entry of the program has besides. */
  readonly more?: object;
}

/** One that does not restart so many within this has failed; s6 and runit hold repeats for a second. */
const patienceMs = (count: number): number => 5_000 + 100 * count;

/** A supervisor with its programs, each of which says its pid to one FIFO as its first instruction. */
export class Subject {
  readonly name: SubjectName;
  readonly #options: SubjectOptions;
  readonly #folder: string;
  readonly #fifo: number;
  #supervisor: ChildProcess | undefined;
  #pids: readonly number[] = [];
  #rest = '';

  constructor(options: SubjectOptions) {
    const { name, root, count } = options;
    this.name = name;
    this.#options = options;
    this.#folder = join(root, `${name}-${count}`);
    mkdirSync(this.#folder);
    const path = join(this.#folder, 'fifo');
    execFileSync('mkfifo', [path]);
    // Opened for writing as well, or it would end with each writer, and the next would wait for us (fifo(7)).
    this.#fifo = openSync(path, 'r+');
    writeProgram(name, this.#folder, path);
    if (count === 1 || (name !== 'runit' && name !== 's6')) return;
    for (let i = 0; i < count; i++) {
      const service = join(this.#folder, 'services', `s${i}`);
      mkdirSync(service, { recursive: true });
      writeProgram(name, service, path);
    }
  }

  /** Resolves when all its programs run. */
  async start(): Promise<void> {
    const { count, more } = this.#options;
    const begun = this.#begun();
    const [file, ...args] = supervise(this.name, this.#folder, count, more);
    this.#supervisor = spawn(file, args, { stdio: 'ignore' });
    this.#pids = await begun;
  }

  /** Kills them all: from the first KILL to the first instruction of the last successor, ms. Throws when one is missing. */
  async kill(): Promise<number> {
    const begun = this.#begun();
    const beganMs = performance.now();
    for (const pid of this.#pids) process.kill(pid, 'SIGKILL');
    this.#pids = await begun;
    return performance.now() - beganMs;
  }

  /** What supervising takes, its programs left out. */
  use(): Use {
    return useOf(this.#supervisor?.pid ?? 0, new Set(this.#pids));
  }

  /** The pids that all of them write next. */
  async #begun(): Promise<readonly number[]> {
    const { count } = this.#options;
    const pids: number[] = [];
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      writeSync(this.#fifo, '\n'); // Lets the thread go.
    }, patienceMs(count));
    while (pids.length < count && !late) {
      const lines = (this.#rest + (await this.#read())).split('\n');
      this.#rest = lines.pop() ?? '';
      pids.push(...lines.filter(Boolean).map(Number));
    }
    clearTimeout(timer);
    if (pids.length >= count) return pids;
    throw new Error(`${this.name}: ${pids.length} of ${count} programs started within ${patienceMs(count) / 1000} s`);
  }

  /** A thread waits in read(2), so that nothing of this loop's own is measured. */
  #read(): Promise<string> {
    const bytes = Buffer.alloc(4096);
    return new Promise((resolve, reject) =>
      read(this.#fifo, bytes, 0, bytes.length, null, (error, length) =>
        error ? reject(error) : resolve(bytes.toString('latin1', 0, length)),
      ),
    );
  }

  async stop(): Promise<void> {
    const supervisor = this.#supervisor;
    if (supervisor && supervisor.exitCode === null && supervisor.signalCode === null) {
      const ended = new Promise((resolve) => supervisor.once('exit', resolve));
      // runsvdir(8) hands TERM to nobody; after HUP its runsv end what they run.
      supervisor.kill(this.name === 'runit' && this.#options.count > 1 ? 'SIGHUP' : 'SIGTERM');
      await Promise.race([ended, sleep(patienceMs(this.#options.count))]);
      supervisor.kill('SIGKILL');
    }
    for (const pid of this.#pids) if (isOurs(pid)) process.kill(pid, 'SIGKILL');
    closeSync(this.#fifo);
  }
}

/** Whether it did not go with its supervisor: pids come round. */
function isOurs(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1') === 'sleep\n';
  } catch {
    return false;
  }
}
