import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Chassis, startChassis } from '@softset/cli/demo/chassis.js';
import { calmTiming } from '@softset/cli/demo/cluster-file.js';
import { echo, publicAddress } from '@softset/cli/demo/programs.js';
import { openSealer } from '@softset/netrack/adapters/sealer.js';
import { encodeBeat } from '@softset/protocol/beat.js';
import { expect } from 'chai';
import { beatOfIo3 } from '../e2e/beat-of-io3.js';
import { alarms, holderOf, patience, until, untilWell } from '../e2e/bench.js';
import { pulseReport } from '../e2e/pulse-report.js';

/** Sends its argument, base64, from a port of its own to cpu-1's pulse on network A, again and again for half a second. */
const REPEATED = `
const socket = require('node:dgram').createSocket('udp4');
const beats = process.argv.slice(1).map((text) => Buffer.from(text, 'base64'));
socket.bind(() => {
  const timer = setInterval(() => {
    const beat = beats.shift();
    if (beat) socket.send(beat, 7413, '10.1.1.1');
    else { clearInterval(timer); socket.close(); }
  }, 10);
});
`;

/**
 * Real daemons on a whole chassis, at slow beats. The service is strict: two boards never answer for it, not even under
 * (c) of M1, and the judge on both switches sees every answer.
 */
