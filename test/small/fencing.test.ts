import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Observer } from '@softset/lab';
import { expect } from 'chai';
import { patience, until } from '../e2e/bench.js';
import { SmallLab } from './small-lab.js';

const topology = `
trunk: true
cluster: chassis.yaml
snmp:
  community: lab-agents
  switches:
    A: { address: 10.1.250.1/16 }
    B: { address: 20.1.250.1/16 }
boards:
  ctl: { A: 10.1.1.1/16, B: 20.1.1.1/16 }
  io-1: { A: 10.1.1.11/16, B: 20.1.1.11/16 }
  io-2: { A: 10.1.1.12/16, B: 20.1.1.12/16 }
`;
const ports = (board: string): string =>
  `switchPorts: { A: { agent: switch-a, port: ${board} }, B: { agent: switch-b, port: ${board} } }`;
const cluster = `
version: 1
cluster: { name: fencing, number: 4716, keyFile: chassis.key }
timing: { intervalMs: 50, leaseMs: 1250, proofMs: 250 }
networks:
  A: { subnet: 10.1.0.0/16, device: a0, multicast: 224.0.0.254 }
  B: { subnet: 20.1.0.0/16, device: b0, multicast: 224.0.0.254 }
boards:
  ctl: { id: 1, role: control, A: 10.1.1.1, B: 20.1.1.1, vote: true }
  io-1: { id: 2, role: io, A: 10.1.1.11, B: 20.1.1.11, vote: true, ${ports('io-1')} }
  io-2: { id: 3, role: io, A: 10.1.1.12, B: 20.1.1.12, vote: true, ${ports('io-2')} }
services:
  vault: { addresses: [192.168.1.1/32], pool: [io-1, io-2], takeover: strict, fencing: switch-port }
  quick: { addresses: [192.168.1.2/32], pool: [io-1, io-2], fencing: switch-port }
snmp:
  boards: [ctl]
  listen: [udp:10161]
  agents:
    switch-a: { number: 65, addresses: [10.1.250.1], communityFile: agents.snmp }
    switch-b: { number: 66, addresses: [20.1.250.1], communityFile: agents.snmp }
`;

