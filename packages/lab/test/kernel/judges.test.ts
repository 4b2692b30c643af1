import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab, LabError } from '@softset/lab';
import { expect } from 'chai';
import { echoDaemon, patience, putService, service, smallLab } from './bench.js';

/** The judges are judged first: what they are shown here is known. */
describe('the judges of a lab', function () {
  this.timeout(60_000 * patience);
  let lab: Lab;
  before(async () => {
    lab = await smallLab('judges', [echoDaemon]);
  });
  after(() => lab.down());
  const drop = (board: string, device = 'a0') =>
    lab.exec(board, ['ip', 'address', 'delete', `${service}/32`, 'dev', device]);

  it('the observer names the one board that holds an address, on either network', async () => {
    const observer = await lab.observer([service]);
    try {
      await putService(lab, 'one');
      expect(await observer.heldBy(service, 'one', 5_000 * patience)).to.equal(true);
      const sinceMs = observer.mark();
      await sleep(100);
      const one = await observer.read(sinceMs);
      expect(one.holdersMax).to.equal(1);
      expect(one.timeline.map((change) => change.board)).to.deep.equal(['one']);
      await drop('one');
      await putService(lab, 'two', 'b0');
      expect(await observer.heldBy(service, 'two', 5_000 * patience)).to.equal(true);
      const moved = await observer.read(sinceMs);
      expect(moved.timeline.map((change) => change.board)).to.deep.equal(['one', 'two']);
      expect(moved.holdersMax).to.equal(1);
      expect(moved.silencesMs.length).to.be.at.least(1);
      await drop('two', 'b0');
    } finally {
      await observer.stop();
    }
  });

  for (const [first, second, device] of [
    ['one', 'two', 'a0'],
    ['one', 'three', 'b0'],
  ] as const) {
    it(`the observer sees two holders where there are two, the second on ${device}`, async () => {
      const observer = await lab.observer([service]);
      try {
        await putService(lab, first);
        await putService(lab, second, device);
        const sinceMs = observer.mark();
        await sleep(200);
        const { holdersMax, unknown } = await observer.read(sinceMs);
        expect(holdersMax).to.equal(2);
        expect(unknown).to.deep.equal([]);
      } finally {
        await observer.stop();
        await Promise.all([drop(first), drop(second, device)]);
      }
    });
  }

  it('the observer hears both sides of a partition', async () => {
    const observer = await lab.observer([service]);
    try {
      await putService(lab, 'one');
      await putService(lab, 'two');
      await lab.fault('partition', 'one|two');
      const sinceMs = observer.mark();
      await sleep(200);
      expect((await observer.read(sinceMs)).holdersMax).to.equal(2);
    } finally {
      await observer.stop();
      await lab.heal();
      await Promise.all([drop('one'), drop('two')]);
    }
  });

  it('the observer does not count a board that nobody reaches, and names a MAC that no board has', async () => {
    const observer = await lab.observer([service]);
    try {
      await putService(lab, 'one');
      await lab.fault('link-down', 'one:A');
      let sinceMs = observer.mark();
      await sleep(50);
      expect((await observer.read(sinceMs)).holdersMax).to.equal(0);
      await lab.heal();
      await lab.exec('two', [
        'ip',
        'link',
        'add',
        'moved',
        'link',
        'a0',
        'address',
        '02:00:5e:10:00:01',
        'type',
        'macvlan',
      ]);
      await lab.exec('two', ['ip', 'link', 'set', 'moved', 'up']);
      await putService(lab, 'two', 'moved');
      sinceMs = observer.mark();
      await sleep(200);
      const { holdersMax, unknown } = await observer.read(sinceMs);
      expect(holdersMax).to.equal(2);
      expect(unknown).to.deep.equal(['02:00:5e:10:00:01']);
    } finally {
      await observer.stop();
      await lab.heal();
      await lab.exec('two', ['ip', 'link', 'delete', 'moved']);
      await drop('one');
    }
  });

  it('the observer asks for IPv6 addresses beside IPv4 ones', async () => {
    const address = '2001:db8:0::5';
    const observer = await lab.observer([service, address]);
    const put = (board: string, device: string) =>
      lab.exec(board, ['ip', 'address', 'add', `${address}/128`, 'dev', device, 'nodad']);
    try {
      await put('one', 'a0');
      expect(await observer.heldBy('2001:db8::5', 'one', 5_000 * patience)).to.equal(true);
      let sinceMs = observer.mark();
      await sleep(100);
      expect((await observer.read(sinceMs)).holdersMax).to.equal(1);
      await put('two', 'b0');
      sinceMs = observer.mark();
      await sleep(200);
      expect((await observer.read(sinceMs)).holdersMax).to.equal(2);
    } finally {
      await observer.stop();
      await lab.exec('one', ['ip', 'address', 'delete', `${address}/128`, 'dev', 'a0']);
      await lab.exec('two', ['ip', 'address', 'delete', `${address}/128`, 'dev', 'b0']);
    }
  });

  it('the observer refuses what it cannot ask for', async () => {
    expect(await lab.observer(['nonsense']).catch((e: LabError) => e.code)).to.equal('ADDRESS_INVALID');
  });

  it('the prober measures an outage that is known, and says which board answered', async () => {
    await putService(lab, 'one');
    const prober = await lab.prober({ address: service, port: 7007 });
    try {
      expect(await prober.answered(prober.mark(), 10_000 * patience, 'one')).to.equal(true);
      const { atMs } = await lab.fault('switch-mute', 'A');
      await sleep(150);
      const healed = await lab.heal();
      const known = healed.atMs - atMs;
      const { outageMs, boardBefore, boardAfter, firstAfterMs, stallMsMax } = await prober.outage(atMs, 500);
      // At least the silence that was made, less a probe's interval; how much longer depends on the machine.
      expect(outageMs).to.be.at.least(known - 2);
      expect(firstAfterMs ?? 0).to.be.at.least(healed.atMs);
      expect([boardBefore, boardAfter]).to.deep.equal(['one', 'one']);
      expect(stallMsMax).to.be.at.least(0);
    } finally {
      await prober.stop();
      await drop('one');
    }
  });

  it('the prober follows a service to another board', async () => {
    await putService(lab, 'one');
    const prober = await lab.prober({ address: service, port: 7007 });
    try {
      expect(await prober.answered(prober.mark(), 10_000 * patience, 'one')).to.equal(true);
      const { atMs } = await lab.fault('crash', 'one');
      await putService(lab, 'two');
      // Told by hand what REDIRECT will tell the segment by itself.
      await lab.exec('router', ['ip', 'neighbour', 'flush', 'all']);
      expect(await prober.answered(atMs, 10_000 * patience, 'two')).to.equal(true);
      const { outageMs, boardBefore, boardAfter } = await prober.outage(atMs, 100);
      expect(outageMs).to.be.above(0);
      expect([boardBefore, boardAfter]).to.deep.equal(['one', 'two']);
    } finally {
      await prober.stop();
      await lab.heal();
      await drop('two');
    }
  });
});
