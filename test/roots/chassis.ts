import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { switchAgentCommand } from '@softset/lab/switch-agent/snmpd.js';
import { boardDaemon } from '@softset/runtime/init/board-daemon.js';
import { commandOf, readUnit } from '@softset/runtime/init/unit-file.js';
import { cgroup2, nothing, removeCgroup, systemd } from './first-process.js';

const run = promisify(execFile);
const LIMIT = { maxBuffer: 50_000_000 };
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Boards that are Debian roots of their own, each in its namespaces, with a link to two switches. */
export class Chassis {
  readonly #folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'softset-roots-'));
  readonly #switches = `softset-switches-${randomUUID().slice(0, 8)}`;
  readonly #base: string;
  readonly #ports = new Set<string>();
  #agent: ChildProcess | undefined;
  readonly boards: Board[] = [];

  constructor(base: string) {
    this.#base = base;
  }

  /** Boards in ports 1 and on of both switches, with their addresses. */
  async build(names: readonly string[]): Promise<void> {
    await this.switches();
    for (const [i, name] of names.entries())
      await this.add({ name, port: i + 1, A: `10.1.0.${i + 1}/16`, B: `20.1.0.${i + 1}/16` });
  }

  async switches(): Promise<void> {
    await run('ip', ['netns', 'add', this.#switches]);
    for (const bridge of ['swa', 'swb']) await this.#bridge(bridge);
    await this.#inSwitches('ip', 'link', 'set', 'lo', 'up');
  }

  /** Debian's snmpd in front of switch A, with its real forwarding table. */
  async agent(address: string): Promise<void> {
    await this.#inSwitches('ip', 'address', 'add', `${address}/16`, 'dev', 'swa');
    const folder = join(this.#folder, 'agent');
    const { command, env } = switchAgentCommand({ sysName: 'switch-a', address, bridge: 'swa', folder });
    this.#agent = spawn('ip', ['netns', 'exec', this.#switches, ...command], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
  }

  /**
   * A board in a port of both switches. A port is there before anything is plugged in, and stays when it is gone: behind
   * it is a cable, to which a board's device is joined. Without an address it has to ask for one.
   */
  async add({ name, port, A, B, macs = [], withSystemd = false }: Plugged): Promise<Board> {
    const board = new Board(name, join(this.#folder, `${name}.${this.boards.length}`), this.#base, withSystemd);
    this.boards.push(board);
    await board.boot();
    for (const [n, letter] of ['a', 'b'].entries()) {
      const [own, cable, end, joint] = [
        `sw${letter}${port}`,
        `w${letter}${port}`,
        `c${letter}${port}`,
        `k${letter}${port}`,
      ];
      if (!this.#ports.has(own)) {
        this.#ports.add(own);
        await this.#inSwitches('ip', 'link', 'add', own, 'type', 'veth', 'peer', 'name', cable);
        await this.#inSwitches('ip', 'link', 'set', own, 'master', `sw${letter}`, 'up');
        await this.#bridge(joint);
        await this.#inSwitches('ip', 'link', 'set', cable, 'master', joint);
      }
      const mac = macs[n] === undefined ? [] : ['address', macs[n]];
      const far = ['netns', String(board.pid), ...mac];
      await run('ip', ['link', 'add', end, 'netns', this.#switches, 'type', 'veth', 'peer', 'name', `eth${n}`, ...far]);
      await this.#inSwitches('ip', 'link', 'set', end, 'master', joint, 'up');
      await this.#inSwitches('ip', 'link', 'set', cable, 'up');
      const address = [A, B][n];
      if (address !== undefined) await board.run('ip', 'address', 'add', address, 'dev', `eth${n}`);
      await board.run('ip', 'link', 'set', `eth${n}`, 'up');
    }
    await board.run('ip', 'link', 'set', 'lo', 'up');
    return board;
  }

  /** The switches see the carrier of the port go, and forget who was there. */
  async unplug(port: number): Promise<void> {
    for (const letter of ['a', 'b']) {
      await this.#inSwitches('ip', 'link', 'set', `w${letter}${port}`, 'down');
      // Of a board without power it goes by itself, at some time.
      await this.#inSwitches('ip', 'link', 'delete', `c${letter}${port}`).catch(() => {});
    }
  }

  async #bridge(name: string): Promise<void> {
    const how = ['type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0'];
    await this.#inSwitches('ip', 'link', 'add', name, ...how);
    await this.#inSwitches('ip', 'link', 'set', name, 'up');
  }

  #inSwitches(...command: string[]): Promise<unknown> {
    return run('ip', ['netns', 'exec', this.#switches, ...command]);
  }

  async down(): Promise<void> {
    this.#agent?.kill('SIGKILL');
    for (const board of this.boards) await board.down();
    await run('ip', ['netns', 'delete', this.#switches]).catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

interface Plugged {
  readonly name: string;
  readonly port: number;
  readonly A?: string;
  readonly B?: string;
  /** Of eth0 and eth1; by chance where none is given. */
  readonly macs?: readonly string[];
  /** systemd is its first process; otherwise nothing is. */
  readonly withSystemd?: boolean;
}

export class Board {
  readonly name: string;
  /** Its disk. */
  readonly root: string;
  readonly #folder: string;
  readonly #base: string;
  #init: ChildProcess | undefined;
  readonly #daemons = new Map<string, ChildProcess>();
  /** What each daemon wrote to standard error. */
  readonly log = new Map<string, string>();
  pid = 0;

  constructor(name: string, folder: string, base: string, withSystemd = false) {
    this.name = name;
    this.#systemd = withSystemd;
    this.#cgroup = withSystemd ? join(cgroup2() ?? '', `softset-${randomUUID()}`) : undefined;
    this.root = join(folder, 'root');
    this.#folder = folder;
    this.#base = base;
  }

  /** The first process is systemd, with a cgroup for a root of its own. */
  readonly #systemd: boolean;
  readonly #cgroup: string | undefined;

  /** Its / while it runs, with what is mounted in it. */
  get inside(): string {
    return `/proc/${this.pid}/root`;
  }

  /** Namespaces of its own, and its root by pivot_root(2). Its first process does nothing but to reap those whose parent ended; when it ends, all do. */
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
    writeFileSync(join(this.root, 'etc/hostname'), `${this.name}\n`);
    const first = this.#systemd ? systemd : nothing;
    // In a cgroup of its own, which it takes for the root of all: systemd moves processes about in it.
    const enter =
      this.#cgroup === undefined ? '' : `mkdir '${this.#cgroup}'; echo $$ > '${this.#cgroup}/cgroup.procs'; `;
    const script = `set -e
      hostname '${this.name}'
      cd '${this.root}'
      mount --bind '${this.root}' '${this.root}'
      cd '${this.root}'
      mount -t proc proc proc
      mount -t sysfs sysfs sys
      ${first.prepare}
      mount --bind '${this.#folder}/boot-id' proc/sys/kernel/random/boot_id
      mkdir -p old
      pivot_root . old
      umount -l /old
      rmdir /old
      echo booted
      ${first.run}`;
    const own = ['--net', '--mount', '--uts', '--pid', ...(this.#systemd ? ['--cgroup', '--ipc'] : [])];
    const unshare = `set -e; ${enter}exec unshare ${own.join(' ')} --fork --kill-child=KILL sh -c "$1"`;
    const init = spawn('sh', ['-c', unshare, 'sh', script], { stdio: ['ignore', 'pipe', 'pipe'] });
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
    const own = this.#systemd ? ['--cgroup', '--ipc'] : [];
    const all = ['--net', '--mount', '--uts', '--pid', ...own, '--root', '--wd'];
    return ['--target', String(this.pid), ...all, '--', ...command];
  }

  /** Nothing that it starts has a terminal. Rejects with what it said where it ends with another code than 0. */
  async run(...command: string[]): Promise<string> {
    const env = {
      PATH,
      DEBIAN_FRONTEND: 'noninteractive',
      LC_ALL: 'C',
    };
    const { stdout } = await run('nsenter', this.#enter(command), { ...LIMIT, env });
    return stdout;
  }

  /** The command of a unit, as its user, with its capabilities. */
  start(unit: string, more: Readonly<Record<string, string>> = {}): void {
    const text = readFileSync(join(this.root, `usr/lib/systemd/system/${unit}.service`), 'utf8');
    const environment = { BOARD: this.name };
    const { realTime } = boardDaemon(unit, readUnit(text), environment);
    const priority = realTime === undefined ? [] : ['chrt', '--rr', String(realTime)];
    const daemon = spawn('nsenter', this.#enter([...priority, ...commandOf(readUnit(text), environment)]), {
      env: { PATH, ...environment, ...more },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.log.set(unit, '');
    daemon.stderr?.on('data', (chunk) => this.log.set(unit, `${this.log.get(unit)}${chunk}`));
    this.#daemons.set(unit, daemon);
  }

  /** The package's own init, for boards without systemd. */
  init(...words: readonly string[]): void {
    const init = spawn('nsenter', this.#enter(['/usr/lib/softset/init', ...words]), {
      env: { PATH },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.log.set('init', '');
    init.stderr?.on('data', (chunk) => this.log.set('init', `${this.log.get('init')}${chunk}`));
    this.#daemons.set('init', init);
  }

  /** SIGTERM, and its exit code. */
  async stop(unit: string): Promise<number | null> {
    const daemon = this.#daemons.get(unit);
    if (daemon === undefined) return null;
    const ended = new Promise<number | null>((done) => {
      if (daemon.exitCode !== null) done(daemon.exitCode);
      else daemon.once('close', (code) => done(code));
    });
    const pid = readFileSync(join(this.inside, `run/softset/${unit}.lock`), 'utf8');
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
    if (this.#cgroup !== undefined) await removeCgroup(this.#cgroup);
  }
}
