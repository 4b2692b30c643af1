import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, run, until } from './place.js';

/** A board's own agent: Debian's snmpd, on loopback, by v2c for reading and writing, and by v3. */
export class BoardAgent {
  readonly port = freePort();
  readonly #folder: string;
  readonly #lines: readonly string[];
  #child: ChildProcess | undefined;

  constructor(folder: string, lines: readonly string[] = []) {
    this.#folder = folder;
    this.#lines = lines;
    mkdirSync(folder, { recursive: true });
  }

  async start(): Promise<void> {
    const conf = join(this.#folder, 'snmpd.conf');
    const lines = ['rwcommunity board-secret', 'createUser us SHA-256 "board-auth" AES "board-priv"', 'rwuser us priv'];
    writeFileSync(conf, `[snmp] persistentDir ${this.#folder}/state\n${[...lines, ...this.#lines].join('\n')}\n`);
    const args = ['-f', '-Lf', join(this.#folder, 'log'), '-C', '-c', conf, `udp:127.0.0.1:${this.port}`];
    this.#child = spawn('snmpd', args, { stdio: 'ignore', env: { ...process.env, MIBS: '' } });
    await until("the board's agent answers", async () => {
      const said = await this.get('1.3.6.1.2.1.1.5.0');
      return said.code === 0 ? true : undefined;
    });
  }

  get(oid: string) {
    return run('snmpget', ['-v2c', '-c', 'board-secret', '-Oqvn', '-t', '1', '-r', '0', `127.0.0.1:${this.port}`, oid]);
  }

  walk(oid: string) {
    return run('snmpwalk', ['-v2c', '-c', 'board-secret', '-Oqn', `127.0.0.1:${this.port}`, oid]);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}
