import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Chassis, startChassis } from '@softset/cli/demo/chassis.js';
import { calmTiming } from '@softset/cli/demo/cluster-file.js';
import { echo } from '@softset/cli/demo/programs.js';
import type { ProgramState, ProgramStatus } from '@softset/protocol';
import { expect } from 'chai';
import { alarms, holderOf, patience, run, until } from './bench.js';

const softset = fileURLToPath(new URL('../../packages/cli/bin/softset.js', import.meta.url));
const voters = ['cpu-1', 'cpu-2', 'ccn'];
const freezer = '/sys/fs/cgroup/freezer';

/**
 * (002 Fig. 9): what may happen to a program (it dies, hangs, is in trouble), and what may follow (restarted here, its
 * equivalent started on another board, nothing). The program may run only where the address is.
 */
describe('the cases of (002 Fig. 9), with REDIRECT', function () {
  this.timeout(120_000 * patience);
  let chassis: Chassis;
  const name = `fig9-${process.pid}`;

  before(async () => {
    chassis = await startChassis({
      name,
      timing: calmTiming,
      judges: false,
      // The three that vote, and no more: what is tested is what two of them do with a program.
      daemons: { 'netrack-pulse': voters, netrackd: voters, redirectd: voters, psrmd: ['cpu-1', 'cpu-2'] },
      services: { media: { addresses: ['192.168.1.1/32'], pool: ['cpu-1', 'cpu-2'], programs: ['echo'] } },
      programs: {
        echo: {
          ...echo(),
          exclusive: 'program',
          giveUp: { deaths: 3, withinMs: 30_000 },
          pause: { minMs: 10, maxMs: 10 },
        },
      },
    });
    const endMs = performance.now() + 90_000 * patience;
    const serves = async (): Promise<boolean> => {
      const holder = chassis.holder();
      return holder !== undefined && (await statusOn(holder))?.state === 'ready';
    };
    while (!(await serves()) && performance.now() < endMs) await sleep(100);
  });
  after(() => chassis?.stop());

  async function statusOn(board: string): Promise<ProgramStatus | undefined> {
    const answer = await chassis.witnesses.get(board)?.psrm.call('status', {});
    return answer?.ok === true ? answer.value.programs.find((one) => one.program === 'echo') : undefined;
  }
  const is = (board: string, state: ProgramState, pid?: number) =>
    until(`echo on ${board} is ${state}`, async () => {
      const status = await statusOn(board);
      return status?.state === state && (pid === undefined || status.pid !== pid) ? status : undefined;
    });
  /** It serves on its holder alone, its counts cleared. */
  async function fresh(): Promise<{ holder: string; standby: string; pid: number }> {
    const both = await holderOf(chassis);
    for (const board of [both.holder, both.standby])
      if ((await statusOn(board))?.state === 'failed')
        await chassis.witnesses.get(board)?.psrm.call(board === both.holder ? 'start' : 'stop', { program: 'echo' });
    await is(both.holder, 'ready');
    await chassis.witnesses.get(both.holder)?.psrm.call('restart', { program: 'echo' });
    await sleep(300); // The restart is under way: what is ready after it is the new one.
    const { pid = 0 } = await is(both.holder, 'ready');
    expect((await is(both.standby, 'stopped')).pid).to.equal(undefined);
    return { ...both, pid };
  }
  /** Its pid is one of the board's own namespace. */
  const at = (board: string, ...command: string[]) => chassis.lab.board(board).exec(command);
  const kill = (board: string, signal: string, pid: number) => at(board, 'kill', `-${signal}`, String(pid));
  const lives = async (board: string, pid: number): Promise<boolean> => {
    const { stdout } = await at(board, 'sh', '-c', `grep -s ^State /proc/${pid}/status || :`);
    return stdout !== '' && !stdout.includes('Z (zombie)');
  };
  const seenBy = (board: string, of: string): ProgramState | undefined =>
    chassis
      .state(board)
      ?.boards.find((one) => one.name === of)
      ?.programs.find((one) => one.program === 'echo')?.state;

  it('it dies and is restarted: nothing moves', async () => {
    const { holder, pid } = await fresh();
    await kill(holder, 'KILL', pid);
    const now = await is(holder, 'ready', pid);
    expect([now.restarts, now.lastEnd]).to.deep.equal([1, 'signal KILL']);
    expect(chassis.holder()).to.equal(holder);
  });

  it('it hangs: it is ended for real and started again, and nothing moves', async () => {
    const { holder, pid } = await fresh();
    await kill(holder, 'STOP', pid);
    const now = await is(holder, 'ready', pid);
    expect(now.restarts).to.equal(1);
    expect(await lives(holder, pid), 'the hung one is gone').to.equal(false);
    expect(chassis.holder()).to.equal(holder);
  });

  it('it is in trouble, and nothing follows: but every board is told', async () => {
    const { holder, standby, pid } = await fresh();
    await chassis.witnesses.get(holder)?.psrm.call('tell', { program: 'echo', ailment: 'queue full' });
    expect((await is(holder, 'in-trouble')).trouble).to.equal('queue full');
    await until(`${standby} knows`, () => (seenBy(standby, holder) === 'in-trouble' ? true : undefined));
    await sleep(1000);
    expect([chassis.holder(), (await statusOn(holder))?.pid]).to.deep.equal([holder, pid]);
    await chassis.witnesses.get(holder)?.psrm.call('tell', { program: 'echo', ailment: '' });
    await is(holder, 'ready');
  });

  it('it is in trouble and asks to be moved: its equivalent serves on the other board, and it is gone here', async () => {
    const { holder, standby } = await fresh();
    await chassis.witnesses.get(holder)?.psrm.call('tell', { program: 'echo', ask: 'move', ailment: 'disk dying' });
    await until('it moved', () => (chassis.holder() === standby ? true : undefined));
    await is(standby, 'ready');
    // Failed, and stopped once its agent has let go of the service: either way nothing of it is left.
    const left = await until('it is gone', async () => {
      const status = await statusOn(holder);
      return status?.state === 'failed' || status?.state === 'stopped' ? status : undefined;
    });
    expect([left.pid, left.trouble]).to.deep.equal([undefined, 'disk dying']);
  });

  it('it keeps dying: given up here, started on the other board; and why tells the chain', async () => {
    const { holder, standby, pid } = await fresh();
    let last = pid;
    for (let death = 1; death <= 3; death++) {
      await kill(holder, 'KILL', last);
      if (death < 3) last = (await is(holder, 'ready', last)).pid ?? 0;
    }
    await until('it moved', () => (chassis.holder() === standby ? true : undefined));
    await is(standby, 'ready');
    expect((await is(holder, 'stopped')).pid, 'its agent has let go').to.equal(undefined);
    // What was given up is over once the service is elsewhere: no alarm is left behind.
    await until('no alarm', () =>
      alarms(chassis).some(({ cause }) => cause === 'PROGRAM_GIVEN_UP') ? undefined : true,
    );

    const { code, out, err } = run(softset, ['psrm', 'why', 'echo', '--lab', name, '--board', holder]);
    expect([code, err]).to.deep.equal([0, '']);
    const chain = out.trim().split('\n').at(-1) ?? '';
    expect(chain).to.match(/^echo is stopped: signal KILL; restarted \(restart 1\) ×2 → /);
    expect(chain).to.contain('given up: 3 deaths within 30000 ms').and.to.contain(`media moved to ${standby}`);
  });

  it('what cannot be stopped is started nowhere else, until it is gone', async function () {
    // Only there does a process outlive KILL (v2 lets it die).
    if (!existsSync(join(freezer, 'cgroup.procs'))) this.skip();
    const { holder, standby, pid } = await fresh();
    const ice = join(freezer, name);
    mkdirSync(ice);
    try {
      await at(holder, 'sh', '-c', `echo ${pid} >${ice}/cgroup.procs`);
      writeFileSync(join(ice, 'freezer.state'), 'FROZEN');
      await chassis.witnesses.get(holder)?.psrm.call('tell', { program: 'echo', ask: 'move' });
      await is(holder, 'stopping');
      await sleep(2500);
      expect((await statusOn(holder))?.state).to.equal('stopping');
      expect(await lives(holder, pid)).to.equal(true);
      expect((await statusOn(standby))?.state, 'no second copy').to.equal('stopped');
      expect(chassis.holder()).to.equal(holder);
    } finally {
      writeFileSync(join(ice, 'freezer.state'), 'THAWED');
    }
    await until('it moved', () => (chassis.holder() === standby ? true : undefined));
    await is(standby, 'ready');
    await until('the ice melts', () => {
      try {
        rmdirSync(ice);
        return true;
      } catch {
        return undefined;
      }
    });
  });
});
