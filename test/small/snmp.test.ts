import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { patience, until } from '../e2e/bench.js';
import { boards, letters, missingTool, numberOf, oid, SnmpLab, slotAddress } from './snmp-lab.js';

const sysName = '1.3.6.1.2.1.1.5.0';
const sysLocation = '1.3.6.1.2.1.1.6.0';
const ifName = '1.3.6.1.2.1.31.1.1.1.1';
const ifAdminStatus = '1.3.6.1.2.1.2.2.1.7';
const dot1dTpFdbPort = '1.3.6.1.2.1.17.4.3.1.2';
const lldpLocSysName = '1.0.8802.1.1.2.1.3.3.0';

describe('SNMP/ag in the lab: real daemons, a real snmpd on every board and switch', function () {
  this.timeout(180_000 * patience);
  let lab: SnmpLab;
  before(async function () {
    // Debian packages snmpd, snmp, snmptrapd and udhcpc.
    if (missingTool() !== undefined) this.skip();
    lab = await SnmpLab.up('e2e-snmp');
  });
  after(() => lab?.down());
  afterEach(async () => {
    await lab.look('cpu-1');
  });

  it('snmptable prints the tables that a chassis has rows of', async () => {
    for (const [table, row] of [
      ['softsetBoardTable', /ccn\|control\|up/],
      ['softsetLinkTable', /20\.1\.1\.20\|b0\|up/],
      ['softsetProgramTable', /snmpagd'?\|up/],
      ['softsetServiceTable', /held\|\d\|(cpu-1|cpu-2|ccn)/],
      ['softsetPoolTable', /\|cpu-2/],
      ['softsetAddressTable', /192\.168\.1\.254\|32/],
      ['softsetRuleTable', /management\.yaml/],
      ['softsetAgentTable', /switch-b\|answering/],
      ['softsetInterfaceTable', /switch-a\|\d+\|trunk/],
      ['IF-MIB::ifTable', /trunk/],
    ] as const) {
      await lab.prints('cpu-1', table, row);
    }
  });

  it('a walk by v2c with a community of our own finds what one by v3 finds; a mapped one shows a switch', async () => {
    const names = (text: string) => text.split('\n').map((line) => line.split(' ')[0]);
    const [v3, v2c] = [await lab.look('cpu-2'), await lab.look('cpu-2', 'v2c')];
    expect(names(v3).length).to.be.greaterThan(200);
    expect(names(v2c)).to.deep.equal(names(v3));
    const mapped = ['snmpget', '-v2c', '-c', 'lab-switch-a', '-m', '', '-Oqvn', '127.0.0.1:10161', sysName];
    expect((await lab.chassis.lab.board('cpu-2').exec(mapped)).stdout.trim()).to.equal('"switch-a"');
  });

  it('snmptranslate finds every object by its name', async () => {
    const { stdout } = await lab.translate('-Tl');
    for (const name of ['softsetBoardState', 'softsetServiceMoved', 'softsetCompliance']) {
      expect(stdout).to.match(new RegExp(`softsetMIB\\(7413\\)\\..*${name}\\(\\d+\\)`));
    }
    const described = await lab.translate('-On', '-Td', 'SOFTSET-MIB::softsetBoardState.2');
    expect(described.stdout).to.include('.7413.2.1.1.4.2').and.include('stalled: its kernel answers');
  });

  it('ENTITY-MIB lists boards, switches and their contexts, ENTITY-STATE-MIB how they are', async () => {
    // Debian has no text of these MIBs.
    const physical = await lab.walk('ccn', '1.3.6.1.2.1.47.1.1.1.1.7');
    for (const name of [...boards, 'switch-a', 'switch-b']) expect(physical).to.include(`"${name}"`);
    const contexts = await lab.walk('ccn', '1.3.6.1.2.1.47.1.2.1.1.8');
    for (const name of [...boards, 'switch-a', 'switch-b']) expect(contexts).to.include(`"${name}"`);
    expect((await lab.walk('ccn', '1.3.6.1.2.1.131.1.1.1.3')).split('\n').length).to.be.greaterThan(4);
  });

  it("each control board relays every board's and every switch's own agent, live", async () => {
    for (const board of boards) {
      for (const name of [...boards, 'switch-a', 'switch-b']) {
        await until(`${board} relays ${name}`, async () =>
          (await lab.get(board, sysName, name)) === `"${name}"` ? true : undefined,
        );
      }
    }
    expect(await lab.set('ccn', sysLocation, 's', 'slot 2', 'cpu-2')).to.equal('"slot 2"');
    expect(await lab.get('cpu-1', sysLocation, 'cpu-2'), 'at once, by another front').to.equal('"slot 2"');
    expect(await lab.walk('cpu-1', ifName, 'cpu-2')).to.match(/"a0"/);
    expect(await lab.tool('cpu-1', 'bulkwalk', [ifName], 'switch-a')).to.match(/"trunk"/);
  });

  it('a board that is reached by one network alone is relayed by that', async () => {
    await lab.chassis.lab.fault('link-down', 'cpu-2:A');
    for (const board of ['cpu-1', 'ccn']) {
      await until(`${board} reaches it by B`, async () =>
        (await lab.get(board, sysName, 'cpu-2')) === '"cpu-2"' ? true : undefined,
      );
      await lab.says(board, 'softsetLinkPath', [2, 1], '3');
    }
    await lab.prints('cpu-1', 'softsetFaultTable', /linkFailed.*cpu-2:A/);
    await lab.look('cpu-1');
    await lab.chassis.lab.heal('link-down', 'cpu-2:A');
    for (const board of boards) await lab.says(board, 'softsetLinkPath', [2, 1], '2');
  });

  it('a switch answers from its bridge: who is at which port; and from what is declared: VLANs, LLDP, aggregates', async () => {
    // 02:00 and the bytes of 10.1.1.2: cpu-2's device on A, as its port on the bridge was heard.
    const mac = [2, 0, 10, 1, 1, 2].join('.');
    const basePort = await until('cpu-2 is learned', async () => {
      const said = await lab.get('ccn', `${dot1dTpFdbPort}.${mac}`, 'switch-a');
      return /^\d+$/.test(said) ? said : undefined;
    });
    // On a busy machine an agent that runs a script may be silent for a moment.
    const says = (object: string, wanted: RegExp) =>
      until(
        `switch-a has ${wanted} at ${object}`,
        async () => wanted.exec(await lab.get('ccn', object, 'switch-a'))?.[0],
      );
    const ifIndex = await says(`1.3.6.1.2.1.17.1.4.1.2.${basePort}`, /^\d+$/);
    await says(`${ifName}.${ifIndex}`, /^"cpu-2"$/);
    // Q-BRIDGE-MIB, LLDP-MIB, IEEE8023-LAG-MIB.
    await says(`1.3.6.1.2.1.17.7.1.2.2.1.2.1.${mac}`, new RegExp(`^${basePort}$`));
    await says(lldpLocSysName, /^"switch-a"$/);
    await says('1.2.840.10006.300.43.1.1.1.1.6.1', /^7$/);
    // A table that is behind, in two places at once, and then one that is slow.
    lab.chassis.lab.overlay('A', { fdbId: 1, placed: { '02:00:0a:01:01:02': ['ccn', 'cpu-1'] } });
    await until('what is declared counts', async () => {
      const said = await lab.get('ccn', `${dot1dTpFdbPort}.${mac}`, 'switch-a');
      return /^\d+$/.test(said) && said !== basePort ? true : undefined;
    });
    lab.chassis.lab.overlay('A', { delayMs: 60_000 });
    expect(await lab.get('ccn', `${dot1dTpFdbPort}.${mac}`, 'switch-a')).to.match(/genError/);
    lab.chassis.lab.overlay('A', {});
  });

  it('a SET of ifAdminStatus takes a port of the switch down, and NETRACK sees it', async () => {
    const names = await lab.walk('cpu-1', ifName, 'switch-b');
    const index = /\.(\d+) "?cpu-2"?$/m.exec(names)?.[1];
    expect(index, names).to.be.a('string');
    expect(await lab.set('cpu-1', `${ifAdminStatus}.${index}`, 'i', 2, 'switch-b')).to.equal('2');
    for (const board of ['cpu-1', 'ccn']) await lab.says(board, 'softsetLinkPath', [2, 2], '3');
    await lab.prints('cpu-1', 'softsetFaultTable', /cpu-2:B.*switch-b says that its port cpu-2 is down/);
    expect(await lab.set('ccn', `${ifAdminStatus}.${index}`, 'i', 1, 'switch-b')).to.equal('1');
    for (const board of boards) await lab.says(board, 'softsetLinkPath', [2, 2], '2');
  });

  it('SETs of softsetBoardAdmin: maintenance, drained, in service; all boards agree, and a drained holder gives up', async () => {
    const media = letters('media');
    const holder = await until('a holder', () => lab.chassis.holder());
    const other = holder === 'cpu-1' ? 'cpu-2' : 'cpu-1';
    const admin = (board: string) => oid('softsetBoardAdmin', numberOf(board));
    expect(await lab.set('ccn', admin(other), 'i', 2)).to.equal('2');
    for (const board of boards) await lab.says(board, 'softsetBoardAdmin', [numberOf(other)], '2');
    expect(await lab.set('ccn', admin(other), 'i', 1)).to.equal('1');
    for (const board of boards) await lab.says(board, 'softsetBoardAdmin', [numberOf(other)], '1');
    expect(await lab.set(holder, admin(holder), 'i', 3)).to.equal('3');
    for (const board of boards) await lab.says(board, 'softsetServiceHolder', media, String(numberOf(other)));
    expect(await lab.set('ccn', admin(holder), 'i', 1)).to.equal('1');
    for (const board of boards) await lab.says(board, 'softsetBoardAdmin', [numberOf(holder)], '1');
  });

  it('a SET of softsetBoardAdmin to standby: an active board takes what it holds, it takes over, and gives it back', async () => {
    const media = letters('media');
    const admin = (board: string) => oid('softsetBoardAdmin', numberOf(board));
    const spare = await until('a holder', () => lab.chassis.holder());
    const active = spare === 'cpu-1' ? 'cpu-2' : 'cpu-1';
    const holds = async (board: string) => {
      for (const one of boards) await lab.says(one, 'softsetServiceHolder', media, String(numberOf(board)));
    };
    expect(await lab.set('ccn', admin(spare), 'i', 4)).to.equal('4');
    await holds(active);
    expect(await lab.set('ccn', admin(active), 'i', 4), 'nobody of the pool would be active').to.include(
      'inconsistentValue',
    );
    await lab.chassis.lab.fault('crash', active);
    await until(`${spare} takes over`, () => (lab.chassis.holder() === spare ? true : undefined));
    await lab.chassis.lab.heal('crash', active);
    await holds(active);
    // In one SET, both at once: they change places.
    const line = [admin(spare), 'i', '1', admin(active), 'i', '4'];
    expect(await lab.tool('ccn', 'set', line)).to.equal('1\n4');
    await holds(spare);
    expect(await lab.set('ccn', admin(active), 'i', 1)).to.equal('1');
    for (const board of boards) await lab.says(board, 'softsetBoardAdmin', [numberOf(active)], '1');
  });

  it('a SET of softsetServiceHolderWanted moves the service', async () => {
    const holder = await until('a holder', () => lab.chassis.holder());
    const standby = numberOf(holder === 'cpu-1' ? 'cpu-2' : 'cpu-1');
    const media = letters('media');
    expect(await lab.set('ccn', oid('softsetServiceHolderWanted', ...media), 'u', standby)).to.equal(String(standby));
    for (const board of boards) await lab.says(board, 'softsetServiceHolder', media, String(standby));
    expect(await lab.set('ccn', oid('softsetServiceHolderWanted', ...media), 'u', 3), 'not of its pool').to.include(
      'inconsistentValue',
    );
  });

  it('a SET of softsetProgramOrder restarts, stops and starts a program, whichever board is asked', async () => {
    const program = [3, ...letters('frail')];
    const pid = async () => {
      const said = await lab.get('ccn', oid('softsetProgramPid', ...program));
      return /^[1-9]\d*$/.test(said) ? said : undefined;
    };
    const before = await until('it runs', pid);
    expect(await lab.set('ccn', oid('softsetProgramOrder', ...program), 'i', 4)).to.equal('4');
    await until('another process', async () => {
      const now = await pid();
      return now !== undefined && now !== before ? true : undefined;
    });
    expect(await lab.set('ccn', oid('softsetProgramOrder', ...program), 'i', 3)).to.equal('3');
    await lab.says('ccn', 'softsetProgramState', program, '2');
    expect(await lab.set('cpu-1', oid('softsetProgramOrder', ...program), 'i', 2)).to.equal('2');
    const again = await until('it runs again', pid);
    expect(await lab.set('cpu-2', oid('softsetProgramOrder', ...program), 'i', 4)).to.equal('4');
    await until('yet another process', async () => {
      const now = await pid();
      return now !== undefined && now !== again ? true : undefined;
    });
    expect(await lab.set('cpu-2', oid('softsetProgramOrder', ...program), 'i', 3)).to.equal('3');
    for (const board of boards) await lab.says(board, 'softsetProgramState', program, '2');
    expect(await lab.set('cpu-1', oid('softsetProgramOrder', ...program), 'i', 2)).to.equal('2');
    await until('and again', pid);
  });

  it('a SET of softsetAlarmOrder clears an alarm on all boards; all that was SET is in the journal with who did it', async () => {
    const alarm = { object: 'board/cpu-2', cause: 'FAN_SLOW', severity: 'minor', text: 'by hand' } as const;
    const raised = { ...alarm, raisedAtMs: Date.now(), raisedBy: 3 };
    await lab.chassis.witnesses.get('ccn')?.netrack.call('alarm', { alarm: raised });
    // Numbers are each agent's own.
    const number = await until(
      'it stands',
      async () => /\.(\d+) "FAN_SLOW"/.exec(await lab.walk('ccn', oid('softsetAlarmCause')))?.[1],
    );
    await lab.prints('cpu-1', 'softsetAlarmTable', /board\/cpu-2\|FAN_SLOW\|minor\|by hand/);
    await lab.look('cpu-1');
    expect(await lab.set('ccn', oid('softsetAlarmOrder', Number(number)), 'i', 2)).to.equal('2');
    for (const board of boards) {
      await until(`${board} has it no more`, async () =>
        (await lab.walk(board, oid('softsetAlarmCause'))).includes('FAN_SLOW') ? undefined : true,
      );
    }
    const journal = boards.map((board) => {
      const { stateDir } = lab.chassis.lab.board(board);
      return readFileSync(join(stateDir, 'snmpagd.journal'), 'utf8');
    });
    for (const kind of ['admin', 'move', 'program', 'alarm-clear']) {
      const line = journal
        .join('\n')
        .split('\n')
        .find((one) => one.includes('"set-done"') && one.includes(`"${kind}"`));
      expect(line, kind).to.include('"user":"operator"');
    }
  });

  it('snmpd is restarted by a SET of its own program, and comes back under PSRM', async () => {
    const snmpd = [1, ...letters('snmpd')];
    const pid = oid('softsetProgramPid', ...snmpd);
    const before = await until('a process', async () => {
      const said = await lab.get('cpu-1', pid);
      return /^[1-9]\d*$/.test(said) ? said : undefined;
    });
    // The answer may be lost with the snmpd that should bring it.
    await lab.set('cpu-1', oid('softsetProgramOrder', ...snmpd), 'i', 4);
    await until('another process', async () => {
      const said = await lab.get('cpu-1', pid);
      return /^[1-9]\d*$/.test(said) && said !== before ? true : undefined;
    });
  });

  it('addresses by switch port: who has which, and which a stranger uses', async () => {
    const { name: director } = await lab.director();
    const [asks = '', stranger = ''] = boards.filter((board) => board !== director);
    const address = (what: 'add' | 'del') =>
      lab.chassis.lab.board(stranger).exec(['ip', 'addr', what, `${slotAddress(asks)}/16`, 'dev', 'a0']);
    await lab.geodhcpd(director);
    await lab.prints(director, 'softsetDhcpPortTable', new RegExp(`slot-${asks}\\|a\\|${slotAddress(asks)}`));
    await lab.asksForAddress(stranger, 10);
    await lab.prints(director, 'softsetDhcpLeaseTable', new RegExp(`${slotAddress(stranger)}.*switch-a/${stranger}`));
    await address('add');
    // Nobody answers it: the address is another's.
    await lab.asksForAddress(asks, 4);
    await lab.prints(director, 'softsetDhcpConflictTable', new RegExp(`${slotAddress(asks)}.*switch-a/${asks}`));
    await lab.look(director);
    await address('del');
  });

  it('Prometheus is told by every daemon how it is and what it sees', async () => {
    const { name: director } = await lab.director();
    for (const [daemon, line] of [
      ['netrack-pulse', /^softset_pulse_hears\{network="B",peer="(cpu-\d|ccn)"\} 1$/m],
      ['netrackd', /^softset_netrackd_service_held\{service="media"\} 1$/m],
      ['psrmd', /^softset_psrmd_program_up\{program="snmpagd"\} 1$/m],
      ['redirectd', /^softset_redirectd_deciding 1$/m],
      ['geodhcpd', /^softset_geodhcp_messages_total\{/m],
      ['snmpagd', /^softset_snmpagd_serving 1$/m],
    ] as const) {
      const told = await lab.metrics(director, daemon);
      expect(told, daemon)
        .to.match(line)
        .and.match(/^process_resident_memory_bytes \d{7,}$/m);
      expect(told, daemon).to.include(`softset_daemon_info{board="${director}",daemon="${daemon}",`);
      for (const one of told.trim().split('\n')) {
        expect(one, daemon).to.match(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{.+\})? (-?[\d.e+-]+|NaN|\+Inf))$/);
      }
    }
  });

  it('nothing of SOFTSET-MIB was left out: every table with rows, every object, every SET', () => {
    expect(lab.seen.missing).to.deep.equal({ tables: [], objects: [], sets: [] });
  });
});
