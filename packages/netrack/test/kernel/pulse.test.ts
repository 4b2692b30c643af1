import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Chassis, LEASE_MS, PUBLIC } from './pulse-chassis.js';
import { inNamespace, suite, until } from './relay-namespace.js';

const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** A wired chassis for `body`, and nothing of it afterwards. */
async function onChassis(body: (chassis: Chassis) => Promise<void>): Promise<void> {
  const chassis = await new Chassis().wire();
  try {
    await body(chassis);
  } finally {
    chassis.close();
  }
}

/** Both pulses up, board 2 directing, board 1 holding the address. */
async function held(chassis: Chassis) {
  const [first, second] = [chassis.pulse(1), chassis.pulse(2)];
  await Promise.all([first.ready(), second.ready()]);
  const director = await chassis.directed();
  await director.reports('board 1 is heard', ({ boards }) => boards[0]?.verdict === 'up');
  const netrackd = await chassis.taken();
  expect(await chassis.answered(), 'the element stands').to.equal(true);
  return { first, second, director, netrackd };
}

async function silent(chassis: Chassis): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (!(await chassis.answered())) return true;
    await pause(50);
  }
  return false;
}

suite('netrack-pulse, real processes', () => {
  inNamespace(import.meta.url, 'hear one another on both networks, and see an interface go down and come back', () =>
    onChassis(async (chassis) => {
      await Promise.all([chassis.pulse(1).ready(), chassis.pulse(2).ready()]);
      const [one, two] = [await chassis.client(1, 'watch'), await chassis.client(2, 'watch')];
      const paths =
        (a: boolean, b: boolean) => (report: { boards: readonly { paths: { A: boolean; B: boolean } }[] }) =>
          report.boards[0]?.paths.A === a && report.boards[0].paths.B === b;
      await one.reports('board 2 by both', paths(true, true));
      await two.reports('board 1 by both', paths(true, true));
      chassis.ip(1, 'link set a0 down');
      await one.reports('own carrier lost', ({ carrier }) => !carrier.A);
      await two.reports('told by the other network', paths(false, true));
      expect(two.report()?.boards[0]).to.deep.include({ verdict: 'up', carrier: { A: false, B: true } });
      chassis.ip(1, 'link set a0 up');
      await one.reports('carrier back', ({ carrier }) => carrier.A);
      await two.reports('both again', paths(true, true));
    }),
  );

  inNamespace(import.meta.url, 'the address answers while its element is renewed, and no longer (L1, L7)', () =>
    onChassis(async (chassis) => {
      const { director, netrackd } = await held(chassis);
      for (let ms = 0; ms < 1.5 * LEASE_MS; ms += 100) {
        await pause(100);
        expect([await chassis.answered(), netrackd.losses()], `renewed, ${ms} ms on`).to.deep.equal([true, []]);
      }
      expect(chassis.ip(1, 'addr show dev a0')).to.contain(`${PUBLIC}/32`);
      await director.ask({ kind: 'vouch', id: 9, term: 1, boards: [] });
      await until(
        'the lease ends',
        () => netrackd.losses().length > 0,
        () => netrackd.report(),
      );
      expect(netrackd.losses()).to.deep.equal(['expired']);
      expect(await chassis.answered()).to.equal(false);
      expect(chassis.ip(1, 'addr show dev a0')).to.not.contain(PUBLIC);
    }),
  );

  inNamespace(
    import.meta.url,
    'a frozen pulse holds nothing for longer than a lease: the kernel falls silent alone',
    () =>
      onChassis(async (chassis) => {
        const { first, netrackd } = await held(chassis);
        first.child.kill('SIGSTOP');
        expect(await silent(chassis)).to.equal(true);
        first.child.kill('SIGCONT');
        await until(
          'it sees that it lost the address',
          () => netrackd.losses().length > 0,
          () => netrackd.report(),
        );
        expect(await chassis.answered(), 'a thawed pulse revives nothing (L3)').to.equal(false);
      }),
  );

  inNamespace(import.meta.url, 'a pulse that was killed and came back goes on holding, as a new incarnation', () =>
    onChassis(async (chassis) => {
      const { first, director } = await held(chassis);
      // The one that comes back needs nobody to tell it anything.
      first.child.kill('SIGKILL');
      await first.ended;
      expect(await chassis.answered(), 'the kernel answers meanwhile').to.equal(true);
      await chassis.pulse(1).ready();
      const watch = await chassis.client(1, 'watch');
      await watch.reports(
        'it resumed',
        ({ incarnation, term, held: leases }) => incarnation === 2 && term === 1 && leases.length === 1,
      );
      await director.reports(
        'its new life is heard',
        ({ boards }) => boards[0]?.incarnation === 2 && boards[0].verdict === 'up',
      );
      await pause(1.5 * LEASE_MS);
      expect([await chassis.answered(), watch.losses()], 'renewed by the new life').to.deep.equal([true, []]);
    }),
  );

  inNamespace(
    import.meta.url,
    'a pulse that died on a board that lives is told from a dead board: its port is refused',
    () =>
      onChassis(async (chassis) => {
        const [, second] = await Promise.all([chassis.pulse(1).ready(), chassis.pulse(2).ready()]);
        const watch = await chassis.client(1, 'watch');
        await watch.reports('board 2 is heard', ({ boards }) => boards[0]?.verdict === 'up');
        second.child.kill('SIGKILL');
        await watch.reports(
          'its pulse is gone, its kernel lives',
          ({ boards }) => boards[0]?.verdict === 'stalled' && boards[0].pulseDead,
        );
        await chassis.pulse(2).ready();
        await watch.reports('and it is back', ({ boards }) => boards[0]?.verdict === 'up' && !boards[0].pulseDead);
        expect(watch.report()?.refused, 'no probe was taken for a beat').to.not.have.property('BEAT_SHORT');
      }),
  );

  inNamespace(import.meta.url, 'somebody flushes the ruleset: seen, put back, nothing held, alarmed', () =>
    onChassis(async (chassis) => {
      const { netrackd } = await held(chassis);
      chassis.nft(1, 'flush', 'ruleset');
      await netrackd.reports('the alarm', ({ alarms }) => alarms.some(({ cause }) => cause === 'RULESET_FLUSHED'));
      expect(netrackd.losses()).to.deep.equal(['flushed']);
      expect(netrackd.report()?.held).to.deep.equal([]);
      const table = chassis.nft(1, 'list', 'table', 'netdev', 'softset');
      for (const part of ['set lease4', 'set public4', 'ingress_a0', 'egress_b0', PUBLIC])
        expect(table).to.contain(part);
      expect(await chassis.answered()).to.equal(false);
    }),
  );

  inNamespace(import.meta.url, 'a release that the kernel refuses is not told as done: the pulse ends (M2)', () =>
    onChassis(async (chassis) => {
      const { first, netrackd } = await held(chassis);
      // A set of another type in the place of ours: nothing can be taken out of it, and it cannot be put back.
      const spoilt = 'flush ruleset; add table netdev softset; add set netdev softset lease4 { type inet_service; }';
      netrackd.send({ kind: 'release', id: 9, service: 'media', grant: { term: 1, n: 1 } });
      await until('told', () => netrackd.messages.some(({ kind }) => kind === 'released'));
      await chassis.taken(2);
      first.child.kill('SIGSTOP');
      netrackd.send({ kind: 'release', id: 10, service: 'media', grant: { term: 1, n: 2 } });
      chassis.nft(1, spoilt);
      first.child.kill('SIGCONT');
      // By itself, or by libnftables, which does not survive every set that it did not make.
      expect(await first.ended).to.not.equal(0);
      expect(netrackd.messages.filter(({ kind }) => kind === 'released').length).to.equal(1);
    }),
  );

  inNamespace(import.meta.url, 'SIGTERM stops it cleanly and leaves the element to its own end', () =>
    onChassis(async (chassis) => {
      const { first } = await held(chassis);
      first.child.kill('SIGTERM');
      expect(await first.ended).to.equal(0);
      expect(chassis.nft(1, 'list', 'set', 'netdev', 'softset', 'lease4')).to.contain('expires');
      expect(await silent(chassis)).to.equal(true);
    }),
  );

  inNamespace(
    import.meta.url,
    'a key that others can read is refused, and a second pulse for one board names the first',
    () =>
      onChassis(async (chassis) => {
        const first = await chassis.pulse(1).ready();
        const second = chassis.pulse(1);
        expect(await second.ended).to.equal(1);
        const pid = /"pid":(\d+)/.exec(first.stderr)?.[1] ?? 'no pid';
        expect(second.stderr).to.contain('two netrack-pulse were started for board b1').and.to.contain(pid);
        chmodSync(join(chassis.folder, 'key'), 0o644);
        const careless = chassis.pulse(2);
        expect(await careless.ended).to.equal(1);
        expect(careless.stderr).to.contain('KEY_EXPOSED').and.to.contain('chmod 0600');
      }),
  );

  inNamespace(import.meta.url, 'a local client may ask only what is its own to ask, or is cut off', () =>
    onChassis(async (chassis) => {
      await chassis.pulse(1).ready();
      const watch = await chassis.client(1, 'watch');
      watch.send({ kind: 'follow', id: 1, term: 9, director: 1 });
      await until(
        'it is cut off',
        () => watch.closed,
        () => watch.messages,
      );
      const other = await chassis.client(1, 'watch');
      await other.reports('nothing came of it', ({ term }) => term === 0);
    }),
  );
});
