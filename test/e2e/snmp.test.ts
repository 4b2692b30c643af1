import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Chassis, startChassis } from '@softset/cli/demo/chassis.js';
import { calmTiming } from '@softset/cli/demo/cluster-file.js';
import { echo } from '@softset/cli/demo/programs.js';
import { engineId } from '@softset/snmpag/core/snmpd-conf.js';
import { objectOid } from '@softset/snmpag/core/softset/notice-varbinds.js';
import { expect } from 'chai';
import { holderOf, patience, until } from './bench.js';

const bin = (name: string): string => fileURLToPath(new URL(`../../packages/snmpag/bin/${name}`, import.meta.url));
/** The boards that may direct: of their agents one tells. */
const agents = ['cpu-1', 'cpu-2', 'ccn'];
const port = 10_161;
const trapPort = 10_162;
/** The lab's cluster file lies three folders above a board's run directory. */
const args =
  '--cluster "$SOFTSET_RUN_DIR/../../../chassis.yaml" --board "$SOFTSET_BOARD" --run-dir "$SOFTSET_RUN_DIR" --state-dir "$SOFTSET_RUN_DIR/../state"';
const shell = (line: string) => ({
  command: ['/bin/sh', '-c', line],
  boards: agents,
  // Until the secrets are there snmpagd-conf refuses: that is no reason to give up.
  giveUp: { deaths: 1000, withinMs: 10_000 },
});

const usm = ['-v3', '-l', 'authPriv', '-u', 'op', '-a', 'SHA-256', '-A', 'lab-auth-1', '-x', 'AES', '-X', 'lab-priv-1'];

