import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const bin = (name: string): string => fileURLToPath(new URL(`../../../../snmpag/bin/${name}`, import.meta.url));
export const main = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

/** What all subjects are asked with, on loopback and in this process's life alone. */
export const COMMUNITY = 'bench';
const patienceMs = 30_000;

/** Rows of a table: boards × programs, of which the cluster file may name any number. */
const BOARDS = 50;

/** softsetProgramState, of SOFTSET-MIB (docs/mibs). */
export const OUR_COLUMN = '1.3.6.1.4.1.8072.9999.9999.7413.4.1.1.2';
/** Where the peers have theirs. */
export const PEER_COLUMN = '1.3.6.1.4.1.8072.9999.9999.1.1.1.1';

export interface Answered {
  readonly rows: number;
  readonly ms: number;
}

/** The daemons of a benchmark: its folder, its ports, and an end for all of them. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'softset-bench-snmp-'));
  readonly #children: ChildProcess[] = [];
  /** By port: what runs there in front of ours, and by which arguments. */
  readonly #fronts = new Map<
    number,
    { readonly name: string; readonly args: readonly string[]; readonly child: ChildProcess }
  >();
  readonly #silent: Socket[] = [];
  #port = 22_000 + (process.pid % 2000) * 10;

  port(): number {
    return ++this.#port;
  }

  start(file: string, args: readonly string[]): ChildProcess {
    const child = spawn(file, args, {
      stdio: 'ignore',
      env: { ...process.env, MIBS: '', SOFTSET_NODE: process.execPath },
    });
    this.#children.push(child);
    return child;
  }

  /** snmpd with these lines; its port. */
  async snmpd(name: string, lines: readonly string[], oid = '1.3.6.1.2.1.1.5.0'): Promise<number> {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    const port = this.port();
    const conf = join(folder, 'snmpd.conf');
    writeFileSync(
      conf,
      `[snmp] persistentDir ${folder}/state\nrocommunity ${COMMUNITY} 127.0.0.1\n${lines.join('\n')}\n`,
    );
    this.start('snmpd', ['-f', '-Lf', join(folder, 'log'), '-C', '-c', conf, `udp:127.0.0.1:${port}`]);
    await this.answers(port, oid, COMMUNITY);
    return port;
  }

  /** Our front: snmpd as snmpagd-conf has it, and snmpagd behind it. `more`: of the cluster file's `snmp` section. */
  async ours(name: string, rows: number, more = '', communities = '', mapped = COMMUNITY, oid = OUR_COLUMN) {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    const port = this.port();
    for (const [file, text] of [
      ['community', COMMUNITY],
      ['mapped', 'mapped'],
      ['dead', 'dead'],
      ['living', 'living'],
    ] as const) {
      writeFileSync(join(folder, file), `${text}\n`);
      chmodSync(join(folder, file), 0o600);
    }
    const file = join(folder, 'cluster.yaml');
    const listen = `  listen: [udp:127.0.0.1:${port}]\n  communities:\n    - { file: community, from: 127.0.0.1/32 }\n`;
    writeFileSync(file, `${clusterFile(rows)}snmp:\n${listen}${communities}${more}`);
    const where = ['--run-dir', join(folder, 'run'), '--state-dir', join(folder, 'state')];
    for (const dir of ['run', 'state']) mkdirSync(join(folder, dir));
    const args = ['--cluster', file, '--board', 'b-1', ...where];
    this.#fronts.set(port, { name, args, child: this.#front(args) });
    this.start(process.execPath, [bin('snmpagd.js'), ...args]);
    await this.answers(port, oid, mapped);
    return port;
  }

  /** Kills the snmpd in front of ours there, and starts it again as PSRM does. */
  async restart(port: number): Promise<void> {
    const front = this.#fronts.get(port);
    if (front === undefined) throw new Error(`nothing of ours is at port ${port}`);
    const ended = new Promise((resolve) => front.child.once('close', resolve));
    front.child.kill('SIGKILL');
    await ended;
    this.#fronts.set(port, { ...front, child: this.#front(front.args) });
  }

  #front(args: readonly string[]): ChildProcess {
    return this.start(bin('snmpagd-front'), args);
  }

  /** A port where everything is taken and nothing answered: no error comes back, as from a board that is gone. */
  silence(): Promise<number> {
    const socket = createSocket('udp4');
    this.#silent.push(socket);
    return new Promise((settle) => socket.bind(0, '127.0.0.1', () => settle(socket.address().port)));
  }

  /** Until a GETNEXT of `oid` finds something. */
  async answers(port: number, oid: string, community: string): Promise<void> {
    const endMs = performance.now() + patienceMs;
    for (;;) {
      const start = oid.replace(/\.0$/, '');
      const args = ['-v2c', '-c', community, '-Oqn', '-t', '1', '-r', '0', '-m', '', `127.0.0.1:${port}`, start];
      const said = await output('snmpgetnext', args).catch(() => '');
      if (said.startsWith(`.${start}.`) && !/No (more|Such)/.test(said)) return;
      if (performance.now() > endMs) throw new Error(`nothing answers at port ${port}`);
      await sleep(100);
    }
  }

  /** Until a GET of `oid` is answered. */
  async gets(port: number, oid: string): Promise<void> {
    const endMs = performance.now() + patienceMs;
    const args = ['-v2c', '-c', COMMUNITY, '-Oqvn', '-t', '1', '-r', '0', '-m', '', `127.0.0.1:${port}`, oid];
    for (;;) {
      const said = await output('snmpget', args).catch(() => '');
      if (/^[0-9]/.test(said)) return;
      if (performance.now() > endMs) throw new Error(`nothing answers at port ${port}`);
      await sleep(100);
    }
  }

  async end(): Promise<void> {
    for (const socket of this.#silent) socket.close();
    const living = this.#children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ends = living.map((child) => new Promise((resolve) => child.once('close', resolve)));
    for (const child of living) child.kill('SIGKILL');
    await Promise.all(ends);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Debian's own snmpbulkwalk of one column, its start included. Rejects where it does not come to the end. */
export async function walked(port: number, oid: string, community: string, limitMs: number): Promise<Answered> {
  const beganMs = performance.now();
  const args = ['-v2c', '-c', community, '-Cr25', '-Oqn', '-t', '2', '-r', '1', '-m', '', `127.0.0.1:${port}`, oid];
  const out = await output('snmpbulkwalk', args, limitMs);
  const ms = performance.now() - beganMs;
  return {
    rows: out.split('\n').filter((line) => line.startsWith(`.${oid}.`) && !/No (more|Such)/.test(line)).length,
    ms,
  };
}

function output(file: string, args: readonly string[], limitMs = patienceMs): Promise<string> {
  return new Promise((settle, reject) => {
    const options = { timeout: limitMs, maxBuffer: 64 << 20, env: { ...process.env, MIBS: '' } };
    execFile(file, [...args], options, (error, out, err) => {
      if (error) reject(new Error(err.trim() || error.message));
      else settle(out);
    });
  });
}

/** As many programs as make the rows, on fifty boards that nobody starts. */
function clusterFile(rows: number): string {
  const names = Array.from({ length: BOARDS }, (_, i) => `b-${i + 1}`);
  const boards = names.map((name, i) => {
    const role = i === 0 ? 'control' : 'io';
    return `  ${name}: { id: ${i + 1}, role: ${role}, A: 10.1.1.${i + 1}, B: 20.1.1.${i + 1}, vote: ${i < 3} }`;
  });
  const programs = Array.from(
    { length: Math.ceil(rows / BOARDS) },
    (_, i) => `  p-${i}: { command: [/bin/true], boards: [${names.join(', ')}] }`,
  );
  return `version: 1
cluster: { name: bench, number: 1, keyFile: bench.key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
${boards.join('\n')}
${programs.length === 0 ? '' : `programs:\n${programs.join('\n')}\n`}`;
}
