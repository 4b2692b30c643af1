import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Chassis, startChassis } from '@softset/cli/demo/chassis.js';
import { calmTiming } from '@softset/cli/demo/cluster-file.js';
import { echo } from '@softset/cli/demo/programs.js';
import { engineId } from '@softset/snmpag/core/snmpd-conf.js';
import { BASE_OID } from '@softset/snmpag/core/softset/base-oid.js';
import { objectOid } from '@softset/snmpag/core/softset/notice-varbinds.js';
import { patience, until } from '../e2e/bench.js';
import { Seen } from './snmp-seen.js';

const inRepository = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const bin = (name: string): string => inRepository(`packages/snmpag/bin/${name}`);
const example = (name: string): string => inRepository(`examples/snmp/${name}`);
const packageMibs = join(dirname(createRequire(import.meta.url).resolve('net-snmp')), 'lib/mibs');

export const boards = ['cpu-1', 'cpu-2', 'ccn'] as const;
const clusterNumber = 4713;
/** Where the fronts listen, as the example has it; the boards' own agents are at 161. */
const port = 10_161;
const trapPort = 10_162;
/** The switch's own address: what is told reaches it over network A, whichever board tells. */
const receiver = '10.1.250.1';
/** The lab's cluster file lies three folders above a board's run directory. */
const args =
  '--cluster "$SOFTSET_RUN_DIR/../../../chassis.yaml" --board "$SOFTSET_BOARD" --run-dir "$SOFTSET_RUN_DIR" --state-dir "$SOFTSET_RUN_DIR/../state"';
/** Each daemon answers `GET /metrics` at RUN_DIR/NAME.metrics.sock. */
const scraped = ['--metrics', 'unix'] as const;
const shell = (line: string) => ({
  command: ['/bin/sh', '-c', line],
  boards,
  // Until the secrets are there snmpagd-conf refuses: that is no reason to give up.
  giveUp: { deaths: 1000, withinMs: 10_000 },
});
/** A community that may look. */
const viewer = 'lab-viewer';
/** A slot behind each board's port of switch A, beside the board itself. */
export const slotAddress = (board: string): string => `10.1.3.${numberOf(board)}`;
const portsOf = (
  board: string,
): string => `    - { switch: switch-a, port: ${board}, name: slot-${board}, addresses: [${slotAddress(board)}] }
    - { switch: switch-b, port: ${board}, board: ${board} }
`;
const geodhcp = `geodhcp:
  boards: [${boards.join(', ')}]
  lookupMs: 3000
  switches:
    switch-a: { network: A, address: ${receiver}, community: lab-agents, uplinks: { trunk: '' } }
    switch-b: { network: B, address: 20.1.250.1, community: lab-agents, uplinks: { trunk: '' } }
  ports:
${boards.map(portsOf).join('')}`;
const usm = [
  '-v3',
  '-l',
  'authPriv',
  '-u',
  'operator',
  '-a',
  'SHA-256',
  '-A',
  'lab-auth-1',
  '-x',
  'AES',
  '-X',
  'lab-priv-1',
];

/** Of a tool that is missing, its name. */
export function missingTool(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return ['snmpd', 'snmpget', 'snmptrapd', 'udhcpc'].find(
    (tool) => !folders.some((folder) => existsSync(join(folder, tool))),
  );
}

export const oid = (object: string, ...index: number[]): string => [...(objectOid(object) ?? []), ...index].join('.');
/** As an index of its own at the end, and as one before another. */
export const letters = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

/** Three control boards with everything of examples/snmp on them, and a receiver of notifications at switch A. */
export class SnmpLab {
  readonly chassis: Chassis;
  readonly seen = new Seen();
  #told = '';

  private constructor(chassis: Chassis) {
    this.chassis = chassis;
  }

