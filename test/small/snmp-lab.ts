import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Chassis, startChassis } from '@softset/cli/demo/chassis.js';
import { calmTiming } from '@softset/cli/demo/cluster-file.js';
import { echo } from '@softset/cli/demo/programs.js';
import { engineId } from '@softset/snmpag/core/snmpd-conf.js';
import { objectOid } from '@softset/snmpag/core/softset/notice-varbinds.js';
import { patience, until } from '../e2e/bench.js';

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
const shell = (line: string) => ({
  command: ['/bin/sh', '-c', line],
  boards,
  // Until the secrets are there snmpagd-conf refuses: that is no reason to give up.
  giveUp: { deaths: 1000, withinMs: 10_000 },
});
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
  return ['snmpd', 'snmpget', 'snmptrapd'].find((tool) => !folders.some((folder) => existsSync(join(folder, tool))));
}

export const oid = (object: string, ...index: number[]): string => [...(objectOid(object) ?? []), ...index].join('.');
/** As an index of its own at the end, and as one before another. */
export const letters = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

/** Three control boards with everything of examples/snmp on them, and a receiver of notifications at switch A. */
export class SnmpLab {
  readonly chassis: Chassis;
  #told = '';

  private constructor(chassis: Chassis) {
    this.chassis = chassis;
  }

  static async up(name: string): Promise<SnmpLab> {
    const targets = JSON.stringify([{ address: `${receiver}:${trapPort}`, user: 'operator' }]);
    const chassis = await startChassis({
      name,
      base: { topology: example('chassis.lab.yaml'), cluster: example('chassis.yaml') },
      timing: calmTiming,
      judges: false,
      web: false,
      services: {
        management: { addresses: ['192.168.1.254/32'], pool: boards },
        media: { addresses: ['192.168.1.1/32'], pool: ['cpu-1', 'cpu-2'], programs: ['echo'] },
      },
      programs: {
        echo: echo(),
        // Its end is what a test wants.
        frail: { command: ['/bin/sleep', '100000'], boards: ['ccn'], giveUp: { deaths: 3, withinMs: 20_000 } },
        snmpagd: shell(`exec "${process.execPath}" ${bin('snmpagd.js')} ${args}`),
        snmpd: shell(`SOFTSET_NODE="${process.execPath}" exec ${bin('snmpagd-front')} ${args}`),
      },
      amend: (text) => text.replace('\nsnmp:\n', `\nsnmp:\n  targets: ${targets}\n`),
    });
    const lab = new SnmpLab(chassis);
    try {
      const { dir } = chassis.lab;
      writeFileSync(join(dir, 'agents.snmp'), 'lab-agents\n', { mode: 0o600 });
      writeFileSync(join(dir, 'operator.snmp'), 'lab-auth-1\nlab-priv-1\n', { mode: 0o600 });
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
    const lines = [`[snmp] persistentDir ${dir}/trapd`, ...users, 'authUser log operator priv', 'format2 %v\\n\n'];
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

  set(board: string, object: string, type: string, value: string | number, context = ''): Promise<string> {
    return this.tool(board, 'set', [object, type, String(value)], context);
  }

  /** With names: what an operator with the MIBs at hand sees. */
  async named(board: string, command: string, ...words: readonly string[]) {
    const mibs = ['-M', `${packageMibs}:/usr/share/snmp/mibs:${inRepository('docs/mibs')}`, '-m', 'SOFTSET-MIB:IF-MIB'];
    const line = [`snmp${command}`, ...usm, ...mibs, '-t', '3', `127.0.0.1:${port}`, ...words];
    return this.chassis.lab.board(board).exec(line);
  }

  says(board: string, object: string, index: readonly number[], wanted: string): Promise<true> {
    return until(`${board}: ${object} is ${wanted}`, async () =>
      (await this.get(board, oid(object, ...index))) === wanted ? true : undefined,
    );
  }

  /** What was told so far, a line for each. */
  get told(): readonly string[] {
    return this.#told.split('\n').filter((line) => line.includes('7413.0.'));
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
