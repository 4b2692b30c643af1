import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ok } from '@softset/base';
import { type ControlClient, connectControl } from '@softset/client';
import type {
  NetrackMethods,
  NetrackState,
  NetrackTopics,
  RedirectMethods,
  RedirectTopics,
  RulesMethods,
  SnmpagMethods,
  SnmpagState,
  SnmpFact,
} from '@softset/protocol';
import { noParams } from '@softset/runtime/control-methods.js';
import { type ControlServer, serveControl } from '@softset/runtime/control-server.js';
import { linuxKernel } from '@softset/runtime/kernel.js';
import { Topic } from '@softset/runtime/topic.js';
import { clusterText } from '../fixture.js';

export const bin = (name: string): string => fileURLToPath(new URL(`../../bin/${name}`, import.meta.url));
const psrmd = join(fileURLToPath(import.meta.url), '../../../../psrm/bin/psrmd.js');
const smi = join(dirname(createRequire(import.meta.url).resolve('net-snmp')), 'lib/mibs');
const ourMibs = fileURLToPath(new URL('../../../../docs/mibs', import.meta.url));
const patienceMs = 15_000;

export function missingTools(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const tools = ['snmpd', 'snmpwalk', 'snmptrapd'];
  return tools.find((tool) => !folders.some((folder) => existsSync(join(folder, tool))));
}

