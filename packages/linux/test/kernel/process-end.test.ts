import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { unwrap } from '@softset/base';
import { EndWatch } from '@softset/linux/process-end.js';
import { processStart } from '@softset/linux/signal.js';
import { expect } from 'chai';

const begin = () => {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  return { child, target: { pid, startTicks: unwrap(processStart(pid)) } };
};
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the end of a process that is nobody’s child (pidfd_open(2))', function () {
  this.timeout(20_000);

  it('is told once, of each that ended and of no other', async () => {
    const watch = new EndWatch();
    const all = [begin(), begin(), begin()];
    const told: number[] = [];
    for (const { target } of all) unwrap(watch.watch(target, () => told.push(target.pid)));
    await sleep(300);
    expect(told).to.deep.equal([]);
    const second = all[1];
    second?.child.kill('SIGKILL');
    while (told.length === 0) await sleep(5);
    await sleep(300);
    expect(told).to.deep.equal([second?.target.pid]);
    const late = begin();
    unwrap(watch.watch(late.target, () => told.push(late.target.pid)));
    late.child.kill('SIGKILL');
    while (told.length === 1) await sleep(5);
    expect(told[1]).to.equal(late.target.pid);
    for (const { child } of all) child.kill('SIGKILL');
    while (told.length < 4) await sleep(5);
  });

  it('is not told to who does not want to know any more', async () => {
    const watch = new EndWatch();
    const { child, target } = begin();
    let told = 0;
    const cancel = unwrap(watch.watch(target, () => told++));
    cancel();
    cancel();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await sleep(300);
    expect(told).to.equal(0);
  });

  it('refuses one that is gone, and another under the same number', async () => {
    const watch = new EndWatch();
    const { child, target } = begin();
    const other = watch.watch({ ...target, startTicks: target.startTicks + 1 }, () => {});
    expect(other).to.include({ ok: false, code: 'ESRCH' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(watch.watch(target, () => {})).to.include({ ok: false, code: 'ESRCH' });
  });
});
