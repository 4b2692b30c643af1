import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Result } from '@softset/base';
import { type ControlClient, connectControl } from '@softset/client';
import { cgroupParents, removeCgroupTree } from '@softset/linux/cgroup.js';
import type { ProgramState, ProgramStatus, PsrmMethods, PsrmTopics } from '@softset/protocol';

const binary = fileURLToPath(new URL('../../bin/psrmd.js', import.meta.url));
/** For anything that should happen soon; only a test that fails waits so long. */
const patienceMs = 15_000;

export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const endMs = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error(`in vain waited for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  readonly stdout: string;
}

/** A run directory with a cluster file, and psrmds on it. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'psrm-test-'));
  readonly runDir = join(this.folder, 'run');
  readonly file = join(this.folder, 'cluster.yaml');
  readonly #children: ChildProcess[] = [];
  readonly #ends: Promise<Ended>[] = [];
  #cgroups: string | undefined;
  /** What all psrmds of this place wrote to standard error. */
  said = '';

  /** Where psrmd makes its cgroups, by its own word; `none` where it cannot. */
  get cgroups(): string | undefined {
    return this.#cgroups;
  }
  #client: ControlClient<PsrmMethods, PsrmTopics> | undefined;

  /** Further lines of the cluster file. */
  more = '';

  /** `programs`: YAML flow mappings, by name. */
  configure(programs: Readonly<Record<string, string>>): void {
    const lines = Object.entries(programs).map(([name, entry]) => `  ${name}: { boards: [cpu-1], ${entry} }`);
    writeFileSync(
      this.file,
      `version: 1
cluster: { name: test, number: 1, keyFile: test.key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  cpu-1: { id: 1, A: 10.1.1.1, B: 20.1.1.1, vote: true }
programs:
${lines.join('\n')}
${this.more}`,
    );
  }

  start(...more: string[]): { child: ChildProcess; ended: Promise<Ended> } {
    const args = [binary, '--cluster', this.file, '--board', 'cpu-1', '--run-dir', this.runDir, ...more];
    return this.#launch(process.execPath, args);
  }

  /** In a mount namespace where nothing is left of the cgroups. */
  startWithoutCgroups(): { child: ChildProcess; ended: Promise<Ended> } {
    const hide = 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"';
    const args = [process.execPath, binary, '--cluster', this.file, '--board', 'cpu-1', '--run-dir', this.runDir];
    return this.#launch('unshare', ['-Urm', 'sh', '-c', hide, 'sh', ...args]);
  }

  /** In a mount namespace where logs have this much room, in bytes. */
  startWithLogsOn(bytes: string): { child: ChildProcess; ended: Promise<Ended> } {
    const mount = `mkdir -p "$D/log" && mount -t tmpfs -o size=${bytes} none "$D/log" && exec "$@"`;
    const args = [process.execPath, binary, '--cluster', this.file, '--board', 'cpu-1', '--run-dir', this.runDir];
    return this.#launch('unshare', ['-m', 'env', `D=${this.runDir}`, 'sh', '-c', mount, 'sh', ...args]);
  }

  /** With so many descriptors and no more. */
  startWithFiles(files: number): { child: ChildProcess; ended: Promise<Ended> } {
    const args = [process.execPath, binary, '--cluster', this.file, '--board', 'cpu-1', '--run-dir', this.runDir];
    // The hard limit as well, for Node raises the soft one to it.
    return this.#launch('prlimit', [`--nofile=${files}:${files}`, ...args]);
  }

  /** Sets the soft limit of open descriptors of a process that runs. */
  async limitFiles(pid: number, files: number): Promise<void> {
    const done = spawn('prlimit', ['--pid', String(pid), `--nofile=${files}:`], { stdio: 'inherit' });
    await new Promise((resolve) => done.on('exit', resolve));
  }

  #launch(file: string, args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.push(child);
    let stderr = '';
    let stdout = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      this.said += text;
      this.#cgroups = /"cgroups":"([^"]+)"/.exec(stderr)?.[1] ?? this.#cgroups;
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal, stderr, stdout }));
    });
    this.#ends.push(ended);
    return { child, ended };
  }

  get client(): ControlClient<PsrmMethods, PsrmTopics> {
    this.#client ??= connectControl<PsrmMethods, PsrmTopics>(join(this.runDir, 'psrmd.sock'), { name: 'test' });
    return this.#client;
  }

  /** Waits until the program's status is as wanted. */
  status(program: string, what: string, is: (status: ProgramStatus) => boolean): Promise<ProgramStatus> {
    return until(`${program}: ${what}`, async () => {
      const answer = await this.client.call('status', {});
      if (!answer.ok) return undefined;
      return answer.value.programs.find((status) => status.program === program && is(status));
    });
  }

  /** When it first became one, and when the other, wall-clock ms, by its history: whoever asks for a state may come too late to see it. */
  async became(program: string, one: ProgramState, other: ProgramState): Promise<[number, number]> {
    const answer = await this.client.call('why', { program });
    const at = (state: ProgramState): number =>
      (answer.ok && answer.value.history.find((chapter) => chapter.state === state)?.atMs) || Number.NaN;
    return [at(one), at(other)];
  }

  async order(what: 'start' | 'stop' | 'restart', program: string): Promise<Result<unknown>> {
    await this.client.ready();
    return this.client.call(what, { program }, { timeoutMs: patienceMs });
  }

  /** Waits until it runs with another pid than `pid`. */
  async running(program: string, pid?: number): Promise<number> {
    const isOther = (status: ProgramStatus): boolean => status.pid !== undefined && status.pid !== pid;
    return (await this.status(program, 'runs anew', isOther)).pid ?? 0;
  }

  output(program: string): string {
    const path = join(this.runDir, 'log', `${program}.log`);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** Living processes with this place's mark, whatever psrmd thinks of them. */
  marked(program: string): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
          const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];
          const ours = variables.includes(`SOFTSET_RUN_DIR=${this.runDir}`);
          return ours && variables.includes(`SOFTSET_PROGRAM=${program}`) && state !== 'Z';
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  /** Ends every psrmd and every program of this place. */
  async clean(...programs: string[]): Promise<void> {
    this.#client?.close();
    for (const child of this.#children) child.kill('SIGKILL');
    // Until it is gone it writes into the folder.
    await Promise.all(this.#ends);
    for (const program of programs) for (const pid of this.marked(program)) killQuietly(pid);
    rmSync(this.folder, { recursive: true, force: true });
    const name = basename(this.#cgroups ?? 'none');
    if (name === 'none') return;
    const uses = ['track', 'memory', 'cpu'] as const;
    const paths = uses.flatMap((use) => cgroupParents(use)).map(({ path }) => join(path, name));
    // Not while a member is not reaped yet: by psrmd's heir, the first process of the machine, which may take minutes where
    // that is no ordinary init. Nothing was promised here, so then they stay, empty, and that is said.
    const gone = (): true | undefined => (paths.map(removeCgroupTree).every((removed) => removed) ? true : undefined);
    await until('its cgroups are gone', gone).catch(() => process.stderr.write(`left behind: cgroups ${name}\n`));
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone meanwhile.
  }
}
