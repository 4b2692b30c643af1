import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Chassis, startChassis } from '@softset/cli/demo/chassis.js';
import { calmTiming } from '@softset/cli/demo/cluster-file.js';
import { geoDhcpClient } from '@softset/client';
import { switchAgentCommand } from '@softset/lab/switch-agent/snmpd.js';
import { expect } from 'chai';

const daemon = fileURLToPath(new URL('../../packages/geodhcp/bin/geodhcpd.js', import.meta.url));
const boards = ['cpu-1', 'cpu-2', 'ccn'] as const;
const patience = Number(process.env.SOFTSET_PATIENCE ?? 1);
const agentAddress = '10.1.250.250';
const section = `geodhcp:
  boards: [${boards.join(', ')}]
  lookupMs: 200
  switches:
    switch-a: { network: A, address: ${agentAddress}, uplinks: { trunk: '' } }
  ports:
    - { switch: switch-a, port: io-1, board: io-1 }
`;

/** It takes an offer only after so long: time for its server to die. */
const selectS = 8;

/** A chassis with real netrackds; at first no agent speaks for its switches. */
describe('geoDHCP on several boards', function () {
  this.timeout(120_000 * patience);
  let chassis: Chassis | undefined;
  before(async () => {
    chassis = await startChassis({
      name: 'dhcp-director',
      timing: calmTiming,
      web: false,
      judges: false,
      daemons: { psrmd: [], redirectd: [] },
      services: {},
      programs: {},
      amend: (text) => text + section,
    });
  });
  after(() => chassis?.stop());

  async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const endMs = performance.now() + 30_000 * patience;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (performance.now() > endMs) throw new Error(`in vain waited for: ${what}`);
      await sleep(50);
    }
  }

  it('the director answers and no other; when it dies in mid-DORA the next one honours its offer; alarms reach the register', async () => {
    if (chassis === undefined) throw new Error('no chassis');
    const { lab, clusterFile } = chassis;
    const director = await until('a director', () => chassis?.director());
    const run = (board: string): string => lab.board(board).runDir;
    for (const board of boards) {
      const where = ['--cluster', clusterFile, '--board', board, '--run-dir', run(board)];
      const started = await lab.board(board).spawn([process.execPath, daemon, ...where], { stdio: 'ignore' });
      started.on('error', () => {});
    }
    const answers = async (board: string): Promise<boolean | undefined> => {
      const client = geoDhcpClient(run(board), { name: 'test', retry: 'none' });
      const ready = await client.ready(1000);
      const status = ready.ok ? await client.call('status', {}) : ready;
      client.close();
      return status.ok ? status.value.answering : undefined;
    };
    const answering = async (among: readonly string[]): Promise<string | undefined> => {
      const said = await Promise.all(among.map(answers));
      if (said.includes(undefined)) return undefined;
      const found = among.filter((_, i) => said[i]);
      return found.length === 1 ? found[0] : undefined;
    };
    expect(await until('one who answers', async () => (await answering(boards)) === director || undefined)).to.equal(
      true,
    );

    const ask = 'timeout 3 busybox udhcpc -n -q -f -i a0 -t 2 -T 1 -s /bin/true';
    await lab.board('io-1').exec(['sh', '-c', ask], { timeoutMs: 10_000 });
    const alarm = await until('the alarm', () =>
      chassis?.state(director)?.alarms.find(({ cause }) => cause === 'SWITCH_SILENT'),
    );
    expect(alarm).to.include({ object: 'switch/switch-a', severity: 'major' });

    // In the middle of a DORA: the client has an offer of the director, which dies before it is taken.
    await lab.exec('switch-a', ['ip', 'addr', 'add', `${agentAddress}/16`, 'dev', 'br0']);
    const folder = join(lab.dir, 'switch-agent');
    const { command, env } = switchAgentCommand({
      sysName: 'switch-a',
      address: agentAddress,
      bridge: 'br0',
      folder,
    });
    const agent = await lab.spawn('switch-a', command, { env: { ...process.env, ...env }, stdio: 'ignore' });
    agent.on('error', () => {});
    const conf = join(lab.dir, 'dhclient.conf');
    writeFileSync(conf, `select-timeout ${selectS};\ninitial-interval 1;\nbackoff-cutoff 2;\n`);
    const files = ['-cf', conf, '-lf', join(lab.dir, 'dhclient.leases'), '-pf', join(lab.dir, 'dhclient.pid')];
    const words = ['dhclient', '-d', '-v', '-sf', '/bin/true', ...files, 'a0'];
    const dhclient = await lab.board('io-1').spawn(words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [dhclient.stdout, dhclient.stderr]) stream?.on('data', (text) => (said += String(text)));
    const addressOf = (board: string): string =>
      lab.topology.boards.find(({ name }) => name === board)?.ports[0]?.ip ?? '';
    await until('an offer', () => said.includes(`DHCPOFFER of 10.1.1.11 from ${addressOf(director)}`) || undefined);
    expect(said).to.not.contain('DHCPREQUEST');
    await lab.fault('crash', director);
    const left = boards.filter((board) => board !== director);
    const next = await until('another who answers', () => answering(left));
    const now = await until('another director', () => {
      const found = chassis?.director();
      return found === director ? undefined : found;
    });
    expect(next).to.equal(now);
    const acked = `DHCPACK of 10.1.1.11 from ${addressOf(now)}`;
    await until('the client takes the offer of the dead one', () => said.includes('DHCPREQUEST') || undefined);
    await until(`${acked}\n${said}`, () => said.includes(acked) || undefined);
    // The offer was honoured: it did not have to begin anew.
    expect(said.slice(said.indexOf('DHCPOFFER'))).to.not.contain('DHCPDISCOVER');
    dhclient.kill('SIGKILL');
    const survivor = geoDhcpClient(run(now), { name: 'test', retry: 'none' });
    await survivor.ready(1000);
    const leases = await survivor.call('leases', {});
    survivor.close();
    expect(leases.ok && leases.value.leases.map(({ ip, name }) => `${ip} ${name}`)).to.deep.equal(['10.1.1.11 io-1']);
  });
});
