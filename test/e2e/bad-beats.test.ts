import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Chassis, startChassis } from '@softset/cli/demo/chassis.js';
import { calmTiming } from '@softset/cli/demo/cluster-file.js';
import { daemonPrograms } from '@softset/cli/demo/places.js';
import { openSealer } from '@softset/netrack/adapters/sealer.js';
import { type Beat, encodeBeat, type Sealer } from '@softset/protocol/beat.js';
import { expect } from 'chai';
import { beatOfIo3 } from './beat-of-io3.js';
import { alarms, holderOf, patience, until, untilWell } from './bench.js';
import { pulseReport } from './pulse-report.js';

/** Sends its second argument, base64, from io-3 to cpu-1's pulse on network A. */
const sender = `
const socket = require('node:dgram').createSocket('udp4');
socket.bind({ address: '10.1.1.13' }, () => {
  socket.send(Buffer.from(process.argv[1], 'base64'), 7413, '10.1.1.1', () => socket.close());
});
`;

describe('a chassis on which strangers try their hand', function () {
  this.timeout(180_000 * patience);
  let chassis: Chassis;
  let sealer: Sealer;

  before(async () => {
    chassis = await startChassis({ name: 'e2e-bad', timing: calmTiming, web: false });
    const opened = openSealer({ keyFile: join(chassis.lab.dir, 'chassis.key') });
    if (!opened.ok) throw new Error(opened.message);
    sealer = opened.value;
    await untilWell(chassis);
  });
  after(() => chassis?.stop());

  /** A beat of io-3's own life that says it directs a term far ahead: whoever believed it would follow. */
  async function claimOfIo3(more: Partial<Beat> = {}): Promise<Beat> {
    const { boot, incarnation, term } = await pulseReport(chassis.lab.board('io-3').runDir);
    return beatOfIo3({ boot, incarnation, term: term + 1000, director: 5, elected: true, ...more });
  }

  async function refused(code: string): Promise<number> {
    return (await pulseReport(chassis.lab.board('cpu-1').runDir)).refused[code] ?? 0;
  }

  const cases: [string, string, () => Promise<Uint8Array>][] = [
    [
      'forged',
      'BEAT_FORGED',
      async () => {
        const bytes = encodeBeat(await claimOfIo3({ sequence: 4_000_000_000 }), sealer);
        bytes[40] = 1; // Another director than the one that was sealed.
        return bytes;
      },
    ],
    ['truncated', 'BEAT_SHORT', async () => encodeBeat(await claimOfIo3(), sealer).subarray(0, 60)],
    ['replayed', 'BEAT_REPLAYED', async () => encodeBeat(await claimOfIo3({ sequence: 1 }), sealer)],
    [
      'foreign',
      'BEAT_FOREIGN_CLUSTER',
      async () => encodeBeat(await claimOfIo3({ cluster: 4712, sequence: 4_000_000_000 }), sealer),
    ],
  ];
  for (const [what, code, make] of cases) {
    it(`counts a ${what} beat, and changes nothing by it`, async () => {
      const before = await refused(code);
      const { holder } = await holderOf(chassis);
      const term = chassis.state('cpu-1')?.term ?? 0;
      const bytes = Buffer.from(await make()).toString('base64');
      const sent = await chassis.lab.exec('io-3', [process.execPath, '-e', sender, bytes]);
      expect(sent.stderr).to.equal('');
      await until(`${code} counted`, async () => ((await refused(code)) > before ? true : undefined));
      await untilWell(chassis);
      expect(chassis.holder()).to.equal(holder);
      // Elections of its own making may have passed meanwhile; the stranger's term was a thousand ahead.
      expect(chassis.state('cpu-1')?.term).to.be.lessThan(term + 1000);
    });
  }

  it('refuses a second daemon for one board, and the first goes on', async () => {
    const { runDir, stateDir, bootIdFile } = chassis.lab.board('cpu-1');
    const where = ['--cluster', chassis.clusterFile, '--board', 'cpu-1', '--run-dir', runDir];
    const more = ['--state-dir', stateDir, '--boot-id-file', bootIdFile];
    const pids = (await chassis.lab.board('cpu-1').init.list()).map((daemon) => daemon.pid);
    for (const [name, program] of Object.entries(daemonPrograms)) {
      const second = await chassis.lab.exec('cpu-1', [process.execPath, program, ...where, ...more]);
      expect(second.exitCode, `${name}: ${second.stderr}`).to.equal(1);
      expect(second.stderr, name).to.include('LOCKED');
    }
    expect((await chassis.lab.board('cpu-1').init.list()).map((daemon) => daemon.pid)).to.deep.equal(pids);
    expect(existsSync(join(runDir, 'pulse.sock'))).to.equal(true);
    await untilWell(chassis);
  });

  it('names the MAC of a stranger who answers for the public address, and serves all the same', async () => {
    const { standby } = await holderOf(chassis);
    const thief = [
      'ip link add thief link a0 address 02:00:00:00:00:99 type macvlan mode bridge',
      'ip link set thief up',
      'ip addr add 192.168.1.1/32 dev thief',
    ].join(' && ');
    const made = await chassis.lab.exec('io-3', ['sh', '-c', `ip link delete thief 2>/dev/null; ${thief}`]);
    expect(made.stderr).to.equal('');
    const named = () => alarms(chassis).find((one) => one.cause === 'ADDRESS_IN_USE');
    expect(await chassis.move(standby)).to.equal(undefined);
    const alarm = await until('the alarm', named);
    expect(alarm.text).to.include('02:00:00:00:00:99').and.include('192.168.1.1');
    expect(alarm.object).to.equal('service/media');
    await chassis.lab.exec('io-3', ['ip', 'link', 'delete', 'thief']);
    await until('the alarm to end', () => (named() === undefined ? true : undefined));
    await untilWell(chassis);
    expect(chassis.holder()).to.equal(standby);
    expect(await chassis.prober.answered(chassis.prober.mark(), 15_000 * patience, standby)).to.equal(true);
  });

  it('logs what it refused, and nothing crashed', () => {
    for (const { name } of chassis.lab.topology.boards) {
      for (const daemon of ['netrack-pulse', 'netrackd', 'redirectd']) {
        expect(
          existsSync(join(chassis.lab.board(name).runDir, `${daemon}.crash.json`)),
          `${daemon} of ${name}`,
        ).to.equal(false);
      }
    }
    expect(readFileSync(chassis.clusterFile, 'utf8')).to.include('number: 4711');
  });
});
