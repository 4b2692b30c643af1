import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  read,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type CrowdName = 'psrmd' | 'spawn' | 'runit' | 's6';

const psrmd = fileURLToPath(new URL('../../../../psrm/bin/psrmd.js', import.meta.url));
const bareMain = fileURLToPath(new URL('./bare-main.js', import.meta.url));
/** One that does not have all of them back within this has failed; s6 and runit hold repeats for a second. */
const patienceMs = 30_000;
/** USER_HZ (include/asm-generic/param.h). */
const tickMs = 10;
const pageBytes = 4096;

export interface CrowdCost {
  /** Processor time of whatever supervises, in percent of one core. */
  readonly cpuPercent: number;
  /** Its resident memory, all its processes together, in MB. */
  readonly rssMb: number;
}

/** A supervisor with many programs, the same script for all: each says its pid to one FIFO that all of them share. */
export class Crowd {
  readonly name: CrowdName;
  readonly #folder: string;
  readonly #count: number;
  readonly #fifo: number;
  readonly #port: number | undefined;
  #supervisor: ChildProcess | undefined;
  #pids: readonly number[] = [];

  /** `port`: every program is probed there, each `probeMs`. */
  constructor(name: CrowdName, root: string, count: number, port?: number) {
    this.name = name;
    this.#count = count;
    this.#port = port;
    this.#folder = join(root, `${name}-crowd`);
    mkdirSync(this.#folder);
    const path = join(this.#folder, 'fifo');
    execFileSync('mkfifo', [path]);
    // Opened for writing as well, or it would end with each writer, and the next would wait for us (fifo(7)).
    this.#fifo = openSync(path, 'r+');
    const announce = name === 's6' ? 'echo >&3\n' : '';
    const script = `#!/bin/sh\necho $$ 1<>"${path}"\n${announce}exec sleep 100000\n`;
    writeFileSync(join(this.#folder, 'run'), script, { mode: 0o755 });
    if (name !== 'runit' && name !== 's6') return;
    for (let i = 0; i < count; i++) {
      const service = join(this.#folder, 'services', `s${i}`);
      mkdirSync(service, { recursive: true });
      writeFileSync(join(service, 'run'), script, { mode: 0o755 });
      if (name === 's6') writeFileSync(join(service, 'notification-fd'), '3\n');
    }
  }

  /** Resolves when all of its programs run. */
  async start(): Promise<void> {
    const begun = this.#begun();
    const [file, ...args] = this.#command();
    this.#supervisor = spawn(file, args, { stdio: 'ignore' });
    this.#pids = await begun;
  }

  #command(): [string, ...string[]] {
    const services = join(this.#folder, 'services');
    switch (this.name) {
      case 'spawn':
        return [process.execPath, bareMain, join(this.#folder, 'run'), String(this.#count)];
      case 'runit':
        return ['runsvdir', services];
      case 's6':
        return ['s6-svscan', services];
      case 'psrmd': {
        const file = join(this.#folder, 'cluster.yaml');
        writeFileSync(file, clusterFile(join(this.#folder, 'run'), this.#count, this.#port));
        const options = ['--cluster', file, '--board', 'bench', '--run-dir', join(this.#folder, 'run-dir')];
        return [process.execPath, psrmd, ...options, '--stop-programs'];
      }
    }
  }

  /** Kills all of them: from the first KILL to the first instruction of the last that came back, ms. */
  async killAll(): Promise<number> {
    const begun = this.#begun();
    const beganMs = performance.now();
    for (const pid of this.#pids) process.kill(pid, 'SIGKILL');
    this.#pids = await begun;
    return performance.now() - beganMs;
  }

  /** What supervising costs while nothing happens, over so long. */
  async cost(overMs: number): Promise<CrowdCost> {
    const before = this.#use();
    const beganMs = performance.now();
    await sleep(overMs);
    const after = this.#use();
    const cpuPercent = (100 * (after.cpuMs - before.cpuMs)) / (performance.now() - beganMs);
    return { cpuPercent, rssMb: after.rssBytes / 1e6 };
  }

  /** All that descends from the supervisor, and is none of its programs. */
  #use(): { cpuMs: number; rssBytes: number } {
    const programs = new Set(this.#pids);
    const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? statOf(Number(name)) : []));
    const ours = new Set([this.#supervisor?.pid ?? 0]);
    for (let grown = true; grown; ) {
      grown = false;
      for (const { pid, parent } of all) {
        if (ours.has(pid) || programs.has(pid) || !ours.has(parent)) continue;
        ours.add(pid);
        grown = true;
      }
    }
    const own = all.filter(({ pid }) => ours.has(pid));
    const sum = (of: (one: (typeof own)[number]) => number): number => own.reduce((total, one) => total + of(one), 0);
    return { cpuMs: sum(({ cpuMs }) => cpuMs), rssBytes: sum(({ rssBytes }) => rssBytes) };
  }

  /** The pids that all of them write. A thread waits in read(2), so that nothing of this loop's own is measured. */
  async #begun(): Promise<readonly number[]> {
    const pids: number[] = [];
    let rest = '';
    const endMs = performance.now() + patienceMs;
    // Lets the thread go.
    const timer = setTimeout(() => void writeSync(this.#fifo, '\n'), patienceMs);
    while (pids.length < this.#count) {
      const bytes = Buffer.alloc(65_536);
      const length = await new Promise<number>((resolve, reject) =>
        read(this.#fifo, bytes, 0, bytes.length, null, (error, read) => (error ? reject(error) : resolve(read))),
      );
      const lines = (rest + bytes.toString('latin1', 0, length)).split('\n');
      rest = lines.pop() ?? '';
      pids.push(...lines.filter(Boolean).map(Number));
      if (performance.now() > endMs && pids.length < this.#count)
        throw new Error(`${this.name}: ${pids.length} of ${this.#count} programs within ${patienceMs / 1000} s`);
    }
    clearTimeout(timer);
    return pids;
  }

  async stop(): Promise<void> {
    const supervisor = this.#supervisor;
    if (supervisor && supervisor.exitCode === null && supervisor.signalCode === null) {
      const ended = new Promise((resolve) => supervisor.once('exit', resolve));
      // runsvdir and s6-svscan end what they supervise by HUP and TERM respectively.
      supervisor.kill(this.name === 'runit' ? 'SIGHUP' : 'SIGTERM');
      await Promise.race([ended, sleep(patienceMs)]);
      supervisor.kill('SIGKILL');
    }
    for (const pid of this.#pids) {
      // Only what is still the program that it was: pids come round.
      if (!nameOf(pid).startsWith('sleep')) continue;
      process.kill(pid, 'SIGKILL');
    }
    closeSync(this.#fifo);
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1');
  } catch {
    return '';
  }
}

function statOf(pid: number): { pid: number; parent: number; cpuMs: number; rssBytes: number }[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const number = (field: number): number => Number(fields[field - 3]);
    const cpuMs = (number(14) + number(15)) * tickMs;
    return [{ pid, parent: number(4), cpuMs, rssBytes: number(24) * pageBytes }];
  } catch {
    return []; // Gone meanwhile.
  }
}

/** How often a program of a crowd is asked whether it answers, ms. */
export const probeMs = 10_000;

/** Accepts whatever connects: the answer of programs that only sleep. */
export function answerer(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {});
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ port: typeof address === 'object' && address ? address.port : 0, server });
    }),
  );
}

function clusterFile(program: string, count: number, port: number | undefined): string {
  const probe =
    port === undefined ? '' : `, probe: { tcp: { port: ${port} }, intervalMs: ${probeMs}, timeoutMs: 2000 }`;
  const command = `command: [${JSON.stringify(program)}], boards: [bench]`;
  const lines = Array.from(
    { length: count },
    (_, i) => `  p${i}: { ${command}, giveUp: { deaths: 1000, withinMs: 100 }, pause: { quietMs: 10 }${probe} }`,
  );
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

/** Whether a supervisor of many is here. */
export function hasCrowd(name: CrowdName, path: readonly string[]): boolean {
  const program = name === 'runit' ? 'runsvdir' : name === 's6' ? 's6-svscan' : undefined;
  return program === undefined || path.some((folder) => existsSync(join(folder, program)));
}
