import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Chassis, startChassis } from '@softset/cli/demo/chassis.js';
import { calmTiming } from '@softset/cli/demo/cluster-file.js';
import type { ProgramStatus } from '@softset/protocol';
import { expect } from 'chai';
import { alarms, patience, run, until } from './bench.js';

const softset = fileURLToPath(new URL('../../packages/cli/bin/softset.js', import.meta.url));
const voters = ['cpu-1', 'cpu-2', 'ccn'];
const pool = ['cpu-1', 'cpu-2'];

const sleeper = (more: object = {}) => ({ command: ['/bin/sleep', '100000'], exclusive: 'program', ...more });
const brittle = sleeper({ giveUp: { deaths: 1 } });
const reboot = { command: ['/bin/sh', '-c', 'echo rebooted >>"$SOFTSET_RUN_DIR/mark"'], failovers: 1, atMost: 1 };
const escalation = { boardFailover: { givenUp: 2, withinMs: 60_000 }, reboot };

/** Restart, move, board failover, board reboot (SA Forum AMF's ladder), with everybody who has a part in it. */
describe('the ladder, with REDIRECT', function () {
  this.timeout(120_000 * patience);
  let chassis: Chassis;
  const name = `ladder-${process.pid}`;

  before(async () => {
    chassis = await startChassis({
      name,
      timing: calmTiming,
      judges: false,
      daemons: { 'netrack-pulse': voters, netrackd: voters, redirectd: voters, psrmd: pool },
      services: {
        first: { addresses: ['192.168.1.1/32'], pool, programs: ['one'], failback: 'manual' },
        second: { addresses: ['192.168.1.2/32'], pool, programs: ['two'], failback: 'manual' },
        third: { addresses: ['192.168.1.3/32'], pool, programs: ['three'], failback: 'manual' },
      },
      programs: { one: brittle, two: brittle, three: sleeper() },
      amend: (text) => `${text}escalation: ${JSON.stringify(escalation)}\n`,
    });
    // Beside seven boards of which four are off, nothing else is well.
    const endMs = performance.now() + 90_000 * patience;
    const held = (): boolean => services.every((service) => chassis.holder(service) !== undefined);
    while (!held() && performance.now() < endMs) await sleep(100);
  });
  after(() => chassis?.stop());
  const services = ['first', 'second', 'third'];

  async function statusOn(board: string, program: string): Promise<ProgramStatus | undefined> {
    const answer = await chassis.witnesses.get(board)?.psrm.call('status', {});
    return answer?.ok === true ? answer.value.programs.find((one) => one.program === program) : undefined;
  }
  const runsOn = (board: string, program: string): Promise<number> =>
    until(`${program} runs on ${board}`, async () => {
      const status = await statusOn(board, program);
      return status?.state === 'up' ? status.pid : undefined;
    });
  const holds = (board: string, service: string) =>
    until(`${service} on ${board}`, () => (chassis.holder(service) === board ? true : undefined));

  it('one given up moves alone; the second gives the board up: all services move, and once empty it reboots', async () => {
    // All on one board, so that it has something to lose.
    for (const service of services) {
      if (chassis.holder(service) !== 'cpu-1') expect(await chassis.move('cpu-1', service)).to.equal(undefined);
      await holds('cpu-1', service);
    }
    const pids = await Promise.all(['one', 'two', 'three'].map((program) => runsOn('cpu-1', program)));
    const kill = (pid = 0) => chassis.lab.board('cpu-1').exec(['kill', '-KILL', String(pid)]);
    const mark = join(chassis.lab.board('cpu-1').runDir, 'mark');

    await kill(pids[0]);
    await holds('cpu-2', 'first');
    await runsOn('cpu-2', 'one');
    await sleep(500);
    expect([chassis.holder('second'), chassis.holder('third')]).to.deep.equal(['cpu-1', 'cpu-1']);

    await kill(pids[1]);
    for (const service of services) await holds('cpu-2', service);
    for (const program of ['one', 'two', 'three']) await runsOn('cpu-2', program);
    await until('it reboots', () => (existsSync(mark) ? true : undefined));
    expect(readFileSync(mark, 'utf8')).to.equal('rebooted\n');
    for (const program of ['one', 'two', 'three'])
      expect((await statusOn('cpu-1', program))?.pid, `${program} is gone`).to.equal(undefined);
    await until('the alarm', () =>
      alarms(chassis).some(({ cause, object }) => cause.startsWith('BOARD_') && object.includes('1'))
        ? true
        : undefined,
    );
    const { out } = run(softset, ['psrm', 'why', 'three', '--lab', name, '--board', 'cpu-1']);
    expect(out).to.contain('given up with its board: 2 programs given up within 60000 ms, the last two');
    expect(out).to.contain('third moved to cpu-2');

    // Trusted again it may be used, and nothing moves of itself.
    expect(run(softset, ['psrm', 'clear', '--lab', name, '--board', 'cpu-1']).code).to.equal(0);
    await until('it may be used', async () =>
      (await statusOn('cpu-1', 'three'))?.state === 'stopped' ? true : undefined,
    );
    expect(await chassis.move('cpu-1', 'third')).to.equal(undefined);
    await runsOn('cpu-1', 'three');
  });
});
