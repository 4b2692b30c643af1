import type { Lab, LabError } from '@softset/lab';
import { expect } from 'chai';
import { carrier, patience, reaches, smallLab, until } from './bench.js';

/** Each fault is seen from inside the boards, by carrier and by ping, and so is its end. */
describe('a fault', function () {
  this.timeout(60_000 * patience);
  let lab: Lab;
  before(async () => {
    lab = await smallLab('faults');
  });
  after(() => lab.down());
  afterEach(async () => {
    await lab.heal();
    expect((await lab.status()).faults).to.deep.equal([]);
    expect(await reaches(lab, 'one', 'a0', '10.1.1.2'), 'A is whole again').to.equal(true);
    expect(await reaches(lab, 'one', 'b0', '20.1.1.2'), 'B is whole again').to.equal(true);
  });

  const reach = async (): Promise<Record<string, boolean>> => ({
    'one A two': await reaches(lab, 'one', 'a0', '10.1.1.2'),
    'one B two': await reaches(lab, 'one', 'b0', '20.1.1.2'),
    'one A three': await reaches(lab, 'one', 'a0', '10.1.1.3'),
    'three B two': await reaches(lab, 'three', 'b0', '20.1.1.2'),
  });
  const all = { 'one A two': true, 'one B two': true, 'one A three': true, 'three B two': true };

  it('link-down takes one board’s carrier on one network', async () => {
    const { atMs } = await lab.fault('link-down', 'two:A');
    expect(atMs).to.be.at.most(Number(process.hrtime.bigint()) / 1e6);
    expect(await carrier(lab, 'two', 'a0')).to.equal(false);
    expect(await carrier(lab, 'two', 'b0')).to.equal(true);
    expect(await reach()).to.deep.equal({ ...all, 'one A two': false });
    await lab.heal('link-down', 'two:A');
    expect(await carrier(lab, 'two', 'a0')).to.equal(true);
  });

  it('switch-down takes every carrier on one network, and the trunk', async () => {
    await lab.fault('switch-down', 'A');
    for (const board of ['one', 'two', 'three', 'router']) {
      expect(await carrier(lab, board, 'a0'), board).to.equal(false);
      expect(await carrier(lab, board, 'b0'), board).to.equal(true);
    }
    expect(await reach()).to.deep.equal({ ...all, 'one A two': false, 'one A three': false });
  });

  it('switch-mute passes nothing with every carrier up', async () => {
    await lab.fault('switch-mute', 'B');
    expect(await carrier(lab, 'one', 'b0')).to.equal(true);
    expect(await reach()).to.deep.equal({ ...all, 'one B two': false, 'three B two': false });
  });

  it('trunk-down parts the two switches and nothing else', async () => {
    // A neighbour of the other network, asked for by A: only over the trunk.
    await lab.exec('one', ['ip', 'route', 'add', '20.1.1.3/32', 'dev', 'a0']);
    expect(await reaches(lab, 'one', 'a0', '20.1.1.3')).to.equal(true);
    await lab.fault('trunk-down');
    expect(await reaches(lab, 'one', 'a0', '20.1.1.3')).to.equal(false);
    expect(await reach()).to.deep.equal(all);
    await lab.heal('trunk-down');
    expect(await reaches(lab, 'one', 'a0', '20.1.1.3')).to.equal(true);
    await lab.exec('one', ['ip', 'route', 'delete', '20.1.1.3/32']);
  });

  for (const [kind, lost] of [
    ['one-way', 'requests'],
    ['deaf', 'answers'],
  ] as const) {
    it(`${kind} loses one direction: ${lost} of two`, async () => {
      await lab.fault(kind, 'two:A');
      // Each counts what it hears of the other's ARP requests for nobody.
      const table = `add table netdev heard
        add chain netdev heard in { type filter hook ingress device a0 priority 0; }
        add rule netdev heard in arp daddr ip 10.1.9.9 counter`;
      for (const board of ['one', 'two']) await lab.exec(board, ['nft', table]);
      const heard = async (by: string): Promise<boolean> => {
        const { stdout } = await lab.exec(by, ['nft', 'list table netdev heard']);
        await lab.exec(by, ['nft', 'delete table netdev heard']);
        return !stdout.includes('packets 0 ');
      };
      // A neighbour that was asked for in vain before would be asked for again only once a second.
      const ask = (board: string) =>
        lab.exec(board, ['sh', '-c', 'ip nei flush dev a0; ping -qc1 -W0.1 -I a0 10.1.9.9']);
      await ask('one');
      expect(await heard('two')).to.equal(kind === 'one-way');
      await ask('two');
      expect(await heard('one')).to.equal(kind === 'deaf');
      expect(await reach()).to.deep.equal({ ...all, 'one A two': false });
    });
  }

  it('loss loses a share of the frames of one link, and no more', async () => {
    await lab.fault('loss', 'two:A', '30%');
    // 200 pings lose 1 - 0.7² = 51 % on average; 30 to 72 % is six standard deviations.
    const ping = ['ping', '-q', '-f', '-c', '200', '-w', '20', '-I', 'a0', '10.1.1.2'];
    const { stdout } = await lab.exec('one', ping);
    const lost = Number(/([\d.]+)% packet loss/.exec(stdout)?.[1]);
    expect(lost).to.be.within(30, 72);
    expect(await reach()).to.include({ 'one B two': true, 'one A three': true });
  });

  it('partition keeps two sets apart on both networks and over the trunk', async () => {
    await lab.exec('one', ['ip', 'route', 'add', '20.1.1.3/32', 'dev', 'a0']);
    await lab.fault('partition', 'one|two,three');
    expect(await reach()).to.deep.equal({
      'one A two': false,
      'one B two': false,
      'one A three': false,
      'three B two': true,
    });
    expect(await reaches(lab, 'one', 'a0', '20.1.1.3'), 'over the trunk').to.equal(false);
    expect(await reaches(lab, 'one', 'a0', '10.1.1.254'), 'a board of neither set').to.equal(true);
    expect(await reaches(lab, 'two', 'b0', '20.1.1.254'), 'a board of neither set').to.equal(true);
    const second = await lab.fault('partition', 'two|three').catch((e: LabError) => e.code);
    expect(second).to.equal('FAULT_CONFLICT');
    await lab.heal();
    expect(await reaches(lab, 'one', 'a0', '20.1.1.3')).to.equal(true);
    await lab.exec('one', ['ip', 'route', 'delete', '20.1.1.3/32']);
  });

  it('crash silences a board on both networks at once; other faults stand when it returns', async () => {
    await lab.fault('link-down', 'two:B');
    await lab.fault('crash', 'two');
    expect(await reach()).to.deep.equal({ ...all, 'one A two': false, 'one B two': false, 'three B two': false });
    await lab.heal('crash', 'two');
    expect(await reaches(lab, 'one', 'a0', '10.1.1.2')).to.equal(true);
    expect(await carrier(lab, 'two', 'b0'), 'its link is still down').to.equal(false);
  });

  it('a board that leads outside crashes and returns, with that link as with the others', async () => {
    const outside = async () => (await lab.exec('outside', ['ping', '-n', '-q', '-c1', '-W1', '203.0.113.1'])).exitCode;
    for (let times = 0; times < 3; times++) {
      await lab.fault('crash', 'router');
      // At once: the kernel may not have taken the old link's other end away.
      await lab.heal('crash', 'router');
      expect(await outside()).to.equal(0);
    }
  });

  it('faults stand together, and healing one leaves the other', async () => {
    await lab.fault('switch-down', 'A');
    await lab.fault('link-down', 'two:A');
    await lab.fault('deaf', 'one:B');
    await lab.heal('switch-down', 'A');
    expect(await carrier(lab, 'two', 'a0')).to.equal(false);
    expect(await carrier(lab, 'one', 'a0')).to.equal(true);
    expect(await reach()).to.deep.equal({ ...all, 'one A two': false, 'one B two': false });
    const stray = await lab.heal('switch-down', 'A').catch((e: LabError) => e.message);
    expect(stray).to.contain('link-down two:A');
  });

  it('iface-down-up loses the routes of a device and leaves it up', async () => {
    await lab.exec('one', ['ip', 'route', 'add', '172.16.0.0/16', 'dev', 'b0']);
    await lab.fault('iface-down-up', 'one:B');
    expect((await lab.exec('one', ['ip', 'route'])).stdout).to.not.contain('172.16');
    expect(await until(() => carrier(lab, 'one', 'b0'))).to.equal(true);
  });

  it('flush-nft empties the rules of a board, and of no other', async () => {
    for (const board of ['one', 'two']) await lab.exec(board, ['nft', 'add table netdev softset']);
    await lab.fault('flush-nft', 'one');
    expect((await lab.exec('one', ['nft', 'list ruleset'])).stdout).to.equal('');
    expect((await lab.exec('two', ['nft', 'list ruleset'])).stdout).to.contain('softset');
    expect((await lab.exec('switch-a', ['nft', 'list ruleset'])).stdout).to.contain('lab');
  });
});