  static async up(name: string): Promise<SnmpLab> {
    const address = `${receiver}:${trapPort}`;
    const targets = JSON.stringify([
      { address, user: 'operator' },
      { address, communityFile: 'viewer.snmp' },
    ]);
    const communities = JSON.stringify([
      { file: 'viewer.snmp', from: '127.0.0.1/32' },
      { file: 'switch-a.snmp', from: '127.0.0.1/32', context: 'switch-a' },
    ]);
    const chassis = await startChassis({
      name,
      base: { topology: example('chassis.lab.yaml'), cluster: example('chassis.yaml') },
      timing: calmTiming,
      judges: false,
      web: false,
      amendDaemon: (spec) => ({ ...spec, command: [...spec.command, ...scraped] }),
      services: {
        management: { addresses: ['192.168.1.254/32'], pool: boards },
        media: { addresses: ['192.168.1.1/32'], pool: ['cpu-1', 'cpu-2'], programs: ['echo'] },
      },
      programs: {
        echo: echo(),
        // Its end is what a test wants.
        frail: { command: ['/bin/sleep', '100000'], boards: ['ccn'], giveUp: { deaths: 3, withinMs: 20_000 } },
        snmpagd: shell(`exec "${process.execPath}" ${bin('snmpagd.js')} ${args} ${scraped.join(' ')}`),
        snmpd: shell(`SOFTSET_NODE="${process.execPath}" exec ${bin('snmpagd-front')} ${args}`),
      },
      amend: (text) =>
        `${text.replace('\nsnmp:\n', `\nsnmp:\n  targets: ${targets}\n  communities: ${communities}\n`)}${geodhcp}`,
    });
    const lab = new SnmpLab(chassis);
    try {
      const { dir } = chassis.lab;
      writeFileSync(join(dir, 'agents.snmp'), 'lab-agents\n', { mode: 0o600 });
      writeFileSync(join(dir, 'operator.snmp'), 'lab-auth-1\nlab-priv-1\n', { mode: 0o600 });
      writeFileSync(join(dir, 'viewer.snmp'), `${viewer}\n`, { mode: 0o600 });
      writeFileSync(join(dir, 'switch-a.snmp'), 'lab-switch-a\n', { mode: 0o600 });
      mkdirSync(join(dir, 'rules'));
      writeFileSync(join(dir, 'rules/management.yaml'), readFileSync(example('rules/management.yaml')));
      await lab.#receive();
      await lab.#begun();
    } catch (error) {
      await lab.down();
      throw error;
    }
    return lab;
  }

  async #receive(): Promise<void> {
    const { dir } = this.chassis.lab;
    const users = boards.map(
      (_, i) => `createUser -e ${engineId(clusterNumber, i + 1)} operator SHA-256 lab-auth-1 AES lab-priv-1`,
    );
    const conf = join(dir, 'snmptrapd.conf');
    const who = ['authUser log operator priv', `authCommunity log ${viewer}`];
    const lines = [`[snmp] persistentDir ${dir}/trapd`, ...users, ...who, 'format2 %P %v\\n\n'];
    writeFileSync(conf, lines.join('\n'));
    const command = ['snmptrapd', '-f', '-Lo', '-C', '-On', '-m', '', '-c', conf, `udp:${receiver}:${trapPort}`];
    const trapd = await this.chassis.lab.spawn('switch-a', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    trapd.stdout?.on('data', (chunk: Buffer) => {
      this.#told += chunk.toString();
    });
  }

