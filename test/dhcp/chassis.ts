import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Result } from '@softset/base';
import { connectControl } from '@softset/client';
import { switchAgentCommand } from '@softset/lab/switch-agent/snmpd.js';
import type { GeoDhcpMethods } from '@softset/protocol';

type Letter = 'a' | 'b';
const nets = { a: '10.1', b: '20.1' } as const;
const softset = fileURLToPath(new URL('../../packages/cli/bin/softset.js', import.meta.url));
const daemon = fileURLToPath(new URL('../../packages/geodhcp/bin/geodhcpd.js', import.meta.url));

const plainSwitches = `  switches:
    switch-a: { network: A, address: 10.1.0.2, uplinks: { trunk: switch-b, ccn: '' } }
    switch-b: { network: B, address: 20.1.0.2, uplinks: { trunk: switch-a, ccn: '' } }`;

export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  withinMs = 25_000,
): Promise<T> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`in vain waited for: ${what}`);
    await pause(20);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Two switches with SNMP agents, a control node with a leg on each, and a patch panel between switch ports and boards:
 * a board's device stays while it is plugged elsewhere. All in the namespaces of one process, which end with it.
 */
export class Chassis {
  readonly folder = mkdtempSync('/run/chassis-');
  readonly #children: ChildProcess[] = [];
  readonly #agents = new Map<Letter, ChildProcess>();
  readonly #plugged = new Map<string, string>();
  #index = 5000;

  /** `ports`: how many each switch has, p1 and on. */
  constructor(ports = 9) {
    mkdirSync('/run/netns', { recursive: true });
    for (const name of ['switch-a', 'switch-b', 'patch', 'ccn']) this.#namespace(name);
    for (const letter of ['a', 'b'] as const) {
      const net = nets[letter];
      ip(`-n switch-${letter} link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0`);
      ip(`-n switch-${letter} addr add ${net}.0.2/16 dev br0`);
      ip(`-n switch-${letter} link set br0 up`);
      this.#cable('ccn', `${letter}0`, `switch-${letter}`, 'ccn');
      ip(`-n ccn addr add ${net}.1.20/16 dev ${letter}0`);
      // A switch has its ports before anything is plugged in.
      for (let port = 1; port <= ports; port++) {
        this.#cable('patch', `w-${letter}-p${port}`, `switch-${letter}`, `p${port}`);
        ip(`-n patch link set w-${letter}-p${port} down`);
      }
    }
  }

