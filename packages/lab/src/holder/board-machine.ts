import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import { setThreadNormal } from '@softset/linux/scheduling.js';
import { boardEnvironment, boardPaths } from '../board-paths.js';
import { monotonicMs } from '../clock.js';
import { requestLine } from '../json-lines.js';
import { childrenOf, threadsBeside } from '../process-table.js';
import type { Board } from '../topology.js';
import { Hands } from './hands.js';
import { boardScript } from './scripts.js';

/** A board boots in a few tenths of a second; on a crowded machine in some seconds. */
const bootMs = 30_000;

const initMain = new URL('../../bin/softset-lab-init.js', import.meta.url).pathname;

interface Running {
  readonly shell: ChildProcess;
  /** PID 1 of the board's process namespace, as the lab sees it. */
  readonly firstPid: number;
  readonly hands: Hands;
}

/** One board's machine: its namespaces live as long as its processes do, and a boot makes them all anew. */
export class BoardMachine {
  readonly board: Board;
  readonly #labDir: string;
  #running: Running | undefined;

  constructor(board: Board, labDir: string) {
    this.board = board;
    this.#labDir = labDir;
  }

  /** PID 1 of the board, in the lab's process namespace; undefined while it is crashed. */
  get firstPid(): number | undefined {
    return this.#running?.firstPid;
  }

  get hands(): Hands | undefined {
    return this.#running?.hands;
  }

  /** With a new boot id and an empty run directory; the state directory is as it was. Errors: `LAB_BOOT_FAILED`. */
  async boot(): Promise<Result<void>> {
    const paths = boardPaths(this.#labDir, this.board.name);
    for (const dir of [paths.runDir, paths.stateDir, paths.logDir]) mkdirSync(dir, { recursive: true });
    this.#emptyRunDir();
    writeFileSync(paths.bootIdFile, `${randomUUID()}\n`);
    writeFileSync(join(paths.dir, 'daemons.json'), JSON.stringify(this.#daemons()));
    const script = boardScript(this.board, this.#labDir, process.execPath, initMain);
    const shell = spawn('unshare', ['--net', '--mount', '--uts', '--', 'sh', '-c', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...boardEnvironment(this.#labDir, this.board.name) },
    });
    const ready = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), bootMs);
      const settle = (good: boolean): void => {
        clearTimeout(timer);
        resolve(good);
      };
      shell.stdout.once('data', () => settle(true));
      shell.once('exit', () => settle(false));
      shell.once('error', () => settle(false));
    });
    const failed = (why: string) => fail('LAB_BOOT_FAILED', `${this.board.name}: ${why}; see holder.log`);
    const { pid } = shell;
    if (!ready || pid === undefined) {
      shell.kill('SIGKILL');
      return failed('did not boot');
    }
    const firstPid = childrenOf(pid)[0];
    const hands = Hands.open(`/proc/${pid}/ns/net`);
    if (firstPid === undefined || !hands.ok) {
      shell.kill('SIGKILL');
      return hands.ok ? failed('went away while it booted') : hands;
    }
    this.#running = { shell, firstPid, hands: hands.value };
    shell.once('exit', () => this.#running?.shell === shell && this.#forget());
    return ok(undefined);
  }

  #forget(): void {
    this.#running?.hands.close();
    this.#running = undefined;
  }

  /**
   * `cutLinks`, then kills every process at once, by the first (pid_namespaces(7)). When it began. The kernel takes tens
   * of milliseconds to take a process of Node's apart, at that process's own priority: done as the real-time ones that
   * they were, a dead board's processes would keep the others' from their processors, which no dead board does.
   */
  crash(cutLinks: () => void): number {
    const running = this.#running;
    const threads = running === undefined ? [] : threadsBeside(running.firstPid);
    const atMs = monotonicMs();
    cutLinks();
    for (const thread of threads) setThreadNormal(thread);
    if (running !== undefined) process.kill(running.firstPid, 'SIGKILL');
    this.#forget();
    this.#emptyRunDir();
    return atMs;
  }

  /** A command to the board's init. */
  init<T>(method: string, params: Record<string, unknown>): Promise<Result<T>> {
    return requestLine<T>(boardPaths(this.#labDir, this.board.name).initSocket, method, params);
  }

  #emptyRunDir(): void {
    const { runDir } = boardPaths(this.#labDir, this.board.name);
    // The folder itself stays: others may watch it.
    for (const name of readdirSync(runDir)) rmSync(join(runDir, name), { recursive: true, force: true });
  }

  #daemons(): Board['daemons'] {
    const paths = boardPaths(this.#labDir, this.board.name);
    const words: Record<string, string> = {
      node: process.execPath,
      board: this.board.name,
      runDir: paths.runDir,
      stateDir: paths.stateDir,
      bootIdFile: paths.bootIdFile,
      labDir: this.#labDir,
    };
    const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, word: string) => words[word] ?? whole);
    return this.board.daemons.map((d) => ({
      ...d,
      command: d.command.map(fill),
      ...(d.after === undefined ? {} : { after: fill(d.after) }),
    }));
  }
}