  /** Every front answers, and shows the whole system with all services held. */
  async #begun(): Promise<void> {
    const endMs = performance.now() + 90_000 * patience;
    for (const board of boards) {
      for (const [object, wanted] of [
        ['softsetBoardsUp', '3'],
        ['softsetServicesHeld', '2'],
      ] as const) {
        for (;;) {
          const said = await this.get(board, oid(object, 0));
          if (said === wanted) break;
          if (performance.now() > endMs) throw new Error(`${board}: ${object} is ${said}, not ${wanted}`);
          await sleep(100);
        }
      }
    }
  }

  down(): Promise<void> {
    return this.chassis.stop();
  }

  /** A tool of Debian's as an operator on that board uses it; what it said. */
  async tool(
    board: string,
    command: string,
    words: readonly string[],
    context = '',
    at = '127.0.0.1',
  ): Promise<string> {
    const where = context === '' ? [] : ['-n', context];
    const options = words.filter((word) => word.startsWith('-O'));
    const shape = options.length > 0 ? [] : ['-Oqvn'];
    const common = [...usm, ...where, '-m', '', ...shape, '-t', '3', '-r', '1'];
    const rest = words.filter((word) => !word.startsWith('-O'));
    const line = [`snmp${command}`, ...common, ...options, `${at}:${port}`, ...rest];
    const { stdout, stderr } = await this.chassis.lab.board(board).exec(line);
    return (stdout + stderr).trim();
  }

  /** A walk, each line with its number in front. */
  async walk(board: string, object: string, context = ''): Promise<string> {
    return this.tool(board, 'bulkwalk', ['-Oqn', object], context);
  }

  get(board: string, object: string, context = ''): Promise<string> {
    return this.tool(board, 'get', [object], context);
  }

  async set(board: string, object: string, type: string, value: string | number, context = ''): Promise<string> {
    const said = await this.tool(board, 'set', [object, type, String(value)], context);
    if (said === String(value)) this.seen.written(object);
    return said;
  }

  /** All of SOFTSET-MIB by a board's front, by v3, or by v2c with a community that may look. */
  async look(board: string, version: 'v2c' | 'v3' = 'v3'): Promise<string> {
    const who = version === 'v3' ? usm : ['-v2c', '-c', viewer];
    const line = ['snmpbulkwalk', ...who, '-m', '', '-Oqn', '-t', '3', `127.0.0.1:${port}`, BASE_OID.join('.')];
    const { stdout } = await this.chassis.lab.board(board).exec(line);
    this.seen.walk(`\n${stdout}`);
    return stdout;
  }

  /** Until snmptable prints rows of that table, such as `wanted`. */
  async prints(board: string, table: string, wanted: RegExp): Promise<string> {
    const text = await until(`${board} prints ${table} with ${wanted}`, async () => {
      const { exitCode, stdout } = await this.named(board, 'table', '-CB', '-Ci', '-Cf', '|', table);
      return exitCode === 0 && wanted.test(stdout) ? stdout : undefined;
    });
    this.seen.table(table);
    return text;
  }

  /** With names: what an operator with the MIBs at hand sees. */
  async named(board: string, command: string, ...words: readonly string[]) {
    const mibs = ['-M', `${packageMibs}:/usr/share/snmp/mibs:${inRepository('docs/mibs')}`, '-m', 'SOFTSET-MIB:IF-MIB'];
    const line = [`snmp${command}`, ...usm, ...mibs, '-t', '3', `127.0.0.1:${port}`, ...words];
    return this.chassis.lab.board(board).exec(line);
  }

  /** snmptranslate, with the text of our MIB. */
  translate(...words: readonly string[]) {
    const mibs = ['-M', `${packageMibs}:/usr/share/snmp/mibs:${inRepository('docs/mibs')}`, '-m', 'SOFTSET-MIB'];
    return this.chassis.lab.board('ccn').exec(['snmptranslate', ...mibs, ...words]);
  }

  /** geodhcpd beside the other daemons of that board, until the lab ends. */
  async geodhcpd(board: string): Promise<void> {
    const { lab, clusterFile } = this.chassis;
    const where = ['--cluster', clusterFile, '--board', board, '--run-dir', lab.board(board).runDir, ...scraped];
    await lab.board(board).spawn([process.execPath, inRepository('packages/geodhcp/bin/geodhcpd.js'), ...where], {
      stdio: 'ignore',
    });
  }

  /** A card of its own behind the board's port asks by DHCP, so often at most, and does nothing with what it gets. */
  async asksForAddress(board: string, times: number): Promise<void> {
    const { exec } = this.chassis.lab.board(board);
    await exec(['ip', 'link', 'add', 'card', 'link', 'a0', 'type', 'macvlan']);
    await exec(['ip', 'link', 'set', 'card', 'up']);
    const script = join(this.chassis.lab.dir, 'udhcpc.sh');
    writeFileSync(script, '#!/bin/sh\n', { mode: 0o755 });
    await exec(['udhcpc', '-i', 'card', '-n', '-q', '-f', '-t', `${times}`, '-T', '2', '-s', script]);
    await exec(['ip', 'link', 'del', 'card']);
  }

  /** What a daemon of that board tells Prometheus. */
  async metrics(board: string, daemon: string): Promise<string> {
    const socketPath = join(this.chassis.lab.board(board).runDir, `${daemon}.metrics.sock`);
    const [response] = (await once(get({ socketPath, path: '/metrics' }), 'response')) as [IncomingMessage];
    return text(response);
  }

  says(board: string, object: string, index: readonly number[], wanted: string): Promise<true> {
    return until(`${board}: ${object} is ${wanted}`, async () =>
      (await this.get(board, oid(object, ...index))) === wanted ? true : undefined,
    );
  }

  /** What was told by v3 so far, a line for each. */
  get told(): readonly string[] {
    return this.#lines('SNMP v3, user operator');
  }

  /** Numbers of what was told by v2c so far: each is sent to two receivers. */
  get toldByCommunity(): ReadonlySet<number> {
    const lines = this.#lines(`SNMP v2c, community ${viewer}`);
    return new Set(lines.map((line) => Number(/7413\.0\.(\d+)/.exec(line)?.[1])));
  }

  #lines(sender: string): readonly string[] {
    return this.#told.split('\n').filter((line) => line.includes(sender) && line.includes('7413.0.'));
  }

  /** Notifications of SOFTSET-MIB by number since `mark`, of those whose line has `about`. */
  since(mark: number, number: number, about = ''): readonly string[] {
    const it = new RegExp(`7413\\.0\\.${number}(\\t|$)`);
    return this.told.slice(mark).filter((line) => it.test(line) && line.includes(about));
  }

  hears(mark: number, number: number, about = ''): Promise<string> {
    return until(`notification ${number} about "${about}"`, () => this.since(mark, number, about)[0]);
  }

  async director(): Promise<{ name: string; number: number }> {
    const name = await until('a director', () => this.chassis.director());
    return { name, number: numberOf(name) };
  }
}

export function numberOf(board: string): number {
  return boards.indexOf(board as (typeof boards)[number]) + 1;
}
