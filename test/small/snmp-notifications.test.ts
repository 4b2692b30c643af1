import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { patience, until } from '../e2e/bench.js';
import { boards, letters, missingTool, numberOf, oid, SnmpLab } from './snmp-lab.js';
import { allNotifications } from './snmp-seen.js';

const sysName = '1.3.6.1.2.1.1.5.0';
/** SOFTSET-MIB's notifications, by their last number. */
const DOWN = 1;
const UP = 2;
const STALLED = 3;
const LINK_DOWN = 4;
const LINK_UP = 5;
const NETWORK_FAILED = 6;
const NETWORK_RESTORED = 7;
const SERVICE_MOVED = 8;
const SERVICE_LOST = 9;
const PROGRAM_FAILED = 10;
const QUORUM_LOST = 11;
const QUORUM_REGAINED = 12;
const CONFIG_DIFFERS = 13;
const ALARM_RAISED = 14;
const ALARM_CLEARED = 15;
const DIRECTOR_CHANGED = 16;
const NO_SPARE = 17;

/** Whoever waits for want of a director tells after two seconds: after this nothing comes twice any more. */
const lateMs = 2500;

describe('SNMP/ag tells what happens, once, to a real snmptrapd while faults are played', function () {
  this.timeout(180_000 * patience);
  let lab: SnmpLab;
  before(async function () {
    // Debian packages snmpd, snmp, snmptrapd and udhcpc.
    if (missingTool() !== undefined) this.skip();
    lab = await SnmpLab.up('e2e-snmp-told');
  });
  after(() => lab?.down());

  async function well(): Promise<void> {
    await lab.chassis.lab.heal();
    for (const board of boards) {
      await lab.says(board, 'softsetBoardsUp', [0], '3');
      await lab.says(board, 'softsetServicesHeld', [0], '2');
    }
  }
  afterEach(() => well());

  const follower = async () => {
    const { name } = await lab.director();
    return boards.find((board) => board !== name && board !== 'ccn') ?? 'cpu-2';
  };

  it('a board that crashes: its row, an error at once in its context, stale rows, one word; and so its return', async () => {
    const dead = await follower();
    const others = boards.filter((board) => board !== dead);
    const interfaceOf = async (board: string) =>
      (await lab.walk(board, oid('softsetInterfaceAgent'))).match(new RegExp(`\\.(\\d+) "${dead}"`))?.[1];
    const row = Number(await until('its interfaces are merged', () => interfaceOf(others[0] ?? '')));
    const mark = lab.told.length;
    await lab.chassis.lab.fault('crash', dead);
    for (const board of others) {
      await lab.says(board, 'softsetBoardState', [numberOf(dead)], '6');
      expect(await lab.get(board, sysName, dead)).to.include('genError');
      await lab.says(board, 'softsetAgentState', [numberOf(dead)], '4');
      await lab.says(board, 'softsetInterfaceStale', [row], '1');
      expect(await lab.get(board, `1.3.6.1.2.1.2.2.1.8.${row}`), 'ifOperStatus unknown').to.equal('4');
      const living = others.find((one) => one !== board) ?? board;
      expect(await lab.get(board, sysName, living), 'and costs others nothing').to.equal(`"${living}"`);
    }
    await lab.hears(mark, DOWN, `"${dead}"`);
    await lab.chassis.lab.heal('crash', dead);
    await lab.hears(mark, UP, `"${dead}"`);
    for (const board of others) {
      await lab.says(board, 'softsetAgentState', [numberOf(dead)], '2');
      await lab.says(board, 'softsetInterfaceStale', [row], '2');
    }
    await sleep(lateMs);
    expect(lab.since(mark, DOWN, `"${dead}"`), 'told once').to.have.length(1);
  });

  it('the director crashes: its successor tells it once, services move with from, to, cause and outage, and the management address follows', async () => {
    const { name: dead } = await lab.director();
    // A rule moves it within a second or so of a change; at the start it may still be on its way.
    await lab.says('ccn', 'softsetServiceHolder', letters('management'), String(numberOf(dead)));
    const mark = lab.told.length;
    await lab.chassis.lab.fault('crash', dead);
    await lab.hears(mark, DIRECTOR_CHANGED);
    await lab.hears(mark, DOWN, `"${dead}"`);
    const management = letters('management').join('.');
    const moved = await until('it is told from where the management address went', () =>
      lab.since(mark, SERVICE_MOVED, management).find((line) => line.includes(`"${dead}"`)),
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${lab.told.slice(mark).join('\n')}`);
    });
    // The last object: softsetNotifyOutage, in ms.
    expect(Number(/7413\.10\.5\.0 = Gauge32: (\d+)/.exec(moved)?.[1]), moved).to.be.within(1, 60_000);
    const next = await lab.director();
    expect(next.name).to.not.equal(dead);
    const left = boards.filter((board) => board !== dead);
    for (const board of left) {
      await lab.says(board, 'softsetServiceHolder', letters('management'), String(next.number));
    }
    const asked = left.find((board) => board !== next.name) ?? next.name;
    const front = await until('who asks there asks the director', async () => {
      const said = await lab.tool(asked, 'get', [oid('softsetReportingBoard', 0)], '', '192.168.1.254');
      return said === `"${next.name}"` ? said : undefined;
    });
    expect(front).to.equal(`"${next.name}"`);
    await sleep(lateMs);
    for (const [number, what] of [
      [DOWN, `"${dead}"`],
      [DIRECTOR_CHANGED, ''],
    ] as const) {
      expect(lab.since(mark, number, what), `${number} once:\n${lab.told.slice(mark).join('\n')}`).to.have.length(1);
    }
  });

  it('a board whose pulse hangs is told as stalled', async () => {
    const board = await follower();
    const mark = lab.told.length;
    await lab.chassis.lab.fault('freeze', board);
    await lab.hears(mark, STALLED, `"${board}"`);
    await lab.chassis.lab.heal('thaw', board);
    await lab.hears(mark, UP, `"${board}"`);
  });

  it('a link, then a whole network, that goes and comes', async () => {
    const board = await follower();
    const mark = lab.told.length;
    await lab.chassis.lab.fault('link-down', `${board}:B`);
    await lab.hears(mark, LINK_DOWN, `"${board}"`);
    await lab.chassis.lab.heal('link-down', `${board}:B`);
    await lab.hears(mark, LINK_UP, `"${board}"`);
    await lab.chassis.lab.fault('switch-down', 'B');
    await lab.hears(mark, NETWORK_FAILED);
    await lab.chassis.lab.heal('switch-down', 'B');
    await lab.hears(mark, NETWORK_RESTORED);
    await sleep(lateMs);
    expect(lab.since(mark, NETWORK_FAILED), 'told once').to.have.length(1);
  });

  it('a program that is given up', async () => {
    const mark = lab.told.length;
    await until('it is given up', async () => {
      await lab.chassis.lab.fault('program-kill', 'ccn:frail').catch(() => undefined);
      return lab.since(mark, PROGRAM_FAILED)[0];
    });
    expect(lab.since(mark, PROGRAM_FAILED)[0]).to.include(letters('frail').join('.'));
  });

  it('no spare is left for a service: an alarm, which ends when there is one', async () => {
    const mark = lab.told.length;
    await lab.chassis.lab.fault('crash', 'cpu-2');
    await lab.hears(mark, ALARM_RAISED, '"NO_SPARE"');
    await lab.hears(mark, NO_SPARE, '"service/');
    await lab.chassis.lab.heal('crash', 'cpu-2');
    await lab.hears(mark, ALARM_CLEARED, '"NO_SPARE"');
  });

  it('another cluster file on one board', async () => {
    const board = await follower();
    const mark = lab.told.length;
    const file = lab.chassis.clusterFile;
    const text = readFileSync(file, 'utf8');
    const again = async () => {
      for (const daemon of ['netrack-pulse', 'netrackd']) await lab.chassis.lab.board(board).init.kill(daemon);
    };
    writeFileSync(file, text.replace('"deaths": 1000', '"deaths": 999'));
    await again();
    try {
      await lab.hears(mark, CONFIG_DIFFERS);
    } finally {
      writeFileSync(file, text);
      await again();
    }
  });

  it('quorum lost, and with it the services; regained: nobody directs, and it is told all the same', async () => {
    const mark = lab.told.length;
    const left = boards.find((board) => board === lab.chassis.holder()) ?? 'cpu-1';
    for (const board of boards) if (board !== left) await lab.chassis.lab.fault('crash', board);
    await lab.hears(mark, QUORUM_LOST);
    await lab.hears(mark, SERVICE_LOST, letters('media').join('.'));
    for (const board of boards) if (board !== left) await lab.chassis.lab.heal('crash', board);
    await lab.hears(mark, QUORUM_REGAINED);
  });

  it('no notification of SOFTSET-MIB was left out, by v3 and by v2c', () => {
    const untold = (numbers: ReadonlySet<number>) => allNotifications.filter(([id]) => !numbers.has(id));
    const byUser = allNotifications.filter(([id]) => lab.since(0, id).length > 0).map(([id]) => id);
    expect(untold(new Set(byUser)), 'by v3').to.deep.equal([]);
    expect(untold(lab.toldByCommunity), 'by v2c').to.deep.equal([]);
  });
});