describe('a chassis under faults', function () {
  this.timeout(120_000 * patience);
  let chassis: Chassis;

  before(async () => {
    chassis = await startChassis({
      name: `faults-${process.pid}`,
      timing: calmTiming,
      web: false,
      programs: { echo: echo() },
      services: {
        media: { addresses: [`${publicAddress}/32`], pool: ['cpu-1', 'cpu-2'], programs: ['echo'], takeover: 'strict' },
      },
    });
    await untilWell(chassis);
  });
  after(() => chassis?.stop());
  afterEach(async () => {
    await chassis.lab.heal();
    await untilWell(chassis);
  });

  /** Never two boards, and no MAC that is nobody's. */
  async function onlyOne(sinceMs: number): Promise<void> {
    const { holdersMax, unknown } = await chassis.observer.read(sinceMs);
    expect(holdersMax, 'boards that answered at one time').to.equal(1);
    expect(unknown).to.deep.equal([]);
  }

  function grant(): string {
    const at = chassis.director();
    const media = at === undefined ? undefined : chassis.state(at)?.services.find((one) => one.service === 'media');
    return media?.holder ? `${media.holder.board} ${media.holder.grant.term}.${media.holder.grant.n}` : 'nobody';
  }

  /** Nothing moved: the same board under the same grant, once all is well again. */
  async function unmoved(before: string, sinceMs: number): Promise<void> {
    await chassis.lab.heal();
    await untilWell(chassis);
    expect(grant()).to.equal(before);
    await onlyOne(sinceMs);
  }

  async function answers(sinceMs: number): Promise<void> {
    expect(await chassis.prober.answered(sinceMs + 200, 15_000 * patience), 'the service answers').to.equal(true);
  }

  it('a partition with the holder on the minority side: it falls silent, the majority serves, healing moves nothing', async () => {
    const { holder, standby } = await holderOf(chassis);
    const sides = `${holder},io-1|${standby},ccn,io-2,io-3,router-1`;
    const { atMs } = await chassis.lab.fault('partition', sides);
    await until('the majority’s director gives it to the standby', () =>
      chassis.holder() === standby ? true : undefined,
    );
    expect(await chassis.prober.answered(chassis.prober.mark(), 15_000 * patience, standby)).to.equal(true);
    await chassis.lab.heal();
    await untilWell(chassis);
    expect(chassis.holder()).to.equal(standby);
    await onlyOne(atMs);
  });

  for (const [fault, what] of [
    ['one-way', 'the holder hears on A and is not heard'],
    ['deaf', 'the holder is heard on A and hears nobody'],
  ] as const) {
    it(`a link that works one way: ${what}; named, and nothing moves`, async () => {
      const { holder } = await holderOf(chassis);
      const before = grant();
      const { atMs } = await chassis.lab.fault(fault, `${holder}:A`);
      await until('the direction is named', () => {
        const heard = [...chassis.witnesses.values()].flatMap((witness) => witness.heardSince(atMs));
        return heard.find((one) => one.kind === 'one-way' && one.target.endsWith(':A'));
      });
      await answers(chassis.prober.mark());
      await unmoved(before, atMs);
    });
  }

  it('30 % loss on both networks: nothing moves', async () => {
    const before = grant();
    const sinceMs = chassis.observer.mark();
    // 16 % at each end of a way are 30 % on it.
    for (const { name } of chassis.lab.topology.boards)
      for (const network of ['A', 'B']) await chassis.lab.fault('loss', `${name}:${network}`, '16%');
    await sleep(5_000);
    await unmoved(before, sinceMs);
  });

  it('a flapping link: nothing moves, and the service answers', async () => {
    const { holder } = await holderOf(chassis);
    const before = grant();
    const sinceMs = chassis.observer.mark();
    for (let flaps = 0; flaps < 8; flaps++) {
      await chassis.lab.fault('link-down', `${holder}:A`);
      await sleep(120);
      await chassis.lab.heal('link-down', `${holder}:A`);
      await sleep(180);
    }
    await answers(chassis.prober.mark());
    await unmoved(before, sinceMs);
  });

  it('the director’s daemons are stopped for ten seconds: another directs, and one board at most holds', async () => {
    const director = await until('a director', () => chassis.director());
    const { atMs } = await chassis.lab.fault('freeze', director);
    await until('another directs', () => {
      // What the frozen one said last still stands with whoever listens to it.
      const others = [...chassis.witnesses.values()].filter(({ board }) => board !== director);
      return others.find(({ state }) => state?.directing === true);
    });
    await sleep(Math.max(0, 10_000 - (chassis.observer.mark() - atMs)));
    await chassis.lab.heal('thaw', director);
    await untilWell(chassis);
    await answers(chassis.prober.mark());
    await onlyOne(atMs);
  });

  it('a duplicate board id: refused and alarmed, and nothing moves', async () => {
    const before = grant();
    const sinceMs = chassis.observer.mark();
    const sealer = openSealer({ keyFile: join(chassis.lab.dir, 'chassis.key') });
    if (!sealer.ok) throw new Error(sealer.message);
    const own = await pulseReport(chassis.lab.board('io-3').runDir);
    const refused = async () =>
      (await pulseReport(chassis.lab.board('cpu-1').runDir)).refused.BEAT_DUPLICATE_BOARD ?? 0;
    const refusedBefore = await refused();
    const twin = { boot: 'feedfacefeedface', mac: '02:ff:00:00:00:05', term: own.term, director: own.director };
    const beats = Array.from({ length: 50 }, (_, i) =>
      encodeBeat(beatOfIo3({ ...twin, sequence: i + 1 }), sealer.value),
    );
    const texts = beats.map((bytes) => Buffer.from(bytes).toString('base64'));
    await chassis.lab.exec('io-2', [process.execPath, '-e', REPEATED, ...texts]);
    const alarm = await until('the alarm', () => alarms(chassis).find((one) => one.cause === 'DUPLICATE_BOARD'));
    expect(alarm.object).to.equal('board/5');
    expect(await refused()).to.be.above(refusedBefore);
    await unmoved(before, sinceMs);
  });

  it('somebody flushes the ruleset: seen, alarmed on that board, no second holder, the service comes back', async () => {
    const { holder } = await holderOf(chassis);
    const { atMs } = await chassis.lab.fault('flush-nft', holder);
    const alarm = await until('the alarm', () => alarms(chassis).find((one) => one.cause === 'RULESET_FLUSHED'));
    const board = chassis.state(holder)?.boards.find((one) => one.name === holder)?.board;
    expect(alarm.object).to.equal(`board/${board}`);
    await answers(atMs);
    await untilWell(chassis);
    await onlyOne(atMs);
    const table = await chassis.lab.exec(await until('a holder', () => chassis.holder()), ['nft', 'list', 'ruleset']);
    expect(table.stdout, 'the element stands again').to.include(publicAddress);
  });

  for (const network of ['A', 'B'] as const) {
    it(`somebody takes the holder's interface on ${network} down and up: seen, no second holder, the service comes back`, async () => {
      const { holder } = await holderOf(chassis);
      const { atMs } = await chassis.lab.fault('iface-down-up', `${holder}:${network}`);
      await until('somebody who noticed', () => {
        const seen = [...chassis.witnesses.values()].flatMap((witness) => witness.heardSince(atMs));
        return seen.find((one) => one.target === `${holder}:${network}`);
      });
      await answers(atMs);
      await untilWell(chassis);
      await onlyOne(atMs);
    });
  }
});
