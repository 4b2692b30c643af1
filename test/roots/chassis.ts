import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { commandOf, readUnit } from '../package/unit-file.js';

const run = promisify(execFile);
const LIMIT = { maxBuffer: 50_000_000 };

/** Boards that are Debian roots of their own, each in its namespaces, with a link to two switches. */
export class Chassis {
  readonly #folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'softset-roots-'));
  readonly #switches = `softset-switches-${randomUUID().slice(0, 8)}`;
  readonly #base: string;
  readonly boards: Board[] = [];

  constructor(base: string) {
    this.#base = base;
  }

  async build(names: readonly string[]): Promise<void> {
    await run('ip', ['netns', 'add', this.#switches]);
    for (const bridge of ['swa', 'swb']) {
      await this.#inSwitches(
        'ip',
        'link',
        'add',
        bridge,
        'type',
        'bridge',
        'forward_delay',
        '0',
        'mcast_snooping',
        '0',
      );
      await this.#inSwitches('ip', 'link', 'set', bridge, 'up');
    }
    for (const [i, name] of names.entries()) {
      const board = new Board(name, join(this.#folder, name), this.#base);
      this.boards.push(board);
      await board.boot();
      for (const [n, bridge] of ['swa', 'swb'].entries()) {
        const port = `${bridge}${i + 1}`;
        await run('ip', [
          'link',
          'add',
          port,
          'netns',
          this.#switches,
          'type',
          'veth',
          'peer',
          'name',
          `eth${n}`,
          'netns',
          String(board.pid),
        ]);
        await this.#inSwitches('ip', 'link', 'set', port, 'master', bridge, 'up');
        await board.run('ip', 'address', 'add', `${n === 0 ? '10.1.0' : '20.1.0'}.${i + 1}/16`, 'dev', `eth${n}`);
        await board.run('ip', 'link', 'set', `eth${n}`, 'up');
      }
      await board.run('ip', 'link', 'set', 'lo', 'up');
    }
  }

  #inSwitches(...command: string[]): Promise<unknown> {
    return run('ip', ['netns', 'exec', this.#switches, ...command]);
  }

  async down(): Promise<void> {
    for (const board of this.boards) await board.down();
    await run('ip', ['netns', 'delete', this.#switches]).catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Board {
  readonly name: string;
  /** What the board sees as /. */
  readonly root: string;
  readonly #folder: string;
  readonly #base: string;
  #init: ChildProcess | undefined;
  readonly #daemons = new Map<string, ChildProcess>();
  /** What each daemon wrote to standard error. */
  readonly log = new Map<string, string>();
  pid = 0;

  constructor(name: string, folder: string, base: string) {
    this.name = name;
    this.root = join(folder, 'root');
    this.#folder = folder;
    this.#base = base;
  }

  /** Namespaces of its own, and its root by pivot_root(2). Its first process does nothing; when it ends, all do. */
  async boot(): Promise<void> {
    for (const part of ['upper', 'work', 'root']) mkdirSync(join(this.#folder, part), { recursive: true });
    // Boards share a kernel, but not what it drew when it booted.
    writeFileSync(join(this.#folder, 'boot-id'), `${randomUUID()}\n`);
    const { upper, work } = { upper: join(this.#folder, 'upper'), work: join(this.#folder, 'work') };
    await run('mount', [
      '-t',
      'overlay',
      'overlay',
      '-o',
      `lowerdir=${this.#base},upperdir=${upper},workdir=${work}`,
      this.root,
    ]);
    const script = `set -e
      cd '${this.root}'
      mount --bind '${this.root}' '${this.root}'
      cd '${this.root}'
      mount -t proc proc proc
      mount -t sysfs sysfs sys
      mount --bind '${this.#folder}/boot-id' proc/sys/kernel/random/boot_id
      mount --rbind /dev dev
      mkdir -p old
      pivot_root . old
      umount -l /old
      rmdir /old
      echo booted
      exec sleep 100000`;
    const init = spawn(
      'unshare',
      ['--net', '--mount', '--uts', '--pid', '--fork', '--kill-child=KILL', 'sh', '-c', script],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#init = init;
    let said = '';
    init.stderr?.on('data', (chunk) => (said += chunk));
    await new Promise<void>((done, failed) => {
      init.stdout?.once('data', () => done());
      init.once('close', (code) => failed(new Error(`${this.name} did not boot: ${code} ${said}`)));
    });
    const children = readFileSync(`/proc/${init.pid}/task/${init.pid}/children`, 'utf8').trim();
    this.pid = Number(children.split(' ')[0]);
  }

  #enter(command: readonly string[]): string[] {
    return ['--target', String(this.pid), '--net', '--mount', '--uts', '--pid', '--root', '--wd', '--', ...command];
  }

  async run(...command: string[]): Promise<string> {
    const env = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      DEBIAN_FRONTEND: 'noninteractive',
      LC_ALL: 'C',
    };
    const { stdout } = await run('nsenter', this.#enter(command), { ...LIMIT, env });
    return stdout;
  }

  /** The command of a unit, as its user, with its capabilities. */
  start(unit: string, more: Readonly<Record<string, string>> = {}): void {
    const text = readFileSync(join(this.root, `usr/lib/systemd/system/${unit}.service`), 'utf8');
    const words = commandOf(readUnit(text), { BOARD: this.name }, more);
    const daemon = spawn('nsenter', this.#enter(words), { stdio: ['ignore', 'ignore', 'pipe'] });
    this.log.set(unit, '');
    daemon.stderr?.on('data', (chunk) => this.log.set(unit, `${this.log.get(unit)}${chunk}`));
    this.#daemons.set(unit, daemon);
  }

  /** SIGTERM, and its exit code. */
  async stop(unit: string): Promise<number | null> {
    const daemon = this.#daemons.get(unit);
    if (daemon === undefined) return null;
    const ended = new Promise<number | null>((done) => {
      if (daemon.exitCode !== null) done(daemon.exitCode);
      else daemon.once('close', (code) => done(code));
    });
    const pid = readFileSync(join(this.root, `run/softset/${unit}.lock`), 'utf8');
    // The shell's own: kill(1) is of a package that a small board may lack.
    await this.run('sh', '-c', `kill -TERM ${Number(pid)}`);
    return ended;
  }

  /** Power gone. */
  crash(): void {
    if (this.pid > 0) process.kill(this.pid, 'SIGKILL');
    this.pid = 0;
  }

  async down(): Promise<void> {
    this.crash();
    this.#init?.kill('SIGKILL');
    await run('umount', ['-l', this.root]).catch(() => {});
  }
}
