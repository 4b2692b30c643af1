import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Chassis, startChassis } from '@softset/cli/demo/chassis.js';
import { calmTiming } from '@softset/cli/demo/cluster-file.js';
import { isWholeRoot } from '@softset/linux/whole-root.js';
import type { ProgramState, ProgramStatus } from '@softset/protocol';
import { expect } from 'chai';
import { alarms, patience, run, until } from './bench.js';

const softset = fileURLToPath(new URL('../../packages/cli/bin/softset.js', import.meta.url));
const voters = ['cpu-1', 'cpu-2', 'ccn'];
const freezer = '/sys/fs/cgroup/freezer';

/** What a program is told to do with itself when something is wrong, each in a service of its own (002 ¶0029). */
const services = { restarts: 'media', moves: 'roaming', stays: 'resting' } as const;
type Choice = keyof typeof services;

/** It answers, and writes that it is slow when it is sent USR1: it knows nothing of PSRM. */
const answerer = (port: number): string[] => [
  process.execPath,
  '--single-threaded',
  '-e',
  `const s = require('dgram').createSocket('udp4'); s.on('message', (m, r) => s.send(m, r.port, r.address));
   s.bind(${port}); process.on('SIGUSR1', () => console.log('slow'))`,
];
const common = (port: number, action: 'restart' | 'move' | 'nothing') => ({
  command: answerer(port),
  exclusive: 'program',
  probe: { udp: { port }, intervalMs: 100, timeoutMs: 250, fall: 3, graceMs: 2000 },
  stop: { signal: 'TERM', timeoutMs: 300 },
  hang: { action },
  trouble: { log: { act: '^slow' }, action, everyMs: 100, times: 2, logHoldMs: 2000 },
});
const programs = {
  restarts: {
    ...common(7, 'restart'),
    giveUp: { deaths: 3, withinMs: 30_000 },
    pause: { minMs: 10, maxMs: 10 },
  },
  moves: { ...common(17, 'move'), giveUp: { deaths: 1 } },
  stays: { ...common(27, 'nothing'), restart: 'temporary', exits: { normal: [0, 'KILL'] } },
} satisfies Record<Choice, object>;
const choices = Object.keys(services) as Choice[];

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
      services: Object.fromEntries(
        choices.map((choice, i) => [
          services[choice],
          { addresses: [`192.168.1.${i + 1}/32`], pool: ['cpu-1', 'cpu-2'], programs: [choice] },
        ]),
      ),
      programs,
    });
    const endMs = performance.now() + 90_000 * patience;
    const serves = async (choice: Choice): Promise<boolean> => {
      const holder = chassis.holder(services[choice]);
      return holder !== undefined && (await statusOn(holder, choice))?.state === 'ready';
    };
    const served = async (): Promise<boolean> => (await Promise.all(choices.map(serves))).every((one) => one);
    while (!(await served()) && performance.now() < endMs) await sleep(100);
  });
  after(() => chassis?.stop());

  async function statusOn(board: string, program: Choice): Promise<ProgramStatus | undefined> {
    const answer = await chassis.witnesses.get(board)?.psrm.call('status', {});
    return answer?.ok === true ? answer.value.programs.find((one) => one.program === program) : undefined;
  }
  const is = (program: Choice, board: string, state: ProgramState, pid?: number) =>
    until(`${program} on ${board} is ${state}`, async () => {
      const status = await statusOn(board, program);
      return status?.state === state && (pid === undefined || status.pid !== pid) ? status : undefined;
    });
  const holderOf = (program: Choice) => chassis.holder(services[program]);
  const moved = (program: Choice, to: string) =>
    until(`${program} moved`, () => (holderOf(program) === to ? true : undefined));
  /** It serves on its holder alone, its counts cleared. */
  async function fresh(program: Choice): Promise<{ holder: string; standby: string; pid: number }> {
    const holder = await until(`a holder of ${services[program]}`, () => holderOf(program));
    const standby = holder === 'cpu-1' ? 'cpu-2' : 'cpu-1';
    const order = (board: string, what: 'start' | 'stop' | 'restart') =>
      chassis.witnesses.get(board)?.psrm.call(what, { program });
    for (const board of [holder, standby])
      if ((await statusOn(board, program))?.state === 'failed') await order(board, board === holder ? 'start' : 'stop');
    if ((await statusOn(holder, program))?.state === 'stopped') await order(holder, 'start');
    await is(program, holder, 'ready');
    await order(holder, 'restart');
    await sleep(300); // The restart is under way: what is ready after it is the new one.
    const { pid = 0 } = await is(program, holder, 'ready');
    expect((await is(program, standby, 'stopped')).pid).to.equal(undefined);
    return { holder, standby, pid };
  }
  /** Silence is no fault in the grace. */
  const graceOver = () => sleep(2000);
  /** Its pid is one of the board's own namespace. */
  const at = (board: string, ...command: string[]) => chassis.lab.board(board).exec(command);
  const kill = (board: string, signal: string, pid: number) => at(board, 'kill', `-${signal}`, String(pid));
  const lives = async (board: string, pid: number): Promise<boolean> => {
    const { stdout } = await at(board, 'sh', '-c', `grep -s ^State /proc/${pid}/status || :`);
    return stdout !== '' && !stdout.includes('Z (zombie)');
  };
  /** What the other board was told of it. */
  const told = (board: string, of: string, program: Choice, state: ProgramState) =>
    until(`${board} knows`, () => {
      const facts = chassis.state(board)?.boards.find((one) => one.name === of)?.programs;
      return facts?.find((one) => one.program === program)?.state === state ? true : undefined;
    });
  /** It serves on the other board, and nothing of it is left on the first: failed, or stopped once its agent let go. */
  async function servesElsewhere(program: Choice, from: string, to: string, pid: number): Promise<void> {
    await moved(program, to);
    await is(program, to, 'ready');
    await until('it is let go', async () => ((await statusOn(from, program))?.pid === undefined ? true : undefined));
    expect(await lives(from, pid)).to.equal(false);
  }

  const failures: readonly { what: string; signal: string; why: string }[] = [
    { what: 'dies', signal: 'KILL', why: 'signal KILL' },
    { what: 'hangs', signal: 'STOP', why: 'missed 3 probes' },
    { what: 'is in trouble', signal: 'USR1', why: 'wrote "slow"' },
  ];
  for (const { what, signal, why } of failures) {
    it(`it ${what}: it is ended for real where it was not, and started again; nothing moves`, async () => {
      const { holder, pid } = await fresh('restarts');
      await graceOver();
      await kill(holder, signal, pid);
      const now = await is('restarts', holder, 'ready', pid);
      expect(now.restarts).to.equal(1);
      expect(await lives(holder, pid), 'the former is gone').to.equal(false);
      expect(holderOf('restarts')).to.equal(holder);
    });

    it(`it ${what}: it is given up at once, and its equivalent serves on the other board`, async () => {
      const { holder, standby, pid } = await fresh('moves');
      await graceOver();
      await kill(holder, signal, pid);
      await servesElsewhere('moves', holder, standby, pid);
      const { code, out, err } = run(softset, ['psrm', 'why', 'moves', '--lab', name, '--board', holder]);
      expect([code, err]).to.deep.equal([0, '']);
      expect(out).to.contain(why).and.to.contain(`${services.moves} moved to ${standby}`);
    });

    it(`it ${what}: nothing follows, but every board is told`, async () => {
      const { holder, standby, pid } = await fresh('stays');
      await graceOver();
      await kill(holder, signal, pid);
      const dies = signal === 'KILL';
      const state = dies ? 'stopped' : 'in-trouble';
      await until(`${why} on ${holder}`, async () => {
        const now = await statusOn(holder, 'stays');
        return now?.state === state && (dies ? now.lastEnd : now.trouble) === why ? true : undefined;
      });
      await told(standby, holder, 'stays', state);
      await sleep(1000);
      const later = await statusOn(holder, 'stays');
      expect([holderOf('stays'), later?.pid, later?.restarts]).to.deep.equal([holder, dies ? undefined : pid, 0]);
      expect((await statusOn(standby, 'stays'))?.state).to.equal('stopped');
      if (dies) return;
      // What it wrote counts for a while only, and what hung may go on.
      await kill(holder, 'CONT', pid);
      await is('stays', holder, 'ready');
    });
  }

  it('it knows of PSRM, and asks to be moved: its equivalent serves on the other board, and it is gone here', async () => {
    const { holder, standby } = await fresh('restarts');
    await chassis.witnesses.get(holder)?.psrm.call('tell', { program: 'restarts', ask: 'move', ailment: 'disk dying' });
    await moved('restarts', standby);
    await is('restarts', standby, 'ready');
    // Failed, and stopped once its agent has let go of the service: either way nothing of it is left.
    const left = await until('it is gone', async () => {
      const status = await statusOn(holder, 'restarts');
      return status?.state === 'failed' || status?.state === 'stopped' ? status : undefined;
    });
    expect([left.pid, left.trouble]).to.deep.equal([undefined, 'disk dying']);
  });

  it('it keeps dying: given up here, started on the other board; and why tells the chain', async () => {
    const { holder, standby, pid } = await fresh('restarts');
    let last = pid;
    for (let death = 1; death <= 3; death++) {
      await kill(holder, 'KILL', last);
      if (death < 3) last = (await is('restarts', holder, 'ready', last)).pid ?? 0;
    }
    await moved('restarts', standby);
    await is('restarts', standby, 'ready');
    expect((await is('restarts', holder, 'stopped')).pid, 'its agent has let go').to.equal(undefined);
    // What was given up is over once the service is elsewhere: no alarm is left behind.
    await until('no alarm', () =>
      alarms(chassis).some(({ cause }) => cause === 'PROGRAM_GIVEN_UP') ? undefined : true,
    );

    const { code, out, err } = run(softset, ['psrm', 'why', 'restarts', '--lab', name, '--board', holder]);
    expect([code, err]).to.deep.equal([0, '']);
    const chain = out.trim().split('\n').at(-1) ?? '';
    expect(chain).to.match(/^restarts is stopped: signal KILL; restarted \(restart 1\) ×2 → /);
    expect(chain).to.contain('given up: 3 deaths within 30000 ms').and.to.contain(`media moved to ${standby}`);
  });

  it('what cannot be stopped is started nowhere else, until it is gone', async function () {
    // Only there does a process outlive KILL (v2 lets it die), and only the machine's root may put one there.
    if (!isWholeRoot() || !existsSync(join(freezer, 'cgroup.procs'))) this.skip();
    const { holder, standby, pid } = await fresh('restarts');
    const ice = join(freezer, name);
    mkdirSync(ice);
    try {
      await at(holder, 'sh', '-c', `echo ${pid} >${ice}/cgroup.procs`);
      writeFileSync(join(ice, 'freezer.state'), 'FROZEN');
      await chassis.witnesses.get(holder)?.psrm.call('tell', { program: 'restarts', ask: 'move' });
      await is('restarts', holder, 'stopping');
      await sleep(2500);
      expect((await statusOn(holder, 'restarts'))?.state).to.equal('stopping');
      expect(await lives(holder, pid)).to.equal(true);
      expect((await statusOn(standby, 'restarts'))?.state, 'no second copy').to.equal('stopped');
      expect(holderOf('restarts')).to.equal(holder);
    } finally {
      writeFileSync(join(ice, 'freezer.state'), 'THAWED');
    }
    await moved('restarts', standby);
    await is('restarts', standby, 'ready');
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