describe('fencing by switch ports, with agents of real switches', function () {
  this.timeout(120_000 * patience);
  let chassis: SmallLab;
  let judge: Observer;

  before(async () => {
    chassis = await SmallLab.ofTexts(`fencing-${process.pid}`, topology, cluster);
    community('lab-agents');
    await chassis.untilWell();
    judge = await chassis.lab.observer(['192.168.1.1']);
  });
  after(async () => {
    await judge?.stop();
    await chassis?.stop();
  });

  const community = (word: string): void =>
    writeFileSync(join(chassis.lab.dir, 'agents.snmp'), `${word}\n`, { mode: 0o600 });
  const holders = (): string => chassis.holders('vault', 'quick');
  const become = (wanted: string) =>
    until(`vault and quick are on ${wanted}`, () => (holders() === wanted ? true : undefined)).catch((error: Error) =>
      expect.fail(`${error.message}, but on ${holders()}; ${JSON.stringify(chassis.alarms)}`),
    );
  const cutOff = (board: string, ...others: string[]) => chassis.lab.fault('partition', `${board}|${others.join(',')}`);
  /** Of the switch's own kernel: `<BROADCAST,MULTICAST,UP>` of the board's port. */
  const isUp = async (network: 'a' | 'b', board: string): Promise<boolean> =>
    /[<,]UP[,>]/.test((await chassis.lab.exec(`switch-${network}`, ['ip', '-o', 'link', 'show', board])).stdout);

  it('a holder that hears nobody is cut off at both switches; only then the strict service moves', async () => {
    await become('io-1 io-1');
    const sinceMs = judge.mark();
    await cutOff('io-1', 'ctl', 'io-2');
    await become('io-2 io-2');
    expect([await isUp('a', 'io-1'), await isUp('b', 'io-1')]).to.deep.equal([false, false]);
    expect([await isUp('a', 'io-2'), await isUp('b', 'io-2')], 'nobody else’s').to.deep.equal([true, true]);
    const alarm = await until('FENCED', () => chassis.alarm('FENCED', 'board/io-1'));
    expect(alarm.text).to.include('softset board unfence io-1');
    expect(chassis.softset('why', 'vault').out).to.include('vault moved');
    expect((await judge.read(sinceMs)).holdersMax, 'boards that answered at one time').to.be.at.most(1);
  });

  it('healed, it stays cut off until an operator puts its ports up, who is told first how they are', async () => {
    await chassis.lab.heal();
    await sleep(2000);
    expect(chassis.state?.boards.find(({ name }) => name === 'io-1')?.verdict).to.not.equal('up');
    const look = chassis.softset('board', 'unfence', 'io-1', '--dry-run');
    expect([look.code, look.err]).to.deep.equal([0, '']);
    expect(look.out).to.include('network A: port io-1 of switch-a is down');
    expect(await isUp('a', 'io-1'), 'a dry run does nothing').to.equal(false);
    const done = chassis.softset('board', 'unfence', 'io-1');
    expect([done.code, done.err]).to.deep.equal([0, '']);
    await chassis.untilWell();
    await until('no alarm FENCED', () => (chassis.alarm('FENCED') === undefined ? true : undefined));
    expect(holders(), 'nothing moves back for it').to.equal('io-2 io-2');
  });

  it('a switch that does not obey is alarmed, and the strict service does not move; it does when the switch obeys', async () => {
    community('a-word-that-no-switch-knows');
    const sinceMs = judge.mark();
    await cutOff('io-2', 'ctl', 'io-1');
    const alarm = await until('FENCE_FAILED', () => chassis.alarm('FENCE_FAILED', 'board/io-2'));
    expect(alarm.severity).to.equal('critical');
    expect(alarm.text).to.include('strict services that it held do not move').and.include('AGENT_SILENT');
    await until('the fast one has moved', () => (chassis.holders('quick') === 'io-1' ? true : undefined));
    // Several leases: what is given up by time alone would have moved by then.
    await sleep(4000);
    expect(chassis.holders('vault')).to.equal('-');
    expect([await isUp('a', 'io-2'), await isUp('b', 'io-2')]).to.deep.equal([true, true]);
    community('lab-agents');
    await become('io-1 io-1');
    expect([await isUp('a', 'io-2'), await isUp('b', 'io-2')]).to.deep.equal([false, false]);
    await until('no alarm FENCE_FAILED', () => (chassis.alarm('FENCE_FAILED') === undefined ? true : undefined));
    expect((await judge.read(sinceMs)).holdersMax, 'boards that answered at one time').to.be.at.most(1);
  });

  it('a rule sets a variable of a switch: a port goes down, and up again when the rule is armed again', async () => {
    await chassis.lab.heal();
    expect(chassis.softset('board', 'unfence', 'io-2').code).to.equal(0);
    await chassis.untilWell();
    const { stdout } = await chassis.lab.exec('switch-b', ['ip', '-o', 'link', 'show', 'io-2']);
    const [, index = ''] = /^(\d+):/.exec(stdout) ?? [];
    const set = (value: string): string =>
      `{ snmp-set: { agent: switch-b, object: ifAdminStatus.${index}, value: ${value} } }`;
    mkdirSync(join(chassis.lab.dir, 'rules'), { recursive: true });
    writeFileSync(
      join(chassis.lab.dir, 'rules/rules.yaml'),
      `version: 1
rules:
  - name: one network for what is drained
    when: board.io-2.drained is true
    do: [ ${set('down')} ]
    else: [ { alarm: { severity: major, text: "the switch does not obey" } } ]
    on_clear: [ ${set('up')} ]
`,
    );
    await until('the rules run', () => (chassis.softset('status').out.includes('rules: 1 rule') ? true : undefined));
    expect(chassis.softset('board', 'drain', 'io-2').code).to.equal(0);
    await until('its port is down', async () => ((await isUp('b', 'io-2')) ? undefined : true));
    expect(await isUp('a', 'io-2'), 'the other').to.equal(true);
    await until('why says so', () =>
      chassis
        .softset('why', 'rule', 'one network for what is drained')
        .out.includes(`snmp-set switch-b ifAdminStatus.${index} down: done`)
        ? true
        : undefined,
    );
    expect(chassis.softset('board', 'activate', 'io-2').code).to.equal(0);
    await until('its port is up', async () => ((await isUp('b', 'io-2')) ? true : undefined));
    await chassis.untilWell();
  });

  it('a board without switch ports cannot be put up, and says so', () => {
    const { code, err } = chassis.softset('board', 'unfence', 'ctl');
    expect(code).to.equal(1);
    expect(err).to.include('the cluster file has no switchPorts of ctl');
  });
});