  #namespace(name: string): void {
    ip(`netns add ${name}`);
    const off = ['net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1'];
    // As NETRACK asks for: a device answers for its own addresses alone.
    const arp = ['all', 'default'].flatMap((which) => [
      `net.ipv4.conf.${which}.arp_ignore=1`,
      `net.ipv4.conf.${which}.arp_announce=2`,
      `net.ipv4.conf.${which}.rp_filter=0`,
    ]);
    this.exec(name, ['sysctl', '-q', '-w', ...off, ...arp]);
    ip(`-n ${name} link set lo up`);
  }

  /** A wire whose far end is a port of the switch; the ends never share an index. */
  #cable(from: string, device: string, sw: string, port: string, mac?: string): void {
    const address = mac === undefined ? '' : ` address ${mac}`;
    ip(`-n ${from} link add ${device}${address} index ${this.#index++} type veth peer name ${port} netns ${sw}`);
    ip(`-n ${from} link set ${device} up`);
    ip(`-n ${sw} link set ${port} ${sw.startsWith('switch') ? 'master br0 ' : ''}up`);
  }

  /** A board with one device, eth0, plugged in nowhere. */
  board(name: string, mac: string): void {
    this.#namespace(name);
    this.#cable(name, 'eth0', 'patch', `c-${name}`, mac);
    ip(`-n patch link add k-${name} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`);
    ip(`-n patch link set c-${name} master k-${name}`);
    ip(`-n patch link set k-${name} up`);
  }

  plug(board: string, letter: Letter, port: string): void {
    this.unplug(board);
    const wire = `w-${letter}-${port}`;
    ip(`-n patch link set ${wire} master k-${board} up`);
    this.#plugged.set(board, wire);
  }

  /** The switch port loses its carrier, and forgets what it learned there. */
  unplug(board: string): void {
    const wire = this.#plugged.get(board);
    if (wire !== undefined) ip(`-n patch link set ${wire} nomaster down`);
    this.#plugged.delete(board);
  }

  /** Another board behind the same wire, as on a hub: the switch sees no carrier of it. */
  hub(board: string, beside: string): void {
    ip(`-n patch link add h-${board} type veth peer name j-${board}`);
    ip(`-n patch link set h-${board} master k-${board} up`);
    ip(`-n patch link set j-${board} master k-${beside} up`);
  }

  trunk(): void {
    this.#cable('switch-a', 'trunk', 'switch-b', 'trunk');
    ip('-n switch-a link set trunk master br0');
  }

  /** The agent of a switch; `overlay` changes what it says, at any time. */
  async agent(letter: Letter, more: readonly string[] = []): Promise<void> {
    const address = `${nets[letter]}.0.2`;
    const folder = join(this.folder, `agent-${letter}`);
    const { command, env } = switchAgentCommand({ sysName: `switch-${letter}`, address, bridge: 'br0', folder, more });
    this.#agents.set(letter, this.start(`switch-${letter}`, command, env));
    await until(`the agent of switch-${letter}`, () => this.#answers(address));
  }

  #answers(address: string): true | undefined {
    try {
      const args = ['-v2c', '-cpublic', '-On', '-t1', '-r0', address, '.1.3.6.1.2.1.17.1.4.1.2'];
      return this.exec('ccn', ['snmpwalk', ...args]).includes('INTEGER') ? true : undefined;
    } catch {
      return undefined;
    }
  }

  async agentDown(letter: Letter): Promise<void> {
    const agent = this.#agents.get(letter);
    agent?.kill('SIGKILL');
    await until('the agent is gone', () => (agent?.exitCode !== null || agent.signalCode !== null ? true : undefined));
  }

  overlay(letter: Letter, overlay: object): void {
    writeFileSync(join(this.folder, `agent-${letter}`, 'overlay.json'), JSON.stringify(overlay));
  }

  /** The cluster file with the section that is given; geodhcpd reads it again at SIGHUP. */
  clusterFile(geodhcp: string, switches = plainSwitches): string {
    const file = join(this.folder, 'cluster.yaml');
    writeFileSync(
      file,
      `version: 1
cluster: { name: test, number: 1, keyFile: test.key }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  ccn: { id: 1, role: control, A: 10.1.1.20, B: 20.1.1.20, vote: true }
geodhcp:
  boards: [ccn]
${switches}
${geodhcp}`,
    );
    return file;
  }

  /** geodhcpd on the control node, with the section that is given. */
  async server(geodhcp: string, stateDir = join(this.folder, 'state'), switches = plainSwitches, env = {}) {
    const file = this.clusterFile(geodhcp, switches);
    const args = ['--cluster', file, '--board', 'ccn', '--run-dir', join(this.folder, 'run'), '--state-dir', stateDir];
    const child = this.start('ccn', [process.execPath, daemon, ...args], env, 'geodhcpd');
    await until('geodhcpd is ready', async () => (await this.ask('status', {})).ok || undefined);
    return child;
  }

  async ask<K extends keyof GeoDhcpMethods & string>(
    method: K,
    params: GeoDhcpMethods[K]['params'],
  ): Promise<Result<GeoDhcpMethods[K]['result']>> {
    const client = connectControl<GeoDhcpMethods>(join(this.folder, 'run/geodhcpd.sock'), {
      name: 'test',
      retry: 'none',
    });
    try {
      const ready = await client.ready(2000);
      return ready.ok ? await client.call(method, params) : ready;
    } finally {
      client.close();
    }
  }

  /** `softset geodhcp …`, as an operator on the control node types it. */
  softset(...words: readonly string[]): string {
    return execFileSync(process.execPath, [softset, 'geodhcp', ...words, '--run-dir', join(this.folder, 'run')], {
      encoding: 'utf8',
    });
  }

  start(
    where: string,
    command: readonly string[],
    env: Record<string, string> = {},
    log = `${where}-${command[0]}`,
  ): ChildProcess {
    const out = join(this.folder, `${log.replaceAll('/', '_')}.log`);
    const line = ['netns', 'exec', where, 'sh', '-c', 'log=$1; shift; exec "$@" >>"$log" 2>&1', 'sh', out, ...command];
    const child = spawn('ip', line, { env: { ...process.env, ...env }, stdio: 'ignore' });
    this.#children.push(child);
    return child;
  }

  exec(where: string, command: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', where, ...command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20_000,
    });
  }

  /** Addresses of the board's device now. */
  addresses(board: string): string[] {
    const links = JSON.parse(this.exec(board, ['ip', '-j', '-4', 'addr', 'show', 'dev', 'eth0'])) as {
      addr_info?: { local: string }[];
    }[];
    return links.flatMap(({ addr_info = [] }) => addr_info.map(({ local }) => local));
  }

  has(board: string, address: string, withinMs?: number): Promise<true> {
    return until(
      `${board} has ${address}`,
      () => (this.addresses(board).includes(address) ? true : undefined),
      withinMs,
    );
  }

  /** What the daemon and the clients said, for a failed test. */
  logs(): string {
    const names = execFileSync('ls', [this.folder], { encoding: 'utf8' }).split('\n');
    return names
      .filter((name) => name.endsWith('.log'))
      .map((name) => `--- ${name}\n${this.log(name)}`)
      .join('\n');
  }

  log(name: string): string {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** What the journal tells, newest last. */
  journal(what: string): { readonly fields: Record<string, unknown> }[] {
    const text = this.log('state/geodhcpd.journal');
    const lines = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { what: string; fields: Record<string, unknown> });
    return lines.filter((line) => line.what === what);
  }

  async end(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await pause(50);
  }
}

export function ip(command: string): string {
  return execFileSync('ip', command.split(/ +/), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
