import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '@softset/lab';
import { expect } from 'chai';
import { patience, sleeper, smallLab, until } from './bench.js';

/** An orphan for init's shell to reap, and a program as PSRM would start it. */
const script = 'SOFTSET_PROGRAM=alpha sleep 100000 & (sleep 0.1 &) ; echo "run dir $SOFTSET_RUN_DIR"; wait';

describe('the init of a board', function () {
  this.timeout(60_000 * patience);
  let lab: Lab;
  before(async () => {
    lab = await smallLab('init', [
      sleeper('steady'),
      { name: 'brief', command: ['sh', '-c', 'exit 3'], boards: ['two'] },
      { name: 'once', command: ['true'], restart: false, boards: ['one'] },
      { name: 'parent', command: ['sh', '-c', script], boards: ['one'] },
    ]);
  });
  after(() => lab.down());

  const daemon = async (board: string, name: string) =>
    (await lab.board(board).init.list()).find((d) => d.name === name);
  const processState = async (board: string, pid: number | undefined): Promise<string> =>
    (await lab.exec(board, ['sed', '-n', 's/^State:.//p', `/proc/${pid}/status`])).stdout.slice(0, 1);

  it('starts daemons with the board’s environment and keeps what they write', async () => {
    expect((await daemon('one', 'steady'))?.state).to.equal('running');
    expect(
      await until(() =>
        lab
          .board('one')
          .log('parent')
          .includes(`run dir ${lab.board('one').runDir}\n`),
      ),
    ).to.equal(true);
  });

  it('restarts one that is killed, at once, and counts', async () => {
    const before = await daemon('one', 'steady');
    await lab.board('one').init.kill('steady');
    expect(await until(async () => (await daemon('one', 'steady'))?.starts === 2)).to.equal(true);
    expect((await daemon('one', 'steady'))?.pid).to.not.equal(before?.pid);
    expect((await daemon('one', 'steady'))?.lastExit).to.equal('SIGKILL');
  });

  it('waits between tries when one dies at once again and again', async () => {
    expect(await until(async () => (await daemon('two', 'brief'))?.state === 'waiting')).to.equal(true);
    expect((await daemon('two', 'brief'))?.starts).to.be.at.least(5);
    expect((await daemon('two', 'brief'))?.lastExit).to.equal('exit 3');
  });

  it('leaves one that is not to be restarted', async () => {
    expect(await until(async () => (await daemon('one', 'once'))?.state === 'stopped')).to.equal(true);
    expect((await daemon('one', 'once'))?.starts).to.equal(1);
  });

  it('stops, holds and starts on demand', async () => {
    const { init } = lab.board('three');
    await init.stop('steady');
    expect((await daemon('three', 'steady'))?.state).to.equal('stopped');
    await init.start('steady');
    expect((await daemon('three', 'steady'))?.state).to.equal('running');
    await init.hold('steady');
    await init.kill('steady');
    expect(await until(async () => (await daemon('three', 'steady'))?.state === 'held')).to.equal(true);
    await init.start();
    expect((await daemon('three', 'steady'))?.state).to.equal('running');
    const stray = await init.start('nobody').catch((e: Error) => e.message);
    expect(stray).to.contain('it has: steady');
  });

  it('leaves no zombie of an orphan', async () => {
    const zombies = async () => (await lab.exec('one', ['sh', '-c', 'ps -eo stat,comm | grep ^Z || true'])).stdout;
    expect(await until(async () => (await zombies()) === '')).to.equal(true);
  });

  it('freezes daemons but not what they started, or everything, and thaws', async () => {
    const parent = (await daemon('one', 'parent'))?.pid;
    const program = Number((await lab.exec('one', ['pgrep', '-x', '-P', String(parent), 'sleep'])).stdout);
    expect(program).to.be.above(0);
    await lab.fault('freeze', 'one');
    expect(await processState('one', parent)).to.equal('T');
    expect(await processState('one', program)).to.equal('S');
    await lab.heal('thaw', 'one');
    expect(await processState('one', parent)).to.equal('S');
    await lab.fault('freeze', 'one:all');
    expect(await processState('one', program)).to.equal('T');
    expect((await daemon('one', 'parent'))?.pid, 'init still answers').to.equal(parent);
    await lab.heal();
    expect(await processState('one', program)).to.equal('S');
    await lab.fault('freeze', 'one:parent');
    expect(await processState('one', parent)).to.equal('T');
    expect(await processState('one', (await daemon('one', 'steady'))?.pid)).to.equal('S');
    await lab.heal();
  });

  it('hangs and kills a program, found by its environment', async () => {
    const parent = (await daemon('one', 'parent'))?.pid;
    const program = Number((await lab.exec('one', ['pgrep', '-x', '-P', String(parent), 'sleep'])).stdout);
    await lab.fault('program-hang', 'one:alpha');
    expect(await processState('one', program)).to.equal('T');
    await lab.heal();
    expect(await processState('one', program)).to.equal('S');
    await lab.fault('program-kill', 'one:alpha');
    expect(await until(async () => (await processState('one', program)) === '')).to.equal(true);
    expect(await lab.fault('program-kill', 'one:beta').catch((e: Error) => e.message)).to.contain('not running');
  });

  it('kills a daemon once, or for good until it is healed', async () => {
    const starts = (await daemon('two', 'steady'))?.starts ?? 0;
    await lab.fault('kill', 'two:steady');
    expect(await until(async () => (await daemon('two', 'steady'))?.starts === starts + 1)).to.equal(true);
    await lab.fault('kill', 'two:steady', '--for-good');
    expect(await until(async () => (await daemon('two', 'steady'))?.state === 'held')).to.equal(true);
    expect((await lab.status()).faults).to.deep.equal(['kill two:steady']);
    await lab.heal();
    expect((await daemon('two', 'steady'))?.state).to.equal('running');
  });

  it('keeps one away for good though it was down just then', async () => {
    expect(await until(async () => (await daemon('two', 'brief'))?.state === 'waiting')).to.equal(true);
    await lab.fault('kill', 'two:brief', '--for-good');
    expect((await daemon('two', 'brief'))?.state).to.equal('held');
    await lab.heal();
  });

  it('loses its run directory and its boot id at a crash, and keeps its disk', async () => {
    const board = lab.board('two');
    const bootId = board.bootId();
    const seen = async () => (await lab.exec('two', ['cat', '/proc/sys/kernel/random/boot_id'])).stdout;
    expect(await seen()).to.equal(bootId);
    writeFileSync(join(board.runDir, 'lost'), 'x');
    writeFileSync(join(board.stateDir, 'kept'), 'x');
    await lab.exec('two', ['ip', 'address', 'add', '192.168.1.9/32', 'dev', 'a0']);
    await lab.fault('crash', 'two');
    expect((await lab.status()).boards.find((b) => b.name === 'two')?.pid).to.equal(null);
    expect(existsSync(join(board.runDir, 'lost'))).to.equal(false);
    expect(await lab.exec('two', ['true']).catch((e: Error) => e.message)).to.contain('two is crashed');
    await lab.heal('return', 'two');
    expect(readFileSync(join(board.stateDir, 'kept'), 'utf8')).to.equal('x');
    expect(board.bootId()).to.not.equal(bootId);
    expect(await seen()).to.equal(board.bootId());
    expect((await lab.exec('two', ['ip', 'address', 'show'])).stdout).to.not.contain('192.168.1.9');
    expect((await daemon('two', 'steady'))?.starts).to.equal(1);
  });
});
