import { type Chassis, startChassis } from '@softset/cli/demo/chassis.js';
import { calmTiming } from '@softset/cli/demo/cluster-file.js';
import { expect } from 'chai';
import { alarms, holderOf, patience, until, untilWell } from './bench.js';

describe('a holder whose kernel somebody meddles with', function () {
  this.timeout(180_000 * patience);
  let chassis: Chassis;

  before(async () => {
    chassis = await startChassis({ name: 'e2e-disturbed', timing: calmTiming, web: false });
    await untilWell(chassis);
  });
  after(() => chassis?.stop());

  async function backFor(sinceMs: number): Promise<void> {
    expect(await chassis.prober.answered(sinceMs + 200, 15_000 * patience)).to.equal(true);
    await untilWell(chassis);
    const { holdersMax, unknown } = await chassis.observer.read(sinceMs);
    expect(holdersMax).to.equal(1);
    expect(unknown).to.deep.equal([]);
  }

  it('flushes the ruleset: seen, alarmed, no second holder, the service comes back', async () => {
    const { holder } = await holderOf(chassis);
    const { atMs } = await chassis.lab.fault('flush-nft', holder);
    const alarm = await until('the alarm', () => alarms(chassis).find((one) => one.cause === 'RULESET_FLUSHED'));
    const raiser = chassis.state(holder)?.boards.find((board) => board.board === alarm.raisedBy);
    expect(raiser?.name).to.equal(holder);
    await backFor(atMs);
    const table = await chassis.lab.exec(await until('a holder', () => chassis.holder()), ['nft', 'list', 'ruleset']);
    expect(table.stdout, 'the element stands again').to.include('192.168.1.1');
  });

  for (const network of ['A', 'B'] as const) {
    it(`takes its interface on ${network} down and up: seen, no second holder, the service comes back`, async () => {
      const { holder } = await holderOf(chassis);
      const { atMs } = await chassis.lab.fault('iface-down-up', `${holder}:${network}`);
      await until('somebody who noticed', () => {
        const seen = [...chassis.witnesses.values()].flatMap((witness) => witness.heardSince(atMs));
        return seen.find((one) => one.target === `${holder}:${network}`);
      });
      await backFor(atMs);
    });
  }
});