export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const endMs = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error(`in vain waited for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Ports of this process's own, so that two runs on one machine do not meet. */
let lastPort = 20_000 + (process.pid % 2000) * 20;
export const freePort = (): number => ++lastPort;

const RULE = {
  rule: 'board lost',
  file: 'media.yaml',
  fired: 3,
  heldBack: 0,
  last: { atMs: 1_700_000_000_000, instance: 'board lost [io-1]', outcome: 'done' },
} as const;

/** One board: snmpd of Debian in front of snmpagd, a real psrmd, and netrackd and redirectd whose words the test says. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'snmpag-'));
  readonly runDir = join(this.folder, 'run');
  readonly stateDir = join(this.folder, 'state');
  readonly file = join(this.folder, 'cluster.yaml');
  readonly port = freePort();
  readonly trapPort = freePort();
  readonly #children: ChildProcess[] = [];
  readonly #servers: ControlServer[] = [];
  /** What redirectd was asked, and what it shall answer. */
  readonly moves: { service: string; board?: string }[] = [];
  moveFails = false;
  orderFails = false;
  /** Changes that redirectd was asked for, and what netrackd was asked to clear, to raise or to order. */
  readonly asked: unknown[] = [];
  /** Values of agents that redirectd was told, and those that its rules ask for. */
  readonly told: RulesMethods['snmpFacts']['params'][] = [];
  asksFor: RulesMethods['rules']['result']['snmp'] = [];
  #snmpagd: ChildProcess | undefined;
  traps = '';
  snmpagdSaid = '';
  #state: NetrackState | undefined;
  #topic: Topic<NetrackState | null, NetrackState> | undefined;
  #snmpd: ChildProcess | undefined;
  #client: ControlClient<SnmpagMethods, Record<never, never>> | undefined;

  /** `more`: further lines of the cluster file's `snmp` section; `communities`: further ones of its list. */
  constructor(agentx?: string, more = '', communities = '') {
    mkdirSync(this.runDir);
    mkdirSync(this.stateDir);
    this.secret('operator.pass', 'operator-1\noperator-2\n');
    this.secret('viewer.pass', 'viewer-secret\n');
    this.secret('community', 'lab-only\n');
    writeFileSync(
      this.file,
      `${clusterText}snmp:
  listen: [udp:127.0.0.1:${this.port}]
${agentx === undefined ? '' : `  agentx: ${agentx}\n`}  users:
    operator: { access: read-write, passwordFile: operator.pass }
    viewer: { passwordFile: viewer.pass }
  communities:
    - { file: community, from: 127.0.0.0/8 }
${communities}  targets:
    - { address: 127.0.0.1:${this.trapPort}, user: operator }
    - { address: 127.0.0.1:${this.trapPort}, communityFile: community }
${more}`,
    );
  }

  secret(name: string, text: string, mode = 0o600): void {
    writeFileSync(join(this.folder, name), text);
    chmodSync(join(this.folder, name), mode);
  }

  args(): string[] {
    return ['--cluster', this.file, '--board', 'cpu-1', '--run-dir', this.runDir, '--state-dir', this.stateDir];
  }

  /** The word of netrackd: what it says now, and as long as nothing else is said. */
  async netrackd(state: NetrackState): Promise<void> {
    this.#state = state;
    if (this.#topic !== undefined) {
      this.#topic.publish(state);
      return;
    }
    this.#topic = new Topic<NetrackState | null, NetrackState>({ snapshot: () => this.#state ?? null });
    const served = await serveControl<
      Pick<NetrackMethods, 'status' | 'wish' | 'wishProgram' | 'alarm'>,
      Pick<NetrackTopics, 'state'>
    >({
      path: join(this.runDir, 'netrackd.sock'),
      methods: {
        status: { decode: noParams, handle: () => this.#state as NetrackState },
        wish: {
          decode: (params) => ok(params as NetrackMethods['wish']['params']),
          handle: (params) => {
            this.asked.push(params);
            return { message: 'cleared' };
          },
        },
        wishProgram: {
          decode: (params) => ok(params as NetrackMethods['wishProgram']['params']),
          handle: (params) => {
            this.asked.push(params);
            return this.orderFails
              ? { ok: false, code: 'REFUSED', message: 'psrmd refuses' }
              : { message: `${params.program} done` };
          },
        },
        alarm: {
          decode: (params) => ok(params as NetrackMethods['alarm']['params']),
          handle: (params) => {
            this.asked.push(params);
            return {};
          },
        },
      },
      topics: { state: this.#topic as never },
      authorize: () => ok(undefined),
      journal: () => {},
      onError: (error) => {
        throw error;
      },
      kernel: await linuxKernel(),
    });
    if (!served.ok) throw new Error(served.message);
    this.#servers.push(served.value);
  }

  async redirectd(): Promise<void> {
    const moves = new Topic<RedirectTopics['moves'] | null, RedirectTopics['moves']>({ snapshot: () => null });
    const served = await serveControl<
      Pick<RedirectMethods, 'status' | 'move' | 'change'> & RulesMethods,
      RedirectTopics
    >({
      path: join(this.runDir, 'redirectd.sock'),
      methods: {
        status: { decode: noParams, handle: () => ({ deciding: true, moves: [], resting: ['web'], held: [] }) },
        rules: {
          decode: noParams,
          handle: () => ({ files: [], rules: 1, deciding: true, atLimit: [], snmp: this.asksFor, tally: [RULE] }),
        },
        snmpFacts: {
          decode: (params) => ok(params as RulesMethods['snmpFacts']['params']),
          handle: (params) => {
            this.told.push(params);
            return {};
          },
        },
        change: {
          decode: (params) => ok(params as RedirectMethods['change']['params']),
          handle: (params) => {
            this.asked.push(params);
            return { message: `${params.kind} done` };
          },
        },
        move: {
          decode: (params) => ok(params as { service: string; board?: string }),
          handle: (params) => {
            this.moves.push(params);
            return this.moveFails
              ? { ok: false, code: 'REFUSED', message: 'the director refuses' }
              : { message: `${params.service} moves` };
          },
        },
      },
      topics: { moves },
      authorize: () => ok(undefined),
      journal: () => {},
      onError: (error) => {
        throw error;
      },
      kernel: await linuxKernel(),
    });
    if (!served.ok) throw new Error(served.message);
    this.#servers.push(served.value);
  }

  psrmd(): void {
    this.#spawn(process.execPath, [psrmd, ...this.args(), '--stop-programs']);
  }

  snmpagd(): ChildProcess {
    const child = this.#spawn(process.execPath, [bin('snmpagd.js'), ...this.args()]);
    this.#snmpagd ??= child;
    child.stderr?.on('data', (chunk: Buffer) => {
      this.snmpagdSaid += chunk.toString();
    });
    this.#client ??= connectControl<SnmpagMethods>(join(this.runDir, 'snmpagd.sock'), { name: 'test' });
    return child;
  }

  /** As a machine's memory killer does: without a word. */
  killSnmpagd(): void {
    this.#snmpagd?.kill('SIGKILL');
  }

  async conf(): Promise<Said> {
    return run(process.execPath, [bin('snmpagd-conf.js'), ...this.args()]);
  }

  /** As PSRM starts it. `runtime`: in place of Node. */
  async snmpd(runtime = process.execPath): Promise<void> {
    this.#snmpd = this.#spawn(bin('snmpagd-front'), this.args(), runtime);
    await until('snmpd answers', async () => {
      const said = await this.snmp('get', ['1.3.6.1.2.1.1.5.0']);
      return said.code === 0 ? true : undefined;
    });
  }

  /** The one that was started last. */
  get snmpdLives(): boolean {
    return this.#snmpd?.exitCode === null && this.#snmpd.signalCode === null;
  }

  /** SIGKILL, or SIGTERM, by which snmpd keeps what it must. */
  async stopSnmpd(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#snmpd;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill(signal);
    await ended;
  }

  /** `snmptrapd` with our user, by the engine ID that snmpd will have. */
  async snmptrapd(): Promise<void> {
    const conf = join(this.folder, 'snmptrapd.conf');
    const engine = '0x80001f88055353' + '00001267' + '01';
    writeFileSync(
      conf,
      `[snmp] persistentDir ${join(this.folder, 'trapd')}
createUser -e ${engine} operator SHA-256 "operator-1" AES "operator-2"
authUser log operator priv
authCommunity log lab-only
format2 TRAP %P %v\\n
`,
    );
    const mibs = ['-m', 'SOFTSET-MIB', '-M', mibPath];
    const listen = `udp:127.0.0.1:${this.trapPort}`;
    const child = this.#spawn('snmptrapd', ['-f', '-Lo', '-C', '-c', conf, ...mibs, listen]);
    child.stdout?.on('data', (chunk: Buffer) => {
      this.traps += chunk.toString();
    });
    await until('snmptrapd listens', () => (this.traps.includes('NET-SNMP version') ? true : undefined));
  }

  /** One of snmpget, snmpwalk, snmpbulkwalk, snmpset, snmptable …, by v3 as the operator. */
  snmp(command: string, args: readonly string[], who: readonly string[] = operator): Promise<Said> {
    const common = ['-m', 'SOFTSET-MIB', '-M', mibPath, '-t', '2', '-r', '1', `127.0.0.1:${this.port}`];
    return run(`snmp${command}`, [...who, ...common, ...args]);
  }

  status(): Promise<SnmpagState | undefined> {
    const client = this.#client;
    if (client === undefined) return Promise.resolve(undefined);
    return client.call('status', {}).then((answer) => (answer.ok ? answer.value : undefined));
  }

  facts(): Promise<readonly SnmpFact[] | undefined> {
    const client = this.#client;
    if (client === undefined) return Promise.resolve(undefined);
    return client.call('facts', {}).then((answer) => (answer.ok ? answer.value.facts : undefined));
  }

  async serving(): Promise<void> {
    await until('snmpagd serves', async () => {
      const status = await this.status();
      const there = status?.session === 'serving' && status.missing === 0;
      return there ? true : undefined;
    });
  }

  journal(): { what: string; who: Record<string, unknown>; fields: Record<string, unknown> }[] {
    const text = readFileSync(join(this.stateDir, 'snmpagd.journal'), 'utf8');
    return text
      .trim()
      .split('\n')
      .map(
        (line) => JSON.parse(line) as { what: string; who: Record<string, unknown>; fields: Record<string, unknown> },
      );
  }

  /** snmpagd-front's own end, where it does not become snmpd. */
  front(runtime: string): Promise<Said> {
    return run(bin('snmpagd-front'), this.args(), { SOFTSET_NODE: runtime });
  }

  #spawn(file: string, args: readonly string[], runtime = process.execPath): ChildProcess {
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SOFTSET_NODE: runtime },
    });
    child.stdout?.resume();
    child.stderr?.resume();
    this.#children.push(child);
    return child;
  }

  async clean(): Promise<void> {
    this.#client?.close();
    const living = this.#children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ends = living.map((child) => new Promise((resolve) => child.once('close', resolve)));
    for (const child of living) child.kill('SIGTERM');
    const late = setTimeout(() => {
      for (const child of living) child.kill('SIGKILL');
    }, 4000);
    await Promise.all(ends);
    clearTimeout(late);
    for (const server of this.#servers) await server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const mibPath = [smi, '/usr/share/snmp/mibs', ourMibs].join(':');
const v3 = (user: string, auth: string, privacy: string): string[] => [
  '-v3',
  '-l',
  'authPriv',
  '-u',
  user,
  '-a',
  'SHA-256',
  '-A',
  auth,
  '-x',
  'AES',
  '-X',
  privacy,
];
export const operator = v3('operator', 'operator-1', 'operator-2');
export const viewer = v3('viewer', 'viewer-secret', 'viewer-secret');
export const wrongKey = v3('operator', 'operator-9', 'operator-2');
export const wrongPrivacyKey = v3('operator', 'operator-1', 'operator-9');
export const stranger = v3('nobody', 'operator-1', 'operator-2');
export const community = ['-v2c', '-c', 'lab-only'];

export function run(file: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Said> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...more, SNMP_PERSISTENT_DIR: join(tmpdir(), `snmpag-tools-${process.pid}`) };
    execFile(file, [...args], { env, maxBuffer: 64 * 1024 * 1024 }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      resolve({ code, out, err });
    });
  });
}