describe('SNMP/ag in the lab: real daemons, snmpd under PSRM', function () {
  this.timeout(240_000 * patience);
  let chassis: Chassis;
  let traps = '';

  before(async function () {
    const tools = ['snmpd', 'snmpget', 'snmptrapd'];
    const folders = (process.env.PATH ?? '').split(delimiter);
    if (tools.some((tool) => !folders.some((folder) => existsSync(join(folder, tool))))) this.skip();
    const snmp = {
      boards: agents,
      listen: [`udp:127.0.0.1:${port}`],
      users: { op: { access: 'read-write', passwordFile: 'op.pass' } },
      targets: [{ address: `10.1.1.20:${trapPort}`, user: 'op' }],
    };
    chassis = await startChassis({
      name: 'e2e-snmp',
      timing: calmTiming,
      judges: false,
      services: { media: { addresses: ['192.168.1.1/32'], pool: ['cpu-1', 'cpu-2'], programs: ['echo'] } },
      programs: {
        echo: echo(),
        snmpagd: shell(`exec "${process.execPath}" ${bin('snmpagd.js')} ${args}`),
        snmpd: shell(
          `conf=$("${process.execPath}" ${bin('snmpagd-conf.js')} ${args}) && MIBS= exec snmpd -f -Lo -C -c "$conf"`,
        ),
      },
      amend: (text) => `${text}snmp: ${JSON.stringify(snmp)}\n`,
    });
    writeFileSync(join(chassis.lab.dir, 'op.pass'), 'lab-auth-1\nlab-priv-1\n', { mode: 0o600 });
    // Programs without a probe are up and never ready, so the chassis as a whole is not waited for: the service is.
    const endMs = performance.now() + 60_000 * patience;
    while (chassis.holder() === undefined && performance.now() < endMs) await sleep(100);
    const users = [1, 2, 6].map(
      (board) => `createUser -e ${engineId(4711, board)} op SHA-256 lab-auth-1 AES lab-priv-1`,
    );
    const conf = join(chassis.lab.dir, 'snmptrapd.conf');
    writeFileSync(
      conf,
      `[snmp] persistentDir ${chassis.lab.dir}/trapd\n${users.join('\n')}\nauthUser log op priv\nformat2 TRAP %b %v\\n\n`,
    );
    const listen = ['snmptrapd', '-f', '-Lo', '-C', '-On', '-m', '', '-c', conf, `udp:10.1.1.20:${trapPort}`];
    const trapd = await chassis.lab.board('ccn').spawn(listen, { stdio: ['ignore', 'pipe', 'inherit'] });
    trapd.stdout?.on('data', (chunk: Buffer) => {
      traps += chunk.toString();
    });
  });
  after(async () => {
    await chassis?.stop();
  });

  async function tool(board: string, command: string, ...words: string[]): Promise<string> {
    const line = [`snmp${command}`, ...usm, '-m', '', '-Oqvn', '-t', '2', `127.0.0.1:${port}`, ...words];
    const { stdout, stderr } = await chassis.lab.board(board).exec(line);
    return (stdout + stderr).trim();
  }
  const name = (object: string, ...index: number[]): string => [...(objectOid(object) ?? []), ...index].join('.');
  const media = [...'media'].map((letter) => letter.charCodeAt(0));
  const says = (board: string, object: string, index: readonly number[], wanted: string) =>
    until(`${board}: ${object} is ${wanted}`, async () =>
      (await tool(board, 'get', name(object, ...index))) === wanted ? true : undefined,
    );

  it('each control board shows the whole system', async () => {
    for (const board of agents) await says(board, 'softsetBoardsUp', [0], '7');
    for (const board of agents) await says(board, 'softsetServicesHeld', [0], '1');
    expect(await tool('cpu-1', 'get', name('softsetReportingBoard', 0))).to.equal('"cpu-1"');
  });

  it('a board that crashes is down in every table, and told of once; so is its return', async () => {
    await chassis.lab.fault('crash', 'io-3');
    for (const board of agents) await says(board, 'softsetBoardState', [5], '6');
    /** What was told of it: 1 down, 2 up, 3 stalled, in that order. */
    const told = (): string =>
      traps
        .split('\n')
        .flatMap((line) => (line.includes('"io-3"') ? (/7413\.0\.([123])\t/.exec(line)?.[1] ?? []) : []))
        .join('');
    await until('told', () => (told().includes('1') ? true : undefined));
    await chassis.lab.heal('crash', 'io-3');
    for (const board of agents) await says(board, 'softsetBoardState', [5], '2');
    await until('told', () => (told().includes('2') ? true : undefined));
    // Whoever waits for want of a director tells after two seconds.
    await sleep(2500);
    // A board that loads its daemons may stall once more, and is told of again; but nothing twice.
    expect(told(), traps).to.match(/^1(3?2)+$/);
  });

  it('a SET moves the service', async () => {
    const { standby } = await holderOf(chassis);
    const number = standby === 'cpu-1' ? 1 : 2;
    const said = await tool('ccn', 'set', name('softsetServiceHolderWanted', ...media), 'u', String(number));
    expect(said).to.equal(String(number));
    await until('it is there', () => (chassis.holder() === standby ? true : undefined));
    for (const board of agents) await says(board, 'softsetServiceHolder', media, String(number));
  });

  it('snmpd is restarted by a SET of its own program, and comes back under PSRM', async () => {
    const pid = name('softsetProgramPid', 1, ...[...'snmpd'].map((letter) => letter.charCodeAt(0)));
    const before = await until('a process', async () => {
      const said = await tool('cpu-1', 'get', pid);
      return /^[1-9][0-9]*$/.test(said) ? said : undefined;
    });
    // The answer may be lost with the snmpd that should bring it.
    await tool(
      'cpu-1',
      'set',
      name('softsetProgramOrder', 1, ...[...'snmpd'].map((letter) => letter.charCodeAt(0))),
      'i',
      '4',
    );
    await until('another process', async () => {
      const said = await tool('cpu-1', 'get', pid);
      return /^[1-9][0-9]*$/.test(said) && said !== before ? true : undefined;
    });
  });
});
